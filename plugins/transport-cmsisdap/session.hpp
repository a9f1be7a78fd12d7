// The conversation with one open probe: requests, their responses, and what to do when these do not
// come or do not fit.
#pragma once

#include "bus.hpp"
#include "packets.hpp"
#include "protocol.hpp"

#include <flashhost/host.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace flashhost::cmsisdap {

// What the probe says about itself.
struct ProbeFacts {
  std::size_t packet_size = 0;  // most bytes of a request or response
  std::size_t in_flight = 1;    // requests that may be outstanding
  std::string protocol_version;
  std::string firmware_version;
};

// How a session is to be held.
enum class Care : std::uint8_t {
  normal,
  one_by_one,  // one request at a time, since something went wrong with several
};

// What outlives a session with a probe.
struct History {
  std::size_t owed = 0;  // requests that it may still answer
  bool refuses = false;  // the last request could not be sent
};

// [one thread] Every method throws Errc::probe when the probe is gone, silent or out of step; see
// lost().
class Session {
 public:
  // Makes sure that the probe is in step, and asks what it can. host and history must outlive it.
  Session(Host &host, std::unique_ptr<Pipe> pipe, const FoundProbe &probe, Care care,
          History &history);
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;
  ~Session();

  [[nodiscard]] const ProbeFacts &facts() const { return facts_; }

  // A command that may be done twice, whose response is one status byte. doing: "setting the SWD
  // clock". Throws Errc::probe, too, when the probe refuses it or does not know it.
  void run(const Bytes &request, std::string_view doing);
  // The same for one that a probe may lack, or whose response says nothing of use.
  void try_to_run(const Bytes &request, std::string_view doing);
  // Makes the probe drive the wires in SWD mode; NRST is released.
  void open_port();

  // One packet: send, later receive, in the same order. At most facts().in_flight between them.
  void send(const Packet &packet, std::span<const adiv5::Operation> all);
  // limit: how long the response may take. Throws when the response is none to this packet, but
  // returns Misfit::unsupported.
  [[nodiscard]] Result receive(const Packet &packet, std::span<adiv5::Operation> all,
                               Nanoseconds limit);

  // From now on the session is lost. Throws Errc::probe.
  [[noreturn]] void lose(const std::string &problem, std::string_view doing);
  // True after an error that only opening the probe again can repair.
  [[nodiscard]] bool lost() const { return lost_; }
  // True if it was lost by a wrong or missing response.
  [[nodiscard]] bool out_of_step() const { return out_of_step_; }

 private:
  struct Response {
    UsbStatus status = UsbStatus::done;
    Bytes data;
  };
  struct Answer {         // to a command
    std::string problem;  // empty: the response is good
    UsbStatus status = UsbStatus::done;
    bool unsupported = false;
    Bytes data;
  };
  struct Info {
    std::string problem;
    UsbStatus status = UsbStatus::done;
    std::optional<Bytes> value;  // empty: the probe says nothing
  };

  [[nodiscard]] UsbStatus send(const Bytes &request);
  [[nodiscard]] Response take(Nanoseconds limit);
  void drain(Nanoseconds patience);
  // One attempt. length: of the response.
  [[nodiscard]] Answer ask(const Bytes &request, std::size_t length);
  // Another attempt where the first response was wrong.
  [[nodiscard]] Answer ask_surely(const Bytes &request, std::size_t length, std::string_view doing);
  [[nodiscard]] std::optional<Bytes> ask_info(InfoId id, std::string_view what);
  [[nodiscard]] Info ask_info_once(InfoId id);
  // After it, the next response is that to the next request, unless there is a problem.
  [[nodiscard]] Answer settle();
  [[nodiscard]] bool is_packet_size(const Bytes &response) const;
  void get_in_step(const std::string &problem, std::string_view doing);
  [[nodiscard]] std::string problem_of(UsbStatus status);
  [[nodiscard]] std::string problem_of(Misfit misfit, std::size_t size) const;
  void identify(const FoundProbe &probe, Care care);
  void require_swd();
  [[noreturn]] void refuse(const std::string &problem, std::string_view doing) const;

  Host &host_;
  std::unique_ptr<Pipe> pipe_;
  ProbeFacts facts_;
  History &history_;
  bool lost_ = false;
  bool out_of_step_ = false;
};

}  // namespace flashhost::cmsisdap
