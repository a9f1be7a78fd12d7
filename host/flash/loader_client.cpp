#include "loader_client.hpp"

#include "loaders/agent/agent.inc"
#include "stop.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds ready_limit = 500ms;
constexpr Nanoseconds heartbeat_limit = 200ms;
constexpr Nanoseconds poll_interval = 1ms;
constexpr Nanoseconds silence_limit = 60s;
constexpr int give_up_factor = 6;
constexpr int most_rewrites = 8;
// FH_TICK_CYCLES at 24 MHz: less than half of the shortest watchdog period that can be set.
constexpr std::uint32_t ticks_per_second = 50'000;

// Mailbox and bytes of this machine have the same layout: both little-endian, words only.
static_assert(sizeof(fh_mailbox) % 4 == 0);

template <class T>
std::span<const std::uint8_t> bytes_of(const T &value) {
  return {reinterpret_cast<const std::uint8_t *>(&value), sizeof value};
}

bool says_the_same(const fh_mailbox &a, const fh_mailbox &b) {
  constexpr std::size_t size = offsetof(fh_mailbox, parameters) - offsetof(fh_mailbox, error);
  return a.state == b.state && std::memcmp(&a.error, &b.error, size) == 0;
}

// Why the agent does not run any more, by where its core was found.
Cause likeliest_cause(const cortex_m::CoreReport &report) {
  constexpr std::uint32_t exception = 0x1FF, first_after_faults = 7;
  if (report.was_reset) return Cause::independent_watchdog;
  if (report.before == CoreState::lockup) return Cause::lockup;
  return (report.xpsr & exception) >= first_after_faults ? Cause::old_interrupt : Cause::bad_ram;
}

std::uint32_t entry(std::uint32_t base, std::uint32_t offset) {
  return offset == LoaderCode::none ? 0 : (base + offset) | 1;
}

}  // namespace

LoaderClient::LoaderClient(Probe &probe, Family &family, const Chip &chip, Observer &observer,
                           std::stop_token stop)
    : probe_(probe),
      chip_(chip),
      observer_(observer),
      stop_(std::move(stop)),
      code_(family.loader(chip)) {}

void LoaderClient::start() {
  const auto layout = lay_out(chip_.ram, std::size(agent_blob::code), code_.code.size());
  if (!layout) {
    throw Error(Errc::target,
                fmt::format("{} of RAM at {} are too little for the flash loader",
                            format_size(chip_.ram.size), hex(chip_.ram.address)),
                "The direct path needs no RAM on the target, but is slower.");
  }
  layout_ = *layout;
  download();
  cortex_m::start(probe_, {layout_.agent + agent_blob::entry, layout_.stack_top, layout_.vectors,
                           layout_.mailbox, 0});
  wait_ready();
}

void LoaderClient::download() {
  fh_mailbox mailbox{};
  fh_parameters &parameters = mailbox.parameters;
  parameters.init = entry(layout_.family, code_.init);
  parameters.uninit = entry(layout_.family, code_.uninit);
  parameters.erase_sector = entry(layout_.family, code_.erase_sector);
  parameters.erase_chip = entry(layout_.family, code_.erase_chip);
  parameters.program_page = entry(layout_.family, code_.program_page);
  parameters.idle = entry(layout_.family, code_.idle);
  parameters.crc = entry(layout_.family, code_.crc);
  parameters.static_base =
      code_.static_base == LoaderCode::none ? 0 : layout_.family + code_.static_base;
  parameters.flash_base = chip_.flash.address;
  parameters.clock_hz = code_.clock_hz;
  parameters.tick_reload = code_.clock_hz / ticks_per_second - 1;
  parameters.silence_ticks = static_cast<std::uint32_t>(silence_limit / 1s) * ticks_per_second;
  parameters.window_address = chip_.flash.address;
  parameters.window_size = chip_.flash.size;
  parameters.slots_address = layout_.slots;
  parameters.slot_size = layout_.slot_size;
  parameters.slot_count = layout_.slot_count;
  parameters.stack_guard = layout_.stack_guard;
  parameters.erased_word = chip_.erased_value * 0x01010101U;

  // From the vector table to the end of the stack; the agent itself clears the slots' sequence
  // words.
  Bytes ram(layout_.slots - layout_.vectors, 0);
  const auto put = [&](std::uint32_t address, std::span<const std::uint8_t> data) {
    std::copy(data.begin(), data.end(), ram.begin() + (address - layout_.vectors));
  };
  std::uint32_t vectors[16];
  std::fill(std::begin(vectors), std::end(vectors), (layout_.agent + agent_blob::fault_entry) | 1);
  vectors[0] = layout_.stack_top;
  put(layout_.vectors, bytes_of(vectors));
  put(layout_.mailbox, bytes_of(mailbox));
  put(layout_.agent, agent_blob::code);
  put(layout_.family, code_.code);
  const std::uint32_t guard = FH_STACK_GUARD;
  put(layout_.stack_guard, bytes_of(guard));

  probe_.write_memory(layout_.vectors, ram);
  Bytes readback(ram.size());
  probe_.read_memory(layout_.vectors, readback);
  const auto [expected, found] = std::mismatch(ram.begin(), ram.end(), readback.begin());
  if (found == readback.end()) return;
  throw Error(
      Errc::target,
      fmt::format("the loader in RAM is not what was written: {} holds {:#04x} instead of {:#04x}",
                  hex(layout_.vectors + static_cast<std::uint32_t>(found - readback.begin())),
                  *found, *expected),
      "A bad RAM cell, a DMA channel of the old firmware that still writes there, or a link that "
      "corrupts data (lower transport.speed).")
      .see(Cause::bad_ram);
}

fh_mailbox LoaderClient::read_mailbox() {
  // The parameters are the host's own: only what the agent writes is read.
  fh_mailbox mailbox{};
  Bytes bytes(offsetof(fh_mailbox, parameters));
  probe_.read_memory(layout_.mailbox, bytes, Width::word);
  std::memcpy(&mailbox, bytes.data(), bytes.size());
  return mailbox;
}

void LoaderClient::wait_ready() {
  fh_mailbox mailbox{};
  const bool ready = wait_until(probe_, ready_limit, poll_interval, [&] {
    mailbox = read_mailbox();
    return mailbox.magic == FH_LOADER_MAGIC || mailbox.state >= FH_STATE_ERROR;
  });
  if (!ready) fail_silent(mailbox);
  if (has_failed(mailbox)) fail(mailbox);
  heartbeat_ = mailbox.heartbeat;
  heartbeat_time_ = current_since_ = probe_.now();
}

std::uint32_t LoaderClient::slot_end(std::uint32_t sequence) const {
  return layout_.slots + ((sequence - 1) % layout_.slot_count + 1) * layout_.slot_size;
}

void LoaderClient::write_slot(const Command &command) {
  probe_.write_memory(slot_end(command.sequence) - static_cast<std::uint32_t>(command.block.size()),
                      command.block, Width::word);
}

void LoaderClient::rewrite_slot(const Command &command) {
  // Only while the slot does not count as written: see loader_abi.h.
  if (probe_.read_word(slot_end(command.sequence) - 4) == command.sequence) return;
  if (++rewrites_ > most_rewrites) {
    throw Error(Errc::target, "commands for the loader keep arriving damaged in the target's RAM",
                "A link that corrupts data (lower transport.speed), or something on the target "
                "that writes to its RAM.")
        .see(Cause::bad_ram);
  }
  write_slot(command);
}

void LoaderClient::submit(fh_op op, std::uint32_t address, std::uint32_t length,
                          std::span<const std::uint8_t> payload, Nanoseconds maximum,
                          std::function<void()> done) {
  while (in_flight_.size() >= layout_.slot_count) poll();
  const std::uint32_t sequence = next_sequence_++;
  in_flight_.push_back({encode_command(op, address, length, payload, sequence), sequence, address,
                        maximum, std::move(done)});
  write_slot(in_flight_.back());
}

void LoaderClient::drain() {
  while (!in_flight_.empty()) poll();
}

std::vector<fh_result> LoaderClient::query(fh_op op, const std::vector<MemoryRange> &ranges) {
  std::vector<fh_result> results;
  const std::size_t most = layout_.payload() / sizeof(fh_range);
  for (std::size_t first = 0; first < ranges.size(); first += most) {
    const std::size_t count = std::min(most, ranges.size() - first);
    std::vector<fh_range> part;
    part.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      part.push_back({ranges[first + i].address, ranges[first + i].size});
    }
    const auto size = static_cast<std::uint32_t>(count * sizeof(fh_range));
    submit(op, 0, size, {reinterpret_cast<const std::uint8_t *>(part.data()), size}, 0ns);
    const std::uint32_t end = slot_end(next_sequence_ - 1);
    drain();
    Bytes answer(size);
    probe_.read_memory(end - std::uint32_t{sizeof(fh_trailer)} - size, answer, Width::word);
    results.resize(first + count);
    std::memcpy(&results[first], answer.data(), answer.size());
  }
  return results;
}

void LoaderClient::finish() {
  submit(FH_OP_FINISH, 0, 0, {}, 0ns);
  drain();
}

// What the agent says last it says for ever: it counts when two readings agree, since one may be
// damaged.
bool LoaderClient::has_failed(fh_mailbox &mailbox) {
  constexpr int most_readings = 4;
  for (int i = 0; mailbox.state >= FH_STATE_ERROR && i < most_readings; ++i) {
    const fh_mailbox before = std::exchange(mailbox, read_mailbox());
    if (says_the_same(before, mailbox)) return true;
  }
  return mailbox.state >= FH_STATE_ERROR;
}

void LoaderClient::poll() {
  throw_if_stopped(stop_);
  fh_mailbox mailbox = read_mailbox();
  if (mailbox.magic != FH_LOADER_MAGIC) fail_silent(mailbox);
  const std::size_t before = in_flight_.size();
  retire(mailbox);
  if (!in_flight_.empty() && has_failed(mailbox)) fail(mailbox);
  // Rejected, or not even seen: then the sequence word itself arrived damaged.
  const bool waits = mailbox.state == FH_STATE_BAD_SLOT || mailbox.state == FH_STATE_IDLE;
  if (waits && !in_flight_.empty()) rewrite_slot(in_flight_.front());
  check_evidence(mailbox);
  if (in_flight_.size() == before) probe_.sleep(poll_interval);
}

void LoaderClient::retire(const fh_mailbox &mailbox) {
  // Sequence numbers do not wrap: 2^32 commands of a job are out of reach.
  while (!in_flight_.empty() && in_flight_.front().sequence <= mailbox.done) {
    const std::function<void()> done = std::move(in_flight_.front().done);
    in_flight_.pop_front();
    rewrites_ = 0;
    if (done) done();
  }
}

void LoaderClient::check_evidence(const fh_mailbox &mailbox) {
  const Nanoseconds now = probe_.now();
  if (mailbox.heartbeat != heartbeat_) {
    heartbeat_ = mailbox.heartbeat;
    heartbeat_time_ = now;
  }
  if (mailbox.current != current_) {
    current_ = mailbox.current;
    current_since_ = now;
  }
  if (in_flight_.empty()) return;
  if (now - heartbeat_time_ > heartbeat_limit) fail_silent(mailbox);
  check_operation_time(mailbox);
}

void LoaderClient::check_operation_time(const fh_mailbox &mailbox) {
  const Command &command = in_flight_.front();
  const Nanoseconds spent = probe_.now() - current_since_;
  if (mailbox.state != FH_STATE_BUSY || mailbox.current != command.sequence ||
      command.maximum == 0ns || spent <= command.maximum) {
    return;
  }
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
  if (spent <= give_up_factor * command.maximum) return;
  throw Error(Errc::flash,
              fmt::format("the flash at {} is still busy after {}, {} times the datasheet's "
                          "maximum ({})",
                          hex(command.address), format_duration(spent), give_up_factor,
                          status_text(command.address)),
              "Power-cycle the board and try again. If it stays so, the flash of this chip is worn "
              "out or its supply is too low.")
      .see(Cause::stuck_busy);
}

std::string LoaderClient::status_text(std::uint32_t address) {
  const auto status = read_status(probe_, chip_, address);
  if (!status) return "status unknown";
  return fmt::format("status {}: {}", hex(*status), explain_status(chip_, address, *status));
}

void LoaderClient::fail(const fh_mailbox &mailbox) {
  const auto at = hex(mailbox.error_address);
  const auto status = [&] {
    return fmt::format("status {}: {}", hex(mailbox.error_status),
                       explain_status(chip_, mailbox.error_address, mailbox.error_status));
  };
  constexpr const char *cell_hint =
      "Worn-out or damaged flash, or a supply below what the chip needs to erase and program. Try "
      "once more; if the same address fails again, replace the chip.";
  if (mailbox.state == FH_STATE_FAULT) {
    throw Error(Errc::target,
                fmt::format("the flash loader took exception {} at {} (LR {}, xPSR {})",
                            mailbox.fault_exception, hex(mailbox.fault_pc), hex(mailbox.fault_lr),
                            hex(mailbox.fault_xpsr)),
                "Something on the target disturbs its RAM or its clocks.");
  }
  if (mailbox.state == FH_STATE_SILENCE) {
    throw Error(Errc::probe, "the loader heard nothing from the host for a minute and stopped",
                "The computer was suspended or the probe was stuck: run again.");
  }
  switch (mailbox.error) {
    case FH_ERROR_INIT:
      throw Error(Errc::target,
                  fmt::format("the flash controller could not be set up ({})", status()),
                  "Power-cycle the board and try again.");
    case FH_ERROR_ERASE:
      throw Error(Errc::flash, fmt::format("erasing at {} failed ({})", at, status()), cell_hint)
          .see(Cause::bad_cell);
    case FH_ERROR_NOT_BLANK:
      throw Error(Errc::flash,
                  fmt::format("{} was erased without complaint, but holds {} instead of {}", at,
                              hex(mailbox.error_found), hex(chip_.erased_value * 0x01010101U)),
                  cell_hint)
          .see(Cause::bad_cell);
    case FH_ERROR_PROGRAM:
      throw Error(Errc::flash,
                  fmt::format("programming at {} failed ({}): expected {}, found {}", at, status(),
                              hex(mailbox.error_expected), hex(mailbox.error_found)),
                  cell_hint)
          .see(Cause::bad_cell);
    case FH_ERROR_COMPARE:
      throw Error(Errc::flash,
                  fmt::format("{} was programmed without complaint, but holds {} instead of {}", at,
                              hex(mailbox.error_found), hex(mailbox.error_expected)),
                  cell_hint)
          .see(Cause::bad_cell);
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
  throw Error(
      Errc::target,
      fmt::format("{}: {}; flash {}", what, cortex_m::describe(report), status_text(address)),
      "A watchdog, an interrupt of the old firmware, a disturbed supply or RAM. flashhost "
      "tries again by itself; if it keeps happening, power-cycle the board.")
      .see(likeliest_cause(report));
}

}  // namespace flashhost
