// The wires to the target, through a CMSIS-DAP probe.
#pragma once

#include "bus.hpp"
#include "known_probes.hpp"
#include "session.hpp"

#include <flashhost/adiv5.hpp>
#include <flashhost/host.hpp>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace flashhost::cmsisdap {

class CmsisDapWire final : public adiv5::Wire {
 public:
  // host must outlive it. Opens the probe. port: by which it is found again; empty: its serial
  // number is enough.
  CmsisDapWire(Host &host, std::shared_ptr<Bus> bus, std::shared_ptr<Clock> clock,
               const FoundProbe &found, std::string port);
  CmsisDapWire(const CmsisDapWire &) = delete;
  CmsisDapWire &operator=(const CmsisDapWire &) = delete;
  ~CmsisDapWire() override;

  [[nodiscard]] adiv5::WireInfo info() override;
  void connect() override;
  std::optional<std::uint32_t> set_clock(std::uint32_t hertz) override;
  void sequence(std::span<const std::uint8_t> data, std::size_t bits) override;
  void drive_nrst(bool low) override;
  [[nodiscard]] adiv5::Outcome transfer(std::span<adiv5::Operation> operations,
                                        adiv5::Order order) override;
  [[nodiscard]] Nanoseconds now() override;
  void sleep(Nanoseconds time) override;

 private:
  // Whether the probe has DAP_TransferBlock.
  enum class Blocks : std::uint8_t { untried, work, missing };
  using Packets = std::deque<Packet>;

  void talk(const FoundProbe &found, std::unique_ptr<Pipe> pipe);
  void reopen();
  // How the attempts to open it again went so far.
  struct Attempts {
    bool silent = false;
    bool was_reset = false;
  };
  // False: it is not there.
  bool open_again(Attempts &attempts);
  void open_port();
  [[nodiscard]] Session &session();
  void apply_clock();
  [[nodiscard]] std::size_t allowed(const Packets &under_way, std::span<const adiv5::Operation> all,
                                    adiv5::Order order) const;
  [[nodiscard]] adiv5::Outcome run(std::span<adiv5::Operation> all, adiv5::Order order);
  // Sends as many packets as may be under way. next: the first operation that is in none.
  void send_packets(std::span<const adiv5::Operation> all, adiv5::Order order, Packets &under_way,
                    std::size_t &next);
  [[nodiscard]] Result receive(const Packet &packet, std::span<adiv5::Operation> all);
  // Takes the responses of what was under way when something failed. True if nothing of it was
  // done, as the port is closed.
  [[nodiscard]] bool abandon(Packets &under_way, std::span<adiv5::Operation> all);

  Host &host_;
  std::shared_ptr<Bus> bus_;
  std::shared_ptr<Clock> clock_;
  std::string serial_;
  std::string name_;  // for messages
  std::string port_;
  std::string product_;
  std::string firmware_;
  Traits traits_;
  History history_;
  std::unique_ptr<Session> session_;
  Care care_ = Care::normal;
  Blocks blocks_ = Blocks::untried;
  std::uint32_t clock_hz_;
  bool clock_applied_ = false;
  bool nrst_low_ = false;
};

}  // namespace flashhost::cmsisdap
