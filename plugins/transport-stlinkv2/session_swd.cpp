// The target's side of a session: entering SWD, its clock, its errors.
#include "limits.hpp"
#include "session.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost::stlink {

namespace {

constexpr std::uint8_t access_port = 0;
constexpr std::uint32_t abort_clear_errors = 0x1E;
// A status that no probe sends; stands for a target whose identification makes no sense.
constexpr std::uint8_t no_identification = 0x09;

}  // namespace

std::uint8_t Session::status_of(const Command &command, std::string_view doing) {
  const Reply reply = exchange(command, {}, status_size, reply_limit);
  if (reply.outcome == Outcome::ok) return reply.data.front();
  resynchronise(reply);
  const Reply again = exchange(command, {}, status_size, reply_limit);
  if (again.outcome == Outcome::ok) return again.data.front();
  give_up_lost(again, doing);
}

std::optional<int> Session::millivolts() {
  if (!features_.voltage) return std::nullopt;
  return parse_millivolts(run({.doing = "measuring the target's voltage",
                               .command = get_voltage(),
                               .reply = voltage_size,
                               .status = StatusAt::none}));
}

void Session::choose_speed(std::optional<std::uint32_t> wish) {
  if (!wish) return;
  const auto found =
      std::ranges::find_if(clocks_, [&](const SwdClock &clock) { return clock.hz <= *wish; });
  if (found == clocks_.end()) {
    throw Error(Errc::config, fmt::format("the probe has no SWD clock as slow as {} Hz", *wish),
                fmt::format("Its slowest is {} kHz{}.", clocks_.back().hz / 1000,
                            features_.frequency || features_.frequency_v3
                                ? ""
                                : ", the only one of its firmware " + version_.text));
  }
  clock_ = static_cast<std::size_t>(found - clocks_.begin());
}

void Session::apply_speed() {
  const SwdClock &clock = clocks_[clock_];
  if (features_.frequency_v3) {
    static_cast<void>(run({.doing = "setting the SWD clock",
                           .command = set_frequency_v3(clock.hz / 1000),
                           .reply = frequency_v3_size}));
  } else if (features_.frequency) {
    static_cast<void>(
        run({.doing = "setting the SWD clock", .command = set_divisor(clock.divisor)}));
  }
}

bool Session::has_slower_clock() const {
  return clock_ + 1 < clocks_.size();
}

// Takes a clock at most half as fast: if one clock fails, the next lower one usually does, too.
void Session::take_slower_clock() {
  const std::uint32_t before = speed_hz();
  while (has_slower_clock() && speed_hz() > before / 2) ++clock_;
  line_errors_ = 0;
}

std::uint8_t Session::enter_once(NrstLevel nrst) {
  std::uint8_t status = status_of(enter_swd(), "entering SWD");
  if (meaning(status) != Meaning::good) return status;
  // Entering SWD may release the pin.
  if (nrst == NrstLevel::low) drive_nrst(nrst);
  if (features_.open_ap) {
    status = status_of(open_ap(access_port), "opening the access port");
    if (meaning(status) != Meaning::good) return status;
  }
  const Reply ids = exchange(read_idcodes(), {}, idcodes_size, reply_limit);
  if (ids.outcome != Outcome::ok) {
    resynchronise(ids);
    return no_identification;
  }
  if (meaning(ids.data.front()) != Meaning::good) return ids.data.front();
  const std::uint32_t id = word_at(ids.data, 4);
  if (id == 0 || id == ~std::uint32_t{0}) return no_identification;
  debug_port_id_ = id;
  if (features_.dap) clear_sticky_errors();
  return ids.data.front();
}

void Session::connect(NrstLevel nrst) {
  connected_ = false;
  const std::size_t chosen = clock_;
  for (int tries = 1;; ++tries) {
    const std::optional<Mode> mode = parse_mode(run({.doing = "asking for the probe's mode",
                                                     .command = get_mode(),
                                                     .reply = mode_size,
                                                     .status = StatusAt::none}));
    if (!mode || *mode == Mode::bootloader) {
      give_up("the probe is in its boot loader",
              "Its firmware is missing or being updated: ST's STSW-LINK007 installs it.");
    }
    if (*mode != Mode::mass) {
      static_cast<void>(run({.doing = "leaving the probe's mode",
                             .command = leave(*mode),
                             .reply = 0,
                             .status = StatusAt::none}));
    }
    apply_speed();
    if (nrst == NrstLevel::low) drive_nrst(nrst);
    const std::uint8_t status = enter_once(nrst);
    if (meaning(status) == Meaning::good) {
      connected_ = true;
      if (clock_ != chosen) {
        host_.warning("SWD does not work at {} kHz: going on at {} kHz. Shorter wires help.",
                      clocks_[chosen].hz / 1000, speed_hz() / 1000);
      }
      return;
    }
    if (tries >= most_connect_clocks || !has_slower_clock()) {
      clock_ = chosen;
      throw cortex_m::no_answer(
          nrst == NrstLevel::low ? AttachMode::under_reset : AttachMode::attach, describe(status));
    }
    const std::uint32_t before = speed_hz();
    take_slower_clock();
    host_.debug("no answer at {} kHz ({}): trying {} kHz", before / 1000, describe(status),
                speed_hz() / 1000);
  }
}

void Session::drive_nrst(NrstLevel level) {
  static_cast<void>(run({.doing = "driving the reset pin", .command = stlink::drive_nrst(level)}));
}

void Session::disconnect() {
  if (!connected_ || lost_) return;
  connected_ = false;
  static_cast<void>(run({.doing = "leaving the debug mode",
                         .command = leave(Mode::debug),
                         .reply = 0,
                         .status = StatusAt::none}));
}

void Session::clear_sticky_errors() {
  if (features_.dap) {
    static_cast<void>(status_of(write_dap(debug_port, 0, abort_clear_errors), "clearing errors"));
  } else {
    static_cast<void>(status_of(enter_swd(), "clearing errors"));
  }
}

void Session::mend_line(std::uint8_t status) {
  host_.debug("SWD: {}; trying again", describe(status));
  if (++line_errors_ >= line_errors_per_clock && has_slower_clock()) {
    const std::uint32_t before = speed_hz();
    take_slower_clock();
    host_.warning("SWD at {} kHz is unreliable ({}): going on at {} kHz", before / 1000,
                  describe(status), speed_hz() / 1000);
    connected_ = false;
    apply_speed();
    connected_ = true;
  }
  static_cast<void>(enter_once(NrstLevel::high));
}

}  // namespace flashhost::stlink
