#include <flashhost/chip.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace flashhost {

namespace {

using Meaning = StatusBit::Meaning;

const std::vector<Sector> &layout(const Chip &chip) {
  return chip.die_sectors.empty() ? chip.sectors : chip.die_sectors;
}

// "1 KiB" or "16 KiB, 64 KiB or 128 KiB"
std::string sector_sizes(const std::vector<Sector> &sectors) {
  std::set<std::uint32_t> sizes;
  for (const Sector &sector : sectors) sizes.insert(sector.size);
  std::string text;
  for (const std::uint32_t size : sizes) {
    if (!text.empty()) text += size == *sizes.rbegin() ? " or " : ", ";
    text += format_size(size);
  }
  return text;
}

}  // namespace

const StatusRegister *status_register(const Chip &chip, std::uint32_t address) {
  const StatusRegister *found = nullptr;
  for (const StatusRegister &candidate : chip.status.registers) {
    if (found == nullptr || candidate.flash_from <= address) found = &candidate;
  }
  return found;
}

std::optional<std::uint32_t> read_status(ProbeReader &probe, const Chip &chip,
                                         std::uint32_t address) {
  const StatusRegister *found = status_register(chip, address);
  if (found == nullptr) return {};
  return probe.read_word(found->address);
}

std::uint32_t status_mask(const Chip &chip, Meaning meaning) {
  std::uint32_t mask = 0;
  for (const StatusBit &bit : chip.status.bits) {
    if (bit.meaning == meaning) mask |= bit.mask;
  }
  return mask;
}

bool is_busy(const Chip &chip, std::uint32_t status) {
  return (status & status_mask(chip, Meaning::busy)) != 0;
}

std::string explain_status(const Chip &chip, std::uint32_t address, std::uint32_t status) {
  for (const StatusCode &code : chip.status.codes) {
    if (code.value == status) return code.meaning;
  }
  std::string words, done;
  std::uint32_t known = 0;
  const auto add = [](std::string &text, const std::string &part) {
    text += (text.empty() ? "" : "; ") + part;
  };
  for (const StatusBit &bit : chip.status.bits) {
    known |= bit.mask;
    if ((status & bit.mask) == 0) continue;
    add(bit.meaning == Meaning::done ? done : words, bit.name + ": " + bit.cause);
  }
  const StatusRegister *source = status_register(chip, address);
  if (source == nullptr) return "what it means is not known";
  if ((status & ~known) != 0) {
    add(words, fmt::format("bits that {} does not have: the read may have gone wrong", chip.name));
  }
  if (words.empty()) words = done.empty() ? chip.status.no_bits : done;
  if (words.empty()) words = "no bit is set";
  return fmt::format("{} ({} {})", words, source->name, hex(status));
}

std::string status_cause(const Chip &chip, std::uint32_t status, std::string_view otherwise) {
  const auto found = std::ranges::find_if(chip.status.bits, [&](const StatusBit &bit) {
    return bit.meaning == Meaning::error && (status & bit.mask) != 0 && !bit.page.empty();
  });
  return found == chip.status.bits.end() ? std::string(otherwise) : found->page;
}

std::optional<std::string> wrong_flash_size(const Chip &chip, std::uint32_t size) {
  const std::vector<Sector> &sectors = layout(chip);
  const bool ends_a_sector = std::ranges::any_of(sectors, [&](const Sector &sector) {
    return sector.range().end() == std::uint64_t{chip.flash.address} + size;
  });
  if (ends_a_sector) return {};
  const std::uint64_t most = sectors.empty() ? 0 : sectors.back().range().end();
  return fmt::format("the {} holds at most {} and ends where a sector does ({} each)",
                     chip.die.empty() ? chip.name : chip.die,
                     format_size(most - chip.flash.address), sector_sizes(sectors));
}

void set_flash_size(Chip &chip, std::uint32_t size) {
  if (const auto wrong = wrong_flash_size(chip, size)) throw Error(Errc::internal, *wrong);
  const std::uint64_t end = std::uint64_t{chip.flash.address} + size;
  std::vector<Sector> sectors;
  for (const Sector &sector : layout(chip)) {
    if (sector.range().end() <= end) sectors.push_back(sector);
  }
  chip.sectors = std::move(sectors);
  chip.flash.size = size;
}

std::vector<MemoryRange> flash_ranges(const Chip &chip) {
  std::vector<MemoryRange> all{chip.flash};
  for (const Chip &further : chip.further_flash) all.push_back(further.flash);
  std::ranges::sort(all, {}, &MemoryRange::address);
  std::vector<MemoryRange> ranges;
  for (const MemoryRange &range : all) add_range(ranges, range);
  return ranges;
}

void add_range(std::vector<MemoryRange> &ranges, MemoryRange range) {
  if (!ranges.empty() && ranges.back().end() == range.address) {
    ranges.back().size += range.size;
  } else {
    ranges.push_back(range);
  }
}

}  // namespace flashhost
