// The conversation with one probe: sends commands, checks replies. Gets back in step when a reply
// was lost, and keeps working on a poor SWD connection.
#pragma once

#include "bus.hpp"
#include "protocol.hpp"

#include <flashhost/host.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::stlink {

// Where the status of a command is found.
enum class StatusAt : std::uint8_t {
  none,   // there is none: any reply of the right length is good
  reply,  // first byte of the reply
  after,  // by another command
};

// Whether a command may be repeated when it is not known if the probe has executed it.
enum class Repeat : std::uint8_t { never, harmless };

struct Request {
  std::string_view doing;  // "reading", "writing the register"
  std::uint32_t address = 0;
  std::uint32_t length = 0;  // of memory; 0: no memory access
  Command command{};
  // g++ warns without the initializer.
  std::span<const std::uint8_t> payload{};  // NOLINT(readability-redundant-member-init)
  std::size_t reply = status_size;
  StatusAt status = StatusAt::reply;
  Repeat repeat = Repeat::harmless;
};

// [one thread] Throws Errc::probe when the probe is gone or out of step (see lost()) or SWD does
// not answer any more, Errc::target when connecting to the target fails or it answers only WAIT,
// Errc::memory_fault when it refused an access.
class Session {
 public:
  // host and clock must outlive it. Finds out the probe's version; resets a probe that does not
  // answer.
  Session(Host &host, Clock &clock, std::unique_ptr<Pipe> pipe, std::uint16_t product);
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;
  ~Session();

  [[nodiscard]] const Version &version() const { return version_; }
  [[nodiscard]] const Features &features() const { return features_; }
  [[nodiscard]] std::optional<int> millivolts();
  [[nodiscard]] std::uint32_t speed_hz() const { return clocks_[clock_].hz; }
  [[nodiscard]] std::uint32_t debug_port_id() const { return debug_port_id_; }

  // Errc::config when the probe has no clock as slow as wish.
  void choose_speed(std::optional<std::uint32_t> wish);
  // Gets the probe from any mode into SWD with the access port open. nrst: level of the reset pin
  // meanwhile. Tries slower clocks if the chosen one does not work.
  void connect(NrstLevel nrst);
  void drive_nrst(NrstLevel level);
  // Leaves the debug mode, so that the probe releases the target's debug port.
  void disconnect();

  [[nodiscard]] Bytes run(const Request &request);
  // True after an error that only opening the probe again can repair.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  enum class Outcome : std::uint8_t { ok, silent, damaged, stalled, gone };
  struct Reply {
    Outcome outcome = Outcome::ok;
    Bytes data;
    std::string problem;
  };

  [[nodiscard]] Reply exchange(const Command &command, std::span<const std::uint8_t> payload,
                               std::size_t size, Nanoseconds limit);
  [[nodiscard]] Reply receive(std::size_t size, Nanoseconds limit);
  // Replies are read in whole packets: one that is too long must be noticed, not cut off.
  [[nodiscard]] std::size_t whole_packets(std::size_t size) const;
  [[nodiscard]] static Reply as_reply(Bytes reply, const Transfer &received, std::size_t size);
  [[nodiscard]] static Reply failed(UsbStatus status, std::string_view what);
  [[nodiscard]] Reply attempt(const Request &request);
  [[nodiscard]] Nanoseconds wire_time(std::uint32_t bytes) const;

  void identify();
  [[nodiscard]] bool take_version(const Reply &reply);
  [[nodiscard]] bool answers();  // the version comes, correctly
  void flush();
  // Gets back in step after a wrong reply. True when that needed a USB reset.
  bool resynchronise(const Reply &reply);
  [[noreturn]] void give_up_gone(const Reply &reply);
  [[noreturn]] void give_up_silent(const Reply &reply);
  [[noreturn]] void give_up_lost(const Reply &reply, std::string_view doing);
  [[noreturn]] void give_up(const std::string &what, const std::string &hint);

  void apply_speed();
  void take_slower_clock();
  [[nodiscard]] bool has_slower_clock() const;
  // Enters SWD. Returns the first status that is not good, or a good one. Repeats nothing.
  [[nodiscard]] std::uint8_t enter_once(NrstLevel nrst);
  void clear_sticky_errors();
  void mend_line(std::uint8_t status);
  [[noreturn]] void refuse(const Request &request, std::uint8_t status, const Bytes &reply);
  // Runs a command of which only the status matters.
  [[nodiscard]] std::uint8_t status_of(const Command &command, std::string_view doing);

  Host &host_;
  Clock &time_;
  std::unique_ptr<Pipe> pipe_;
  std::uint16_t product_;
  Bytes version_reply_;
  Version version_;
  Features features_;
  std::vector<SwdClock> clocks_;  // fastest first
  std::size_t clock_ = 0;
  int line_errors_ = 0;  // at this clock
  std::uint32_t debug_port_id_ = 0;
  bool connected_ = false;
  bool lost_ = false;
};

}  // namespace flashhost::stlink
