// An open session with the simulated board.
#pragma once

#include "flash_storage.hpp"
#include "sim_settings.hpp"
#include "wire.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/host.hpp>
#include <flashhost/machine/target.hpp>

#include <memory>
#include <string>

namespace flashhost::sim {

[[nodiscard]] std::string probe_serial(const SimSettings &settings);
inline constexpr const char *probe_product = "simulated ST-Link";

// A chip and its flash, powered from now on. Must outlive the probes that use it.
struct SimBoard {
  SimBoard(const machine::Config &config, std::unique_ptr<FlashStorage> storage);
  std::unique_ptr<FlashStorage> flash;
  machine::Target target;
};

class SimProbe final : public cortex_m::DebugProbe {
 public:
  // Makes a board of its own. host must outlive the probe.
  SimProbe(Host &host, const SimSettings &settings, std::uint32_t speed_hz);
  SimProbe(Host &host, SimSettings settings, std::uint32_t speed_hz,
           std::shared_ptr<SimBoard> board);
  SimProbe(const SimProbe &) = delete;
  SimProbe &operator=(const SimProbe &) = delete;
  // A firmware that was started and is left running runs on for settings.run_time, and the log
  // reports what it did.
  ~SimProbe() override;

  [[nodiscard]] ProbeInfo info() override;
  void attach(AttachMode mode) override;
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override;
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override;
  [[nodiscard]] std::uint32_t read_register(CoreRegister which) override;
  void write_register(CoreRegister which, std::uint32_t value) override;
  [[nodiscard]] Nanoseconds now() override;
  void sleep(Nanoseconds time) override;

 protected:
  void pulse_reset_pin() override;

 private:
  void connect(AttachMode mode);
  void attach_under_reset();
  void drive_nrst(std::uint8_t level);
  // Part of a command: what the probe does to read or write a core register.
  void transfer_register(std::uint32_t selector);
  void log_what_is_left();
  [[nodiscard]] bool firmware_was_started();
  void run_firmware();
  void log_model_notes();

  Host &host_;
  SimSettings settings_;
  std::shared_ptr<SimBoard> board_;
  machine::Target &target_;
  Wire wire_;
  std::uint64_t resets_before_ = 0;
  bool connected_ = false;
};

}  // namespace flashhost::sim
