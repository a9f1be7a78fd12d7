// The files of the family and their functions.
#pragma once

#include <flashhost/family.hpp>
#include <flashhost/host.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace f4 {

using flashhost::Chip, flashhost::Host, flashhost::Probe, flashhost::ProbeReader;

// chips.cpp. One die, that is one device id.
struct Line {
  std::uint16_t device_id = 0;
  std::string_view name;        // "STM32F405/407/415/417"
  std::string_view part_names;  // the series, for names of parts: "STM32F407"
  std::uint16_t maximum_kib = 0;
  std::uint8_t banks = 1;    // 2: from 1 MiB on, or of 512 KiB each when option bit DB1M says so
  std::uint16_t nwrp = 0;    // write protection bits of FLASH_OPTCR
  std::uint8_t ccm_kib = 0;  // core-coupled RAM: no code, no DMA
  bool proprietary = true;   // knows PCROP (option bit SPRMOD)
  std::array<std::uint16_t, 6> revision_list{};  // 0: no more

  [[nodiscard]] std::span<const std::uint16_t> revisions() const {
    return {revision_list.begin(), std::ranges::find(revision_list, 0)};
  }
};
[[nodiscard]] std::span<const Line> lines();
[[nodiscard]] const Line &line_of(const Chip &chip);
// With one bank where an option bit decides, and programmed in words.
[[nodiscard]] const std::vector<flashhost::Part> &parts();

// Bytes programmed at a time (FLASH_CR.PSIZE), which the supply limits.
enum class Parallelism : std::uint8_t { x8 = 1, x16 = 2, x32 = 4 };
// How a flash of 1 MiB is divided: one bank, or two of 512 KiB.
enum class Megabyte : std::uint8_t { one_bank, two_banks };
// A chip with all the flash that the die can hold.
[[nodiscard]] Chip make_chip(const Line &line, Parallelism parallelism, Megabyte megabyte);
// Sets the sectors of its die, for all the flash that it can hold.
void divide(Chip &chip, Megabyte megabyte);
// Sets sectors and mass erase for this much flash.
void set_flash(Chip &chip, std::uint32_t size);

// Facts of a chip that make_chip has made.
[[nodiscard]] std::uint32_t bank_size(const Chip &chip);
[[nodiscard]] bool two_banks(const Chip &chip);             // is there flash in both?
[[nodiscard]] std::uint32_t psize_of(std::uint32_t bytes);  // as bits of FLASH_CR
// The number of the sector at an address, as in FLASH_CR.SNB.
[[nodiscard]] std::uint32_t sector_number(const Chip &chip, std::uint32_t address);

// identify.cpp
[[nodiscard]] flashhost::Identity identify(ProbeReader &probe);
void settle(ProbeReader &probe, Chip &chip);
// The widest parallelism that this supply allows; x8 always works.
[[nodiscard]] Parallelism parallelism_at(std::optional<int> millivolts);

// prepare.cpp
void prepare(Host &host, Probe &probe, const Chip &chip, flashhost::UndoLog &undo);

// protection.cpp
[[nodiscard]] flashhost::Protection protection(Probe &probe, const Chip &chip);
void unprotect(Host &host, Probe &probe, const Chip &chip, const flashhost::Protection &found);

// option_bytes.cpp
using flashhost::OptionWords;
inline constexpr const char *shut =
    "after a debugger was attached to a read-protected STM32F4 its flash stays shut until the "
    "board is power-cycled";
[[nodiscard]] std::vector<flashhost::OptionField> option_fields(const Chip &chip);
[[nodiscard]] OptionWords read_options(ProbeReader &probe, const Chip &chip);
[[nodiscard]] std::vector<flashhost::OptionEffect> option_effects(const Chip &chip,
                                                                  const OptionWords &from,
                                                                  const OptionWords &to);
void write_options(Host &host, Probe &probe, const Chip &chip, const OptionWords &words);
[[nodiscard]] bool read_protected(const OptionWords &words);
[[nodiscard]] bool is_final(const OptionWords &words);                       // RDP level 2
[[nodiscard]] bool proprietary(const Chip &chip, const OptionWords &words);  // PCROP
[[nodiscard]] std::vector<flashhost::MemoryRange> write_protected(const Chip &chip,
                                                                  const OptionWords &words);
[[nodiscard]] OptionWords without_protection(const Chip &chip, OptionWords words);
[[nodiscard]] OptionWords with_read_protection(OptionWords words);
[[nodiscard]] OptionWords with_write_protection(const Chip &chip, OptionWords words,
                                                flashhost::MemoryRange range);

// controller.cpp: erases and programs through the probe.
[[nodiscard]] std::vector<flashhost::Width> widths(const Chip &chip);
void erase_sector(Host &host, Probe &probe, const Chip &chip, const flashhost::Sector &sector);
void erase_all(Host &host, Probe &probe, const Chip &chip);
void program(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data, flashhost::Width width);

// loader.cpp
[[nodiscard]] flashhost::LoaderCode loader(const Chip &chip);

}  // namespace f4
