#include "elf.hpp"

#include <flashhost/assembler.hpp>
#include <flashhost/error.hpp>
#include <flashhost/stop_watch.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace flashhost::elf {

namespace {

constexpr std::uint64_t address_space = std::uint64_t{1} << 32;

// Some bytes of the file that belong into the memory.
struct Piece {
  std::uint64_t address;
  std::uint64_t offset;  // into the file
  std::uint64_t size;
  std::size_t index;  // of its section or segment
};

bool loads(const GElf_Phdr &segment) {
  return segment.p_type == PT_LOAD && segment.p_memsz != 0;
}

// Some linkers leave all physical addresses 0. Like GNU BFD: with several segments to load these
// cannot be meant, and the virtual addresses count.
bool has_physical_addresses(const File &file) {
  const std::vector<GElf_Phdr> &segments = file.segments();
  return std::count_if(segments.begin(), segments.end(), loads) < 2 ||
         std::any_of(
             segments.begin(), segments.end(),
             [](const GElf_Phdr &segment) { return segment.p_paddr != 0; });
}

bool is_inside(std::uint64_t start, std::uint64_t size, std::uint64_t outer_start,
               std::uint64_t outer_size) {
  return start >= outer_start && start + size <= outer_start + outer_size;
}

bool is_in(const GElf_Shdr &section, const GElf_Phdr &segment) {
  // The initial values of thread-local variables have a segment of their own kind.
  const GElf_Word kind = (section.sh_flags & SHF_TLS) != 0 ? PT_TLS : PT_LOAD;
  return segment.p_type == kind &&
         is_inside(section.sh_offset, section.sh_size, segment.p_offset, segment.p_filesz) &&
         is_inside(section.sh_addr, section.sh_size, segment.p_vaddr, segment.p_memsz);
}

// A section in no segment keeps its address: so objcopy puts sections that were added to a linked
// file.
std::uint64_t physical_address(const File &file, const GElf_Shdr &section, StopWatch &watch) {
  for (const GElf_Phdr &segment : file.segments()) {
    watch.step();
    if (!is_in(section, segment)) continue;
    return segment.p_paddr + section.sh_offset - segment.p_offset;
  }
  return section.sh_addr;
}

class Program {
 public:
  Program(std::span<const std::uint8_t> bytes, StopWatch &watch) : file_(bytes), watch_(watch) {
    if (file_.section_count() > 0) {
      take_sections();
    } else {
      take_segments();
    }
    check();
  }

  ParsedFile content() {
    std::uint64_t most = 0;
    for (const Piece &piece : pieces_) most += piece.size;
    // Pieces may be the same bytes of the file.
    most = std::min<std::uint64_t>(most, file_.bytes().size());
    Assembler assembler(Overlap::refuse, watch_, static_cast<std::size_t>(most));
    for_each_piece([&](std::uint32_t address, std::span<const std::uint8_t> data,
                       std::size_t /*index*/) { assembler.add(address, data); });
    Assembler::Result result = assembler.finish({});
    if (result.contradiction) fail_contradiction(*result.contradiction);
    ParsedFile parsed{std::move(result.segments), {}};
    if (file_.entry() != 0) parsed.entry_point = file_.entry();
    return parsed;
  }

 private:
  using Take =
      std::function<void(std::uint32_t address, std::span<const std::uint8_t> data, std::size_t)>;

  void take_sections() {
    const bool physical = has_physical_addresses(file_);
    for (std::size_t index = 1; index < file_.section_count(); ++index) {
      watch_.step();
      const GElf_Shdr section = file_.section(index);
      if ((section.sh_flags & SHF_ALLOC) == 0 || section.sh_type == SHT_NOBITS ||
          section.sh_type == SHT_NULL || section.sh_size == 0) {
        continue;
      }
      pieces_.push_back({physical ? physical_address(file_, section, watch_) : section.sh_addr,
                         section.sh_offset, section.sh_size, index});
    }
  }

  void take_segments() {
    const bool physical = has_physical_addresses(file_);
    std::size_t index = 0;
    for (const GElf_Phdr &segment : file_.segments()) {
      if (segment.p_type == PT_LOAD && segment.p_filesz != 0) {
        pieces_.push_back({physical ? segment.p_paddr : segment.p_vaddr, segment.p_offset,
                           segment.p_filesz, index});
      }
      ++index;
    }
  }

  // 3 (.data), or 1.
  [[nodiscard]] std::string number_and_name(std::size_t index) const {
    if (file_.section_count() == 0) return fmt::format("{}", index);
    const std::string name = file_.section_name(index);
    return name.empty() ? fmt::format("{}", index) : fmt::format("{} ({})", index, name);
  }
  [[nodiscard]] std::string kind() const {
    return file_.section_count() == 0 ? "segment" : "section";
  }

  void check() const {
    const std::size_t size = file_.bytes().size();
    std::uint64_t total = 0;
    for (const Piece &piece : pieces_) {
      if (piece.offset + piece.size > size) {
        throw Error(
            Errc::image,
            fmt::format("{} {}: its content ends at offset {}, but the file has {} bytes", kind(),
                        number_and_name(piece.index), piece.offset + piece.size, size),
            "The file is cut off or damaged: build or copy it again.");
      }
      if (piece.address + piece.size > address_space) {
        throw Error(Errc::image,
                    fmt::format("{} {}: {} bytes at {:#010x} reach beyond the 32-bit address space",
                                kind(), number_and_name(piece.index), piece.size, piece.address),
                    "Check the load addresses in the linker script (AT).");
      }
      total += piece.size;
    }
    // Content that is in the file once may be named many times: it must not multiply.
    if (total <= size) return;
    throw Error(Errc::image,
                fmt::format("its {}s share content: they name {} bytes of a file of {}", kind(),
                            total, size),
                "No linker writes such a file: it is damaged. Build or copy it again.");
  }

  void for_each_piece(const Take &take) const {
    for (const Piece &piece : pieces_) {
      watch_.step();
      take(static_cast<std::uint32_t>(piece.address),
           file_.bytes().subspan(static_cast<std::size_t>(piece.offset),
                                 static_cast<std::size_t>(piece.size)),
           piece.index);
    }
  }

  [[noreturn]] void fail_contradiction(std::uint32_t address) const {
    ContradictionFinder finder(address);
    for_each_piece([&](std::uint32_t start, std::span<const std::uint8_t> data, std::size_t index) {
      const auto found = finder.look(start, data, index);
      if (!found) return;
      throw Error(
          Errc::image,
          fmt::format("{}s {} and {} overlap at {} and differ there: {:#04x} and {:#04x}", kind(),
                      number_and_name(found->first_place), number_and_name(found->second_place),
                      hex(found->address), found->first, found->second),
          "Two parts of the firmware are loaded to one address: check the load "
          "addresses in the linker script (AT).");
    });
    throw std::logic_error("the contradiction is gone");
  }

  File file_;
  StopWatch &watch_;
  std::vector<Piece> pieces_;
};

}  // namespace

ParsedFile parse(std::span<const std::uint8_t> file, const std::stop_token &stop) {
  StopWatch watch(stop);
  return Program(file, watch).content();
}

}  // namespace flashhost::elf
