#include "f1.hpp"
#include "registers.hpp"
#include "size_probe.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace f1 {

namespace {

using flashhost::Chip;
using flashhost::Errc;
using flashhost::Error;
using flashhost::format_size;
using flashhost::hex;

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t device_id_mask = 0xFFF;
constexpr std::uint32_t cortex_m3 = 0xC23;
constexpr std::uint32_t st_debug_port = 0x1BA01477;
// GD32F1x0, F3x0, E23x and VF103 answer as medium density but lay out their option bytes otherwise.
constexpr std::array<std::uint32_t, 4> other_families{0x1303, 0x1704, 0x1909, 0x1906};

// Nothing where the target refuses the read: then no chip of this family is there.
std::optional<std::uint32_t> read_if_there(flashhost::ProbeReader &probe, std::uint32_t address) {
  try {
    return probe.read_word(address);
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return {};
  }
}

struct Identity {
  const Line *line = nullptr;  // null: not of this family
  std::uint32_t idcode = 0;

  [[nodiscard]] std::uint32_t device_id() const { return idcode & device_id_mask; }
  [[nodiscard]] std::uint32_t revision() const { return idcode >> 16; }
};

Identity read_identity(flashhost::ProbeReader &probe) {
  Identity identity;
  const auto cpuid = read_if_there(probe, flashhost::cortex_m::cpuid);
  const auto idcode = read_if_there(probe, dbgmcu_idcode);
  if (idcode) identity.idcode = *idcode;
  if (!cpuid || !idcode || ((*cpuid >> 4) & device_id_mask) != cortex_m3) return identity;
  if (std::ranges::find(other_families, identity.revision()) != other_families.end()) {
    return identity;
  }
  identity.line = find_line(identity.device_id());
  return identity;
}

void check_expected(const Identity &identity, const Chip &expected) {
  if (identity.line != nullptr && identity.device_id() == expected.device_id) return;
  const std::string found =
      identity.line != nullptr
          ? fmt::format("an STM32F1 of the {}", identity.line->name)
          : std::string(identity.idcode != 0 ? "no STM32F1" : "without an answer to that question");
  throw Error(Errc::target,
              fmt::format("the board file names {} (device id 0x{:03x}), but the chip is {} "
                          "(DBGMCU_IDCODE {})",
                          expected.name, expected.device_id, found, hex(identity.idcode)),
              "Look whether the right board is connected, or correct chip in [family] of the board "
              "file. Nothing was changed.");
}

void check_override(const Line &line, std::uint32_t size) {
  const std::uint32_t most = line.maximum_kib * kib;
  if (size == 0 || size > most || size % line.page_size != 0) {
    throw Error(Errc::target,
                fmt::format("flash_size = {} cannot be right: the {} chip (device id 0x{:03x}) "
                            "holds at most {}, in pages of {}",
                            format_size(size), line.name, line.device_id, format_size(most),
                            format_size(line.page_size)),
                "Correct or remove flash_size in [family] of the board file.");
  }
}

void check_size(const Chip &expected, std::uint32_t found) {
  if (found >= expected.flash.size) return;
  throw Error(Errc::target,
              fmt::format("the board file names {} with {} of flash, but the chip reports {}",
                          expected.name, format_size(expected.flash.size), format_size(found)),
              fmt::format("It is another part of the line. If it is known to hold more than it "
                          "reports, set flash_size = \"{}K\" in [family] of the board file.",
                          expected.flash.size / kib));
}

bool believable(const Line &line, std::uint32_t size) {
  const auto sold = flash_sizes(line);
  if (std::ranges::find(sold, size) != sold.end()) return true;
  const bool power_of_two = (size & (size - 1)) == 0;
  return size >= 4 * kib && size < sold.front() && power_of_two;
}

// The size of flash to work with. Says in remarks how it was found when the chip does not say it.
std::uint32_t find_flash_size(flashhost::ProbeReader &probe, const Line &line,
                              const flashhost::IdentifyOptions &options,
                              std::vector<std::string> &remarks) {
  if (options.flash_size) {
    check_override(line, *options.flash_size);
    return *options.flash_size;
  }
  const std::uint32_t raw = read_if_there(probe, size_register).value_or(0) & 0xFFFF;
  if (believable(line, raw * kib)) {
    if (options.expected) {
      check_size(*options.expected, raw * kib);
      return options.expected->flash.size;
    }
    return raw * kib;
  }
  const std::string unusable = fmt::format(
      "the flash size register reads 0x{:04x}, which is no size of a {} STM32F1", raw, line.name);
  if (options.expected) {
    remarks.push_back(fmt::format("{}; taken as {} because the board file names {}", unusable,
                                  format_size(options.expected->flash.size),
                                  options.expected->name));
    return options.expected->flash.size;
  }
  const std::uint32_t shown = largest_shown(probe, flash_sizes(line));
  remarks.push_back(fmt::format(
      "{}; taken as {}, the {}; chip or flash_size in [family] of the board file say it for sure",
      unusable, format_size(shown),
      shown == flash_sizes(line).front()
          ? "smallest of the line"
          : "largest that was seen to answer with content of its own"));
  return shown;
}

// Empty when it cannot be an identity: all the same byte, or one word over and over.
flashhost::Bytes read_unique_id(flashhost::ProbeReader &probe) {
  constexpr std::size_t length = 12, word = 4;
  flashhost::Bytes id(length);
  try {
    probe.read_memory(unique_id, id, flashhost::Width::word);
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return {};
  }
  const bool repeated = std::equal(id.begin() + word, id.end(), id.begin());
  return repeated ? flashhost::Bytes{} : id;
}

void add_clone_remark(const flashhost::ProbeInfo &info, const Identity &identity,
                      std::vector<std::string> &remarks) {
  std::string signs;
  if (info.debug_port_id && *info.debug_port_id != st_debug_port) {
    signs = fmt::format("its debug port id is {} instead of {}", hex(*info.debug_port_id),
                        hex(st_debug_port));
  }
  if (!has_revision(*identity.line, identity.revision())) {
    signs += fmt::format("{}its revision id 0x{:04x} is not one of ST's for the {}",
                         signs.empty() ? "" : " and ", identity.revision(), identity.line->name);
  }
  if (!signs.empty()) {
    remarks.push_back("this may be a clone of an STM32F1: " + signs);
  }
}

}  // namespace

const Line &line_of(const Chip &chip) {
  const Line *line = find_line(chip.device_id);
  if (line == nullptr) {
    throw Error(Errc::internal,
                fmt::format("device id 0x{:03x} is not of the F1 family", chip.device_id));
  }
  return *line;
}

std::optional<Chip> identify(flashhost::ProbeReader &probe,
                             const flashhost::IdentifyOptions &options) {
  const Identity identity = read_identity(probe);
  // Another family's expectation is for that family to judge.
  const bool ours = options.expected && describe(options.expected->name);
  if (ours) check_expected(identity, *options.expected);
  if (identity.line == nullptr) return {};
  const Line &line = *identity.line;

  std::vector<std::string> remarks;
  add_clone_remark(probe.info(), identity, remarks);
  std::uint32_t size = find_flash_size(probe, line, options, remarks);
  const bool st = has_revision(line, identity.revision());
  constexpr std::uint32_t first_bank = bank2_base - flash_base;
  if (!st && line.banks > 1 && size > first_bank && !options.flash_size) {
    size = first_bank;
    remarks.emplace_back(
        "only the first 512 KiB are used: a GD32 of this size has pages of 4 KiB beyond them; "
        "flash_size in [family] of the board file overrides this");
  }
  Chip chip = make_chip(line, ours ? options.expected->name : common_name(line, size), size,
                        ours ? options.expected->ram.size : least_ram(line, size));
  chip.revision = identity.revision();
  chip.unique_id = read_unique_id(probe);
  chip.remarks = std::move(remarks);
  return chip;
}

}  // namespace f1
