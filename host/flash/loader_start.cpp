// How the loader gets into the target's RAM and comes up there.
#include "crc32.hpp"
#include "loader_client.hpp"
#include "loaders/agent/agent.inc"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds ready_limit = 500ms;
constexpr Nanoseconds poll_interval = 1ms;
// At least so many looks before the loader counts as late: a late host must not blame the loader.
constexpr int fewest_looks = 50;
constexpr Nanoseconds silence_limit = 60s;
// FH_TICK_CYCLES at 24 MHz: less than half of the shortest watchdog period that can be set.
constexpr std::uint32_t ticks_per_second = 50'000;
// An exception at each tick costs an algorithm that knows nothing of ticks some 60 cycles.
constexpr std::uint32_t exceptions_per_second = 2'000;
constexpr std::uint32_t vectors = FH_VECTOR_TABLE_SIZE / 4;
static_assert(std::size(agent_blob::code) % 4 == 0);

template <class T>
std::span<const std::uint8_t> bytes_of(const T &value) {
  return {reinterpret_cast<const std::uint8_t *>(&value), sizeof value};
}

std::uint32_t entry(std::uint32_t base, std::uint32_t offset) {
  return offset == LoaderCode::none ? 0 : (base + offset) | 1;
}

// Whether the core has a VTOR, which sets the address of its vectors.
bool redirects_vectors(Probe &probe, const cortex_m::Core &core, std::uint32_t table) {
  if (!core.vector_table_offset) return false;
  probe.write_word(cortex_m::vtor, table);
  return probe.read_word(cortex_m::vtor) == table;
}

}  // namespace

LoaderClient::LoaderClient(Probe &probe, const Chip &chip, const LoaderCode &code,
                           Observer &observer, std::stop_token stop,
                           const std::optional<cortex_m::Core> &core, bool compress)
    : probe_(probe),
      core_(core),
      chip_(chip),
      observer_(observer),
      stop_(std::move(stop)),
      code_(code) {
  if (compress) packer_.emplace();
}

void LoaderClient::start() {
  if (code_.page_size != 0 && chip_.program_unit % code_.page_size != 0) {
    throw Error(
        Errc::internal,
        fmt::format("the flash algorithm wants pages of {}, but the chip is planned in units "
                    "of {}",
                    format_size(code_.page_size), format_size(chip_.program_unit)),
        "Report this to the author of the family plugin.");
  }
  const auto layout =
      lay_out(chip_.ram, std::size(agent_blob::code), code_, chip_.write_unit(), may_pack());
  if (!layout) {
    throw Error(Errc::refused,
                fmt::format("{} of RAM at {} are too little for the flash loader",
                            format_size(chip_.ram.size), hex(chip_.ram.address)),
                "The direct path needs no RAM on the target, but is slower.");
  }
  if (code_.clock_hz < ticks_per_second) {
    throw Error(Errc::internal,
                "the flash algorithm does not say how fast the core runs after Init",
                "Report this to the author of the family plugin.");
  }
  layout_ = *layout;
  if (layout_.unpacked == 0) packer_.reset();
  const cortex_m::Core core = core_ ? *core_ : cortex_m::identify(probe_);
  const std::uint32_t cycles = cycles_per_tick();
  tick_ = Nanoseconds{1s} * cycles / code_.clock_hz;
  download(core);
  cortex_m::start(probe_, {.pc = layout_.agent + agent_blob::entry,
                           .stack = layout_.stack_top,
                           .vectors = layout_.vectors,
                           .core = core});
  wait_ready();
}

std::uint32_t LoaderClient::cycles_per_tick() const {
  return code_.clock_hz / (code_.ticks ? ticks_per_second : exceptions_per_second);
}

fh_parameters LoaderClient::parameters(const cortex_m::Core &core) {
  fh_parameters parameters{};
  parameters.init = entry(layout_.family, code_.init);
  parameters.uninit = entry(layout_.family, code_.uninit);
  parameters.erase_sector = entry(layout_.family, code_.erase_sector);
  parameters.erase_chip = entry(layout_.family, code_.erase_chip);
  parameters.program_page = entry(layout_.family, code_.program_page);
  parameters.idle = entry(layout_.family, code_.idle);
  parameters.crc = entry(layout_.family, code_.crc);
  parameters.static_base =
      code_.static_base == LoaderCode::none ? 0 : layout_.family + code_.static_base;
  parameters.tick = entry(layout_.agent, agent_blob::tick);
  parameters.tick_control = !code_.ticks && redirects_vectors(probe_, core, layout_.vectors)
                                ? FH_TICK_BY_EXCEPTION
                                : FH_TICK_POLLED;
  parameters.first_function = code_.per_function ? FH_FUNCTION_VERIFY : FH_FUNCTION_ANY;
  parameters.page_size = code_.page_size;
  parameters.flash_base = chip_.flash.address;
  parameters.clock_hz = code_.init_clock_hz.value_or(code_.clock_hz);
  parameters.tick_reload = cycles_per_tick() - 1;
  parameters.silence_ticks = static_cast<std::uint32_t>(silence_limit / tick_);
  parameters.window_address = chip_.flash.address;
  parameters.window_size = chip_.flash.size;
  parameters.first_trailer = layout_.trailer_of(1);
  parameters.last_trailer = layout_.trailer_of(layout_.slot_count);
  parameters.slot_size = layout_.slot_size;
  parameters.stack_guard = layout_.stack_guard;
  parameters.erased_word = chip_.erased_value * 0x01010101U;
  const auto table = loader_crc_table();
  std::copy(table.begin(), table.end(), std::begin(parameters.crc_table));
  return parameters;
}

void LoaderClient::download(const cortex_m::Core &core) {
  fh_mailbox mailbox{};
  mailbox.parameters = parameters(core);
  // From the vector table to the end of the stack; the agent itself clears the slots' sequence
  // words.
  Bytes ram(layout_.stack_top - layout_.vectors, 0);
  const auto put = [&](std::uint32_t address, std::span<const std::uint8_t> data) {
    std::copy(data.begin(), data.end(), ram.begin() + (address - layout_.vectors));
  };
  std::array<std::uint32_t, vectors> table{};
  table.fill(entry(layout_.agent, agent_blob::fault_entry));
  table.front() = layout_.stack_top;
  constexpr std::size_t nmi = 2;
  if (code_.nmi != LoaderCode::none) table[nmi] = entry(layout_.family, code_.nmi);
  table.back() = entry(layout_.agent, agent_blob::tick_entry);  // of SysTick
  put(layout_.vectors, bytes_of(table));
  put(layout_.mailbox, bytes_of(mailbox));
  put(layout_.agent, agent_blob::code);
  put(layout_.family, code_.code);
  const std::uint32_t guard = FH_STACK_GUARD;
  put(layout_.stack_guard, bytes_of(guard));

  const auto part = [&](std::uint32_t first, std::uint32_t last) {
    return std::span(ram).subspan(first - layout_.vectors, last - first);
  };
  const std::uint32_t end = layout_.checked_end;
  const fh_check check{end, entry(layout_.family, code_.idle), {}};
  const std::uint32_t at = layout_.agent + agent_blob::check;
  put(at, bytes_of(check));
  balance(part(layout_.vectors, end), at + offsetof(fh_check, balance) - layout_.vectors);
  write_measured(layout_.vectors, part(layout_.vectors, end));
  for (const MemoryRange &range : run_unchecked()) {
    compare(range.address, part(range.address, static_cast<std::uint32_t>(range.end())));
  }
  if (end < layout_.stack_top) {
    write_confirmed(layout_.stack_guard, part(layout_.stack_guard, layout_.stack_top));
  }
  ram.resize(end - layout_.vectors);
  loaded_ = std::move(ram);
}

// What the agent runs before it knows that what was written is right: its own check, which is its
// last code, and Idle.
std::vector<MemoryRange> LoaderClient::run_unchecked() const {
  constexpr std::uint32_t near = 256;
  const std::uint32_t check = layout_.agent + agent_blob::entry;
  const std::uint32_t behind = layout_.agent + std::uint32_t{std::size(agent_blob::code)};
  if (code_.idle == LoaderCode::none) return {{check, behind - check}};
  const std::uint32_t idle = (layout_.family + code_.idle) & ~3U;
  const std::uint32_t behind_idle = std::min(idle + FH_IDLE_SIZE, layout_.checked_end);
  if (idle - behind <= near) return {{check, behind_idle - check}};
  return {{check, behind - check}, {idle, behind_idle - idle}};
}

void LoaderClient::write_measured(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  const Nanoseconds asked = probe_.now();
  probe_.write_memory(address, bytes);
  // Half: a probe may need longer for the first large block than for others.
  if (bytes.size() >= smallest_measured) {
    guessed_kib_time_ = kib_time(bytes.size(), probe_.now() - asked) / 2;
  }
}

void LoaderClient::write_confirmed(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  write_measured(address, bytes);
  compare(address, bytes);
}

void LoaderClient::compare(std::uint32_t address, std::span<const std::uint8_t> bytes) {
  Bytes readback(bytes.size());
  probe_.read_memory(address, readback);
  const auto [expected, found] = std::mismatch(bytes.begin(), bytes.end(), readback.begin());
  if (found == readback.end()) return;
  throw Error(
      Errc::target,
      fmt::format("the loader in RAM is not what was written: {} holds {:#04x} instead of {:#04x}",
                  hex(address + static_cast<std::uint32_t>(found - readback.begin())), *found,
                  *expected),
      "A bad RAM cell, a DMA channel of the old firmware that still writes there, or a link that "
      "corrupts data (lower transport.speed: --speed 950kHz).")
      .see(Cause::bad_ram);
}

// The agent says so, or a bit of its state is stuck. It has changed nothing but that state, and
// Idle nothing but the top of the stack.
void LoaderClient::fail_damaged() {
  const std::uint32_t state = FH_STATE_DAMAGED;
  const std::size_t place = FH_VECTOR_TABLE_SIZE + offsetof(fh_mailbox, state);
  std::memcpy(&loaded_[place], &state, sizeof state);
  const auto loaded = std::span(loaded_);
  const std::size_t rest = layout_.stack_top - FH_IDLE_STACK - layout_.vectors;
  compare(layout_.vectors, loaded.first(std::min(rest, loaded.size())));
  compare(layout_.vectors, loaded);
  throw_damaged();
}

void LoaderClient::throw_damaged() {
  throw Error(
      Errc::target, "the loader found itself damaged in RAM, where it reads right",
      "A DMA channel of the old firmware that still writes there, or a supply that is too low.")
      .see(Cause::bad_ram);
}

void LoaderClient::wait_ready() {
  fh_mailbox mailbox{};
  int looks = 0;
  const auto look = [&] {
    ++looks;
    mailbox = read_mailbox();
    return mailbox.magic == FH_LOADER_MAGIC || mailbox.state >= FH_STATE_ERROR;
  };
  bool ready = wait_until(probe_, ready_limit + code_.limits.init, poll_interval, look);
  while (!ready && looks < fewest_looks) {
    probe_.sleep(poll_interval);
    ready = look();
  }
  if (!ready) fail_silent(mailbox);
  if (has_failed(mailbox)) {
    const bool has_begun = mailbox.state == FH_STATE_FAULT ||
                           (mailbox.state == FH_STATE_ERROR && mailbox.error != FH_ERROR_NONE);
    if (!has_begun) fail_damaged();
    fail(mailbox);
  }
  loaded_.clear();
  // A second reading, since one may be damaged.
  if (mailbox.abi != FH_LOADER_ABI) mailbox = read_mailbox();
  if (mailbox.abi != FH_LOADER_ABI) {
    throw Error(Errc::internal,
                fmt::format("the loader agent is of another version ({}) than the host ({})",
                            mailbox.abi, FH_LOADER_ABI),
                "Install flashhost again. If you build it yourself: run loaders/build first.");
  }
  heartbeat_ = mailbox.heartbeat;
  heartbeat_time_ = probe_.now();
  looked_ = heartbeat_time_;
  report_crc(mailbox);
}

void LoaderClient::report_crc(const fh_mailbox &mailbox) {
  if (code_.crc == LoaderCode::none) return;
  if (mailbox.crc != 0) {
    observer_.message(Level::debug, "the loader lets the family's function compute CRCs");
    return;
  }
  observer_.message(Level::info,
                    "the family's function gives wrong CRCs (where it uses the chip's CRC unit: a "
                    "clone without one, or its clock does not start): the loader computes CRCs "
                    "itself, which is slower");
}

}  // namespace flashhost
