// An open session with one target, through an ST-Link.
#pragma once

#include "bus.hpp"
#include "session.hpp"

#include <flashhost/access.hpp>
#include <flashhost/cortex_m.hpp>
#include <flashhost/host.hpp>

#include <memory>
#include <optional>
#include <string>

namespace flashhost::stlink {

struct ProbeSettings {
  std::string serial;  // of the probe, complete
  std::optional<std::uint32_t> speed_hz;
  std::string port;  // empty: the serial number is enough to find it again
};

class StlinkProbe final : public cortex_m::DebugProbe {
 public:
  // host must outlive it. found: the probe with that serial.
  StlinkProbe(Host &host, std::shared_ptr<Bus> bus, std::shared_ptr<Clock> clock,
              const FoundProbe &found, ProbeSettings settings);
  StlinkProbe(const StlinkProbe &) = delete;
  StlinkProbe &operator=(const StlinkProbe &) = delete;
  ~StlinkProbe() override;

  [[nodiscard]] ProbeInfo info() override;
  // After the probe was lost: waits for one with the same serial and opens it again.
  void attach(AttachMode mode) override;
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override;
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override;
  [[nodiscard]] std::uint32_t read_register(CoreRegister which) override;
  void write_register(CoreRegister which, std::uint32_t value) override;
  void write_registers(std::span<const RegisterValue> values) override;
  [[nodiscard]] Nanoseconds now() override;
  void sleep(Nanoseconds time) override;

 protected:
  void pulse_reset_pin() override;

 private:
  void open(const FoundProbe &found);
  void reopen();
  [[nodiscard]] Session &session();
  [[nodiscard]] Width possible(Width width) const;
  [[nodiscard]] AccessLimits limits() const;

  Host &host_;
  std::shared_ptr<Bus> bus_;
  std::shared_ptr<Clock> clock_;
  ProbeSettings settings_;
  std::unique_ptr<Session> session_;
  std::string product_;
  bool attached_ = false;
};

}  // namespace flashhost::stlink
