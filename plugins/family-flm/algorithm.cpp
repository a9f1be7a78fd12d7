#include "algorithm.hpp"

#include "sectors.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flashhost::flm {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds init_limit = 5s;
constexpr std::uint32_t first_ram_address = 0x10000000;
constexpr std::uint32_t stack_alignment = 8, buffer_alignment = 16;
// BKPT, twice: the second is there for cores that fetch words.
constexpr std::array<std::uint8_t, 4> breakpoint_code{0x00, 0xBE, 0x00, 0xBE};

std::uint32_t align_up(std::uint32_t value, std::uint32_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// The sectors of the algorithm's table in this range.
std::vector<MemoryRange> sectors_in(const FlashDevice &device, MemoryRange range) {
  std::vector<MemoryRange> sectors;
  for (const SectorRun &run : device.sectors) {
    for (std::uint32_t i = 0; i < run.count; ++i) {
      const std::uint32_t address = device.range.address + run.offset + i * run.size;
      if (range.contains(address)) sectors.push_back({address, run.size});
    }
  }
  return sectors;
}

}  // namespace

bool is_fixed(const FlmFile &file) {
  return file.link_address >= first_ram_address;
}

bool is_single_page(const FlashDevice &device) {
  return device.page_size == device.range.size;
}

bool has_small_sectors(const FlashDevice &device) {
  return std::ranges::any_of(device.sectors,
                             [&](const SectorRun &run) { return run.size < device.page_size; });
}

bool suits_agent(const Algorithm &algorithm) {
  const FlashDevice &device = algorithm.file.device;
  if (is_fixed(algorithm.file) || is_single_page(device)) return false;
  // Each run of sectors begins with a page, and ends with one.
  return std::ranges::all_of(device.sectors, [&](const SectorRun &run) {
    const std::uint32_t unit = std::max(run.size, device.page_size);
    return unit % run.size == 0 && unit % device.page_size == 0 &&
           run.offset % device.page_size == 0 && run.size * run.count % unit == 0;
  });
}

Caller::Caller(Probe &probe, const Algorithm &algorithm) : probe_(probe), algorithm_(algorithm) {
  const FlmFile &file = algorithm.file;
  const auto size = static_cast<std::uint32_t>(file.image.size());
  code_ = is_fixed(file) ? file.link_address
                         : align_up(algorithm.ram.address, stack_alignment) +
                               file.link_address % stack_alignment;
  breakpoint_ = align_up(code_ + size, stack_alignment);
  stack_ = align_up(breakpoint_ + std::uint32_t{breakpoint_code.size()} + algorithm.stack_size,
                    stack_alignment);
  buffer_ = align_up(stack_, buffer_alignment);
  const std::uint64_t end = std::uint64_t{buffer_} + file.device.page_size;
  if (code_ < algorithm.ram.address || end > algorithm.ram.end()) {
    throw Error(
        Errc::refused,
        fmt::format("the flash algorithm needs the RAM from {} to {}, but may use {}", hex(code_),
                    hex(static_cast<std::uint32_t>(end - 1)), format_range(algorithm.ram)),
        "Name more RAM if the chip has it: ram_start and ram_size in [family.settings].");
  }
  load();
}

void Caller::load() {
  Bytes content = algorithm_.file.image;
  content.resize(breakpoint_ - code_);
  content.insert(content.end(), breakpoint_code.begin(), breakpoint_code.end());
  probe_.write_memory(code_, content);
  Bytes found(content.size());
  probe_.read_memory(code_, found);
  if (found == content) return;
  throw Error(Errc::target, "the flash algorithm in RAM is not what was written",
              "There may be no RAM at " + format_range(algorithm_.ram) +
                  ", or it has no clock or power: ram_start and ram_size in [family.settings].")
      .see(Cause::bad_ram);
}

std::uint32_t Caller::call(std::uint32_t entry, std::array<std::uint32_t, 4> arguments,
                           const char *function, Nanoseconds limit) {
  const FlmFile &file = algorithm_.file;
  if (const auto &watchdog = algorithm_.watchdog) {
    probe_.write_word(watchdog->address, watchdog->value);
  }
  try {
    return cortex_m::call_function(
        probe_,
        {code_ + entry, breakpoint_, stack_, code_ + file.static_base.value_or(0), arguments,
         algorithm_.ram},
        limit);
  } catch (const Error &error) {
    if (error.code() == Errc::probe) throw;
    throw Error(
        Errc::flash, fmt::format("{} of the flash algorithm: {}", function, error.what()),
        "It may be the wrong algorithm for this chip. Power-cycle the board and try again." +
            watchdog_hint())
        .see(Cause::stuck_busy);
  }
}

std::string Caller::watchdog_hint() const {
  return algorithm_.watchdog
             ? ""
             : " If a watchdog may have reset the chip, name it: watchdog_address in "
               "[family.settings].";
}

void Caller::check(std::uint32_t result, const char *function, std::uint32_t address) const {
  if (result == 0) return;
  throw Error(Errc::flash,
              fmt::format("{} of the flash algorithm reports an error ({}) at {}", function, result,
                          hex(address)),
              "The flash may be protected there, or this is the wrong algorithm for the chip." +
                  watchdog_hint())
      .see(Cause::bad_cell);
}

void Caller::init(Purpose purpose) {
  const std::uint32_t start = algorithm_.file.device.range.address;
  check(call(algorithm_.file.entries.init, {start, algorithm_.clock_hz, purpose, 0}, "Init",
             init_limit),
        "Init", start);
}

void Caller::uninit(Purpose purpose) {
  check(call(algorithm_.file.entries.uninit, {purpose, 0, 0, 0}, "UnInit", init_limit), "UnInit",
        algorithm_.file.device.range.address);
}

void Caller::erase(MemoryRange range) {
  const FlashDevice &device = algorithm_.file.device;
  init(erasing);
  for (const MemoryRange &sector : sectors_in(device, range)) {
    check(call(algorithm_.file.entries.erase_sector, {sector.address, 0, 0, 0}, "EraseSector",
               device.erase_limit),
          "EraseSector", sector.address);
  }
  uninit(erasing);
  if (is_single_page(device)) return;
  Bytes found(range.size);
  probe_.read_memory(range.address, found);
  const auto wrong =
      std::ranges::find_if(found, [&](std::uint8_t byte) { return byte != device.erased_value; });
  if (wrong == found.end()) return;
  const auto at = static_cast<std::uint32_t>(wrong - found.begin());
  throw Error(Errc::flash,
              fmt::format("the flash algorithm reports no error, but {} is not erased: {:#04x}",
                          hex(range.address + at), *wrong),
              "The flash may be protected there, or this is the wrong algorithm for the chip." +
                  watchdog_hint())
      .see(Cause::bad_cell);
}

void Caller::erase_chip(std::uint32_t entry, Nanoseconds limit) {
  init(erasing);
  check(call(entry, {}, "EraseChip", limit), "EraseChip", algorithm_.file.device.range.address);
  uninit(erasing);
}

void Caller::program(std::uint32_t address, std::span<const std::uint8_t> data) {
  const FlashDevice &device = algorithm_.file.device;
  init(programming);
  for (std::size_t at = 0; at < data.size(); at += device.page_size) {
    const std::uint32_t page = address + static_cast<std::uint32_t>(at);
    probe_.write_memory(buffer_, data.subspan(at, device.page_size));
    check(call(algorithm_.file.entries.program_page, {page, device.page_size, buffer_, 0},
               "ProgramPage", device.program_limit),
          "ProgramPage", page);
  }
  uninit(programming);
}

}  // namespace flashhost::flm
