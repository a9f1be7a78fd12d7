#include "flm_file.hpp"

#include "elf_parts.hpp"
#include "flash_device.hpp"
#include "names.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace flashhost::flm {

namespace {

constexpr const char *no_algorithm =
    "Is this a CMSIS flash algorithm (.FLM)? Check the path, or take it out of the vendor's pack.";
constexpr const char *odd_linking =
    "It was not linked as flash algorithms are: use another version of the vendor's pack, or "
    "CMSIS's own linker script to build it.";

[[noreturn]] void fail(const std::string &reason, const char *hint) {
  throw Error(Errc::image, reason, hint);
}

// The functions, and where the symbols say they are.
class Functions {
 public:
  static constexpr std::array<std::string_view, 7> names = {
      "Init", "UnInit", "EraseSector", "ProgramPage", "EraseChip", "BlankCheck", "Verify"};

  explicit Functions(std::vector<Part> code) : code_(std::move(code)) {}

  void look(const Symbol &symbol) {
    is_segger_ = is_segger_ || symbol.name.starts_with("SEGGER_FL_") ||
                 symbol.name.starts_with("SEGGER_OPEN_");
    const auto *name = std::find(names.begin(), names.end(), symbol.name);
    if (name == names.end() || !symbol.function || code_of(symbol.section) == nullptr) return;
    auto &known = found_[static_cast<std::size_t>(name - names.begin())];
    auto &same_kind = symbol.local ? known.local : known.global;
    if (!same_kind) same_kind = symbol;
    if (same_kind->value == symbol.value) return;
    if (!symbol.local) {
      fail(fmt::format("it has two functions {}, at {} and {}", symbol.name, hex(same_kind->value),
                       hex(symbol.value)),
           odd_linking);
    }
    known.local_twice = true;
  }

  [[nodiscard]] Entries entries(std::uint32_t base) const {
    Entries entries;
    entries.init = needed(0, base);
    entries.uninit = needed(1, base);
    entries.erase_sector = needed(2, base);
    entries.program_page = needed(3, base);
    entries.erase_chip = offset(4, base);
    entries.blank_check = offset(5, base);
    entries.verify = offset(6, base);
    return entries;
  }

  [[noreturn]] void fail_without(std::string_view what) const {
    if (is_segger_) {
      fail(
          fmt::format("it has no {}: it is an algorithm for SEGGER's J-Link (OFL), which has other "
                      "functions",
                      what),
          "Use the CMSIS flash algorithm (.FLM) of the vendor's pack.");
    }
    fail(fmt::format("it has no {}", what), no_algorithm);
  }

 private:
  // Other modules may have a local function of that name. GNU ld makes hidden functions local.
  struct Known {
    std::optional<Symbol> global;
    std::optional<Symbol> local;
    bool local_twice = false;
  };

  [[nodiscard]] const Part *code_of(std::size_t section) const {
    const auto part =
        std::find_if(code_.begin(), code_.end(), [&](const Part &p) { return p.index == section; });
    return part == code_.end() ? nullptr : &*part;
  }

  [[nodiscard]] std::uint32_t needed(std::size_t which, std::uint32_t base) const {
    const auto found = offset(which, base);
    if (!found) fail_without(fmt::format("function {} in PrgCode", names[which]));
    return *found;
  }

  [[nodiscard]] std::optional<std::uint32_t> offset(std::size_t which, std::uint32_t base) const {
    const Known &known = found_[which];
    if (!known.global && known.local_twice) {
      fail(fmt::format("it has several functions {}, none of them global", names[which]),
           odd_linking);
    }
    const auto &symbol = known.global ? known.global : known.local;
    if (!symbol) return {};
    const std::uint32_t address = symbol->value & ~1U;
    if (address == symbol->value) {
      fail(
          fmt::format("its function {} at {} is no Thumb code (the lowest bit of its address is 0)",
                      names[which], hex(address)),
          "A Cortex-M runs nothing else: build the algorithm with -mthumb.");
    }
    const Part &code = *code_of(symbol->section);
    if (address < code.address || address + std::uint64_t{2} > code.end()) {
      fail(fmt::format("its function {} at {} is outside of PrgCode, {}", names[which],
                       hex(address), format_range({code.address, code.size})),
           odd_linking);
    }
    return address - base;
  }

  std::vector<Part> code_;
  std::array<Known, names.size()> found_;
  bool is_segger_ = false;
};

// Sorted by address, not overlapping, and together small enough.
std::vector<Part> parts_of_image(const std::vector<Part> &code, const std::vector<Part> &data) {
  std::vector<Part> parts = code;
  parts.insert(parts.end(), data.begin(), data.end());
  std::sort(parts.begin(), parts.end(), [](const Part &a, const Part &b) {
    return std::pair(a.address, a.index) < std::pair(b.address, b.index);
  });
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].address >= parts[i - 1].end()) continue;
    fail(fmt::format("its sections {} and {} overlap at {}", parts[i - 1].index, parts[i].index,
                     hex(parts[i].address)),
         odd_linking);
  }
  const std::uint64_t size = parts.back().end() - parts.front().address;
  if (size > FlmFile::max_image_size) {
    fail(fmt::format("code and data span {}; more than {} are refused", format_size(size),
                     format_size(FlmFile::max_image_size)),
         odd_linking);
  }
  return parts;
}

Bytes image_of(const std::vector<Part> &parts) {
  const std::uint32_t base = parts.front().address;
  Bytes image(static_cast<std::size_t>(parts.back().end() - base));
  for (const Part &part : parts) {
    std::copy(part.content.begin(), part.content.end(),
              image.begin() + static_cast<std::ptrdiff_t>(part.address - base));
  }
  return image;
}

// By its symbol; its address may also be that of zeros behind the data.
FlashDevice device_of(const ElfParts &elf, const std::optional<Symbol> &symbol,
                      const Functions &functions, std::vector<std::string> &warnings) {
  if (symbol) {
    const auto section = elf.part(symbol->section);
    if (!section || symbol->value < section->address) {
      fail(fmt::format("its symbol FlashDevice, {}, is in no section", hex(symbol->value)),
           odd_linking);
    }
    return read_device(*section, symbol->value - section->address, warnings);
  }
  const std::vector<Part> sections = elf.named("DevDscr");
  if (sections.empty())
    functions.fail_without("FlashDevice, neither a symbol nor a section DevDscr");
  if (sections.size() > 1) {
    fail("it has several sections DevDscr, and no symbol FlashDevice says which counts",
         odd_linking);
  }
  return read_device(sections.front(), 0, warnings);
}

}  // namespace

FlmFile parse_flm(std::span<const std::uint8_t> file) {
  const ElfParts elf(file);
  const std::vector<Part> code = elf.named("PrgCode");
  const std::vector<Part> data = elf.named("PrgData");
  Functions functions(code);
  std::optional<Symbol> device;
  elf.for_each_symbol([&](const Symbol &symbol) {
    functions.look(symbol);
    if (symbol.name == "FlashDevice" && symbol.section != SHN_UNDEF && !symbol.function) {
      if (!device || device->local) device = symbol;
    }
  });
  if (code.empty()) functions.fail_without("section PrgCode");

  const std::vector<Part> parts = parts_of_image(code, data);
  FlmFile flm;
  flm.link_address = parts.front().address;
  if (std::none_of(code.begin(), code.end(),
                   [&](const Part &part) { return part.address == flm.link_address; })) {
    fail(fmt::format("its data, at {}, is before its code", hex(flm.link_address)), odd_linking);
  }
  if (flm.link_address % 2 != 0) {
    fail(fmt::format("its code begins at an odd address, {}", hex(flm.link_address)), odd_linking);
  }
  flm.entries = functions.entries(flm.link_address);
  flm.device = device_of(elf, device, functions, flm.warnings);
  flm.image = image_of(parts);
  if (!data.empty()) {
    const auto first = std::min_element(data.begin(), data.end(), [](const Part &a, const Part &b) {
      return a.address < b.address;
    });
    flm.static_base = first->address - flm.link_address;
  }
  return flm;
}

}  // namespace flashhost::flm
