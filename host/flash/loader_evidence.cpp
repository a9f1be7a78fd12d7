// The loader's progress and its errors, read from its mailbox and the core.
#include "loader_client.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds heartbeat_limit = 200ms;
constexpr int give_up_factor = 6;
constexpr Nanoseconds longest_look = 500ms;  // between two looks at the target
// What comparing costs the agent, with some to spare; and the family's code what is programmed at a
// time, beside the flash's own time.
constexpr std::int64_t cycles_per_word = 12, cycles_per_byte = 60, cycles_per_unit = 60;

bool says_the_same(const fh_mailbox &a, const fh_mailbox &b) {
  constexpr std::size_t size = offsetof(fh_mailbox, parameters) - offsetof(fh_mailbox, error);
  return a.state == b.state && std::memcmp(&a.error, &b.error, size) == 0;
}

// Why the agent does not run any more, by where its core was found.
std::string_view likeliest_cause(const cortex_m::CoreReport &report) {
  constexpr std::uint32_t exception = 0x1FF, first_after_faults = 7;
  if (report.was_reset) return Cause::independent_watchdog;
  if (report.before == CoreState::lockup) return Cause::lockup;
  return (report.xpsr & exception) >= first_after_faults ? Cause::old_interrupt : Cause::bad_ram;
}

// A status in words, with its value once.
std::string status_in_words(const Chip &chip, std::uint32_t address, std::uint32_t status) {
  const std::string words = explain_status(chip, address, status), value = hex(status);
  return words.find(value) != std::string::npos ? words
                                                : fmt::format("status {}: {}", value, words);
}

}  // namespace

fh_mailbox LoaderClient::read_mailbox() {
  // The parameters are the host's own: only what the agent writes is read.
  fh_mailbox mailbox{};
  Bytes bytes(offsetof(fh_mailbox, parameters));
  const Nanoseconds asked = probe_.now();
  probe_.read_memory(layout_.mailbox, bytes, Width::word);
  look_time_ = std::min(look_time_, probe_.now() - asked);
  std::memcpy(&mailbox, bytes.data(), bytes.size());
  return mailbox;
}

// A state that ends the loader never changes again: it counts when two readings agree, since one
// may be damaged.
bool LoaderClient::has_failed(fh_mailbox &mailbox) {
  constexpr int most_readings = 4;
  for (int i = 0; mailbox.state >= FH_STATE_ERROR && i < most_readings; ++i) {
    const fh_mailbox before = std::exchange(mailbox, read_mailbox());
    if (says_the_same(before, mailbox)) return true;
  }
  return mailbox.state >= FH_STATE_ERROR;
}

Nanoseconds LoaderClient::call_limit(fh_op op) const {
  switch (op) {
    case FH_OP_ERASE:
      return code_.limits.erase_sector;
    case FH_OP_ERASE_ALL:
      return code_.limits.erase_chip;
    case FH_OP_PROGRAM:
      return code_.limits.program_page;
    default:
      return 0ns;
  }
}

Nanoseconds LoaderClient::longest_init() const {
  return heartbeat_limit + 2 * code_.limits.init;  // UnInit, then Init
}

Nanoseconds LoaderClient::longest_silence(fh_op op) const {
  if (code_.ticks) return heartbeat_limit;
  const bool also_init = code_.per_function || op == FH_OP_FINISH;
  return call_limit(op) + (also_init ? longest_init() : heartbeat_limit);
}

Nanoseconds LoaderClient::longest_calls(fh_op op, std::uint32_t length) const {
  if (code_.ticks) return 0ns;
  if (op == FH_OP_FINISH) return longest_init();
  const bool pages = op == FH_OP_PROGRAM && code_.page_size != 0;
  const auto calls = std::int64_t{pages ? std::max(length / code_.page_size, 1U) : 1};
  // At 1 MHz. A CRC may be of the whole flash.
  const bool modifies = op == FH_OP_ERASE || op == FH_OP_ERASE_ALL || op == FH_OP_PROGRAM;
  const Nanoseconds looking =
      std::chrono::microseconds(modifies ? std::int64_t{length} * cycles_per_word
                                         : std::int64_t{chip_.flash.size} * cycles_per_byte);
  return heartbeat_limit + calls * call_limit(op) + looking;
}

// Within the command, after the flash operation: a mass erase ends with a look at all of the flash.
Nanoseconds LoaderClient::own_time(fh_op op, std::uint32_t length) const {
  if (op != FH_OP_ERASE && op != FH_OP_ERASE_ALL && op != FH_OP_PROGRAM) return 0ns;
  const bool words = length % 4 == 0;
  std::int64_t cycles = words ? length / 4 * cycles_per_word : length * cycles_per_byte;
  if (op == FH_OP_PROGRAM) cycles += length / chip_.program_unit * cycles_per_unit;
  return Nanoseconds{1s} * cycles / code_.clock_hz;
}

// asked: the probe's time just before the mailbox was read. So the silence that counts is never
// longer than what passed between two looks at the target, however late the host or the probe are.
void LoaderClient::check_heartbeat(const fh_mailbox &mailbox, Nanoseconds asked) {
  if (mailbox.heartbeat != heartbeat_) {
    heartbeat_ = mailbox.heartbeat;
    heartbeat_time_ = probe_.now();
    return;
  }
  if (in_flight_.empty() || asked - heartbeat_time_ <= heartbeat_limit) return;
  const bool runs = [&] {
    const CoreState state = probe_.state();
    return state == CoreState::running || state == CoreState::sleeping;
  }();
  if (runs && asked - heartbeat_time_ <= in_flight_.front().silence) return;
  fail_silent(mailbox);
}

// By the target's own clock; 0 when it works on another command.
Nanoseconds LoaderClient::time_spent(const fh_mailbox &mailbox, const Command &command) const {
  if (mailbox.state != FH_STATE_BUSY || mailbox.current != command.sequence) return 0ns;
  const auto ticks = static_cast<std::int32_t>(mailbox.heartbeat - mailbox.started);
  return std::max(ticks, 0) * tick_;
}

// Of an algorithm that knows nothing of ticks only its own limits are known, not even the clock
// that it runs the core with. Time in which nobody looked does not count: the computer may have
// slept.
void LoaderClient::check_call_time(const fh_mailbox &mailbox) {
  const Command &command = in_flight_.front();
  const Nanoseconds now = probe_.now();
  const bool at_work = mailbox.state == FH_STATE_BUSY && mailbox.current == command.sequence;
  const bool after_init = !code_.per_function || command.function == FH_FUNCTION_ANY ||
                          mailbox.function == command.function;
  if (!at_work || timed_ != command.sequence || timed_after_init_ != after_init) {
    timed_ = at_work ? command.sequence : 0;
    timed_after_init_ = after_init;
    timed_spent_ = 0ns;
  } else {
    timed_spent_ += std::min(now - timed_seen_, longest_look);
  }
  timed_seen_ = now;
  const Nanoseconds limit = after_init ? command.calls : command.init;
  if (command.calls == 0ns || timed_spent_ <= limit) return;
  const std::string what =
      after_init ? fmt::format(
                       "the flash algorithm has been at work on {} for {}, longer than its "
                       "own limit",
                       hex(command.address), format_duration(timed_spent_))
                 : fmt::format("UnInit or Init of the flash algorithm has not returned within {}",
                               format_duration(timed_spent_));
  throw Error(
      Errc::flash, fmt::format("{}: {}", what, status_text(command.address)),
      "It may be the wrong algorithm for this chip, or wait for something that never comes. "
      "Power-cycle the board and try again.")
      .see(Cause::stuck_busy);
}

void LoaderClient::check_operation_time(const fh_mailbox &mailbox) {
  if (!code_.ticks) return check_call_time(mailbox);
  const Command &command = in_flight_.front();
  const Nanoseconds good = command.maximum + command.own_time;
  if (command.maximum == 0ns || time_spent(mailbox, command) <= good) return;
  // A second reading, since one may be damaged.
  const Nanoseconds spent =
      std::min(time_spent(mailbox, command), time_spent(read_mailbox(), command));
  if (spent <= good) return;
  if (!warned_slow_) {
    warned_slow_ = true;
    observer_.message(
        Level::warning,
        with_page(
            fmt::format("the flash at {} takes longer than the datasheet's maximum of {}: an "
                        "aged or cold chip, or a clone; waiting up to {} times that",
                        hex(command.address), format_duration(command.maximum), give_up_factor),
            Cause::slow_flash));
  }
  if (spent <= give_up_factor * command.maximum + command.own_time) return;
  throw Error(Errc::flash,
              fmt::format("the flash at {} is still busy after {}, {} times the datasheet's "
                          "maximum: {}",
                          hex(command.address), format_duration(spent), give_up_factor,
                          status_text(command.address)),
              "Power-cycle the board and try again. If it stays so, the flash of this chip is worn "
              "out or its supply is too low.")
      .see(Cause::stuck_busy);
}

std::string LoaderClient::status_text(std::uint32_t address) {
  const auto status = read_status(probe_, chip_, address);
  return status ? status_in_words(chip_, address, *status) : "status unknown";
}

void LoaderClient::fail_by_fault() {
  std::array<std::uint32_t, 4> fault{};  // as from fault_exception on
  static_assert(offsetof(fh_mailbox, fault_xpsr) - offsetof(fh_mailbox, fault_exception) == 12);
  Bytes bytes(sizeof fault);
  probe_.read_memory(
      layout_.mailbox + static_cast<std::uint32_t>(offsetof(fh_mailbox, fault_exception)), bytes,
      Width::word);
  std::memcpy(fault.data(), bytes.data(), bytes.size());
  const auto [exception, lr, pc, xpsr] = fault;
  throw Error(Errc::target,
              fmt::format("the flash loader took exception {} at {} (LR {}, xPSR {})", exception,
                          hex(pc), hex(lr), hex(xpsr)),
              "Something on the target disturbs its RAM or its clocks.");
}

void LoaderClient::fail(const fh_mailbox &mailbox) {
  const auto at = hex(mailbox.error_address);
  const auto status = [&] {
    return status_in_words(chip_, mailbox.error_address, mailbox.error_status);
  };
  const char *const cell_hint =
      chip_.check_others
          ? "The flash algorithm may be for another chip, or the flash is protected there. A "
            "worn-out cell is rarer."
          : "Worn-out or damaged flash, or a supply below what the chip needs to erase and "
            "program. "
            "Try once more; if the same address fails again, replace the chip.";
  const auto refused = [&](const std::string &what) {
    const std::string cause = status_cause(chip_, mailbox.error_status, Cause::bad_cell);
    return Error(Errc::flash, what,
                 cause == Cause::bad_cell ? cell_hint
                                          : "What the flash controller reports names the likeliest "
                                            "cause and what helps against it.")
        .see(cause);
  };
  if (mailbox.state == FH_STATE_FAULT) fail_by_fault();
  if (mailbox.state == FH_STATE_DAMAGED) throw_damaged();
  if (mailbox.state == FH_STATE_SILENCE) {
    throw Error(Errc::probe, "the loader heard nothing from the host for a minute and stopped",
                "The computer was suspended or the probe was stuck: run again.");
  }
  switch (mailbox.error) {
    case FH_ERROR_INIT:
      throw Error(Errc::target,
                  fmt::format("the flash controller could not be set up: {}", status()),
                  "Power-cycle the board and try again.");
    case FH_ERROR_UNINIT:
      throw Error(Errc::target,
                  fmt::format("the flash controller could not be closed: {}", status()),
                  "Power-cycle the board and try again.");
    case FH_ERROR_ERASE:
      throw refused(fmt::format("erasing at {} failed: {}", at, status()));
    case FH_ERROR_NOT_BLANK:
      throw Error(Errc::flash,
                  fmt::format("{} was erased without complaint, but holds {} instead of {}", at,
                              hex(mailbox.error_found), hex(chip_.erased_value * 0x01010101U)),
                  cell_hint)
          .see(Cause::bad_cell);
    case FH_ERROR_PROGRAM:
      throw refused(fmt::format("programming at {} failed: {}; expected {}, found {}", at, status(),
                                hex(mailbox.error_expected), hex(mailbox.error_found)));
    case FH_ERROR_COMPARE:
      throw Error(Errc::flash,
                  fmt::format("{} was programmed without complaint, but holds {} instead of {}", at,
                              hex(mailbox.error_found), hex(mailbox.error_expected)),
                  cell_hint)
          .see(Cause::bad_cell);
    case FH_ERROR_UNPACK:
      throw Error(Errc::target,
                  fmt::format("what is to be programmed at {} was sent compressed, and came out "
                              "wrong in the target's RAM",
                              at),
                  "Something on the target writes to its RAM: a DMA channel, or a bad cell. "
                  "--no-compress uses less of it.")
          .see(Cause::bad_ram);
    case FH_ERROR_STACK:
      throw Error(
          Errc::target,
          fmt::format("the loader's stack guard at {} holds {}", at, hex(mailbox.error_found)),
          "Something on the target writes to its RAM: a DMA channel, or a bad cell.")
          .see(Cause::bad_ram);
    default:
      throw Error(
          Errc::internal,
          fmt::format("the loader refused a command: error {}, address {}", mailbox.error, at),
          "Please report this with the output of -v.");
  }
}

void LoaderClient::fail_silent(const fh_mailbox &mailbox) {
  const cortex_m::CoreReport report = cortex_m::observe(probe_);
  observer_.message(Level::debug, cortex_m::dump(report));
  const std::uint32_t address =
      in_flight_.empty() ? chip_.flash.address : in_flight_.front().address;
  const std::string what = mailbox.magic == FH_LOADER_MAGIC
                               ? "the flash loader stopped"
                               : (next_sequence_ == 1 ? "the flash loader did not start"
                                                      : "the flash loader's RAM was overwritten");
  throw Error(Errc::target,
              fmt::format("{}: {}; flash {}", what, cortex_m::describe(report, chip_.ram),
                          status_text(address)),
              "A watchdog, an interrupt of the old firmware, a disturbed supply or RAM. flashhost "
              "tries again by itself; if it keeps happening, power-cycle the board.")
      .see(likeliest_cause(report));
}

}  // namespace flashhost
