// The files of the family and their functions.
#pragma once

#include <flashhost/family.hpp>
#include <flashhost/host.hpp>

#include <array>
#include <span>

namespace l4 {

using flashhost::Chip, flashhost::Host, flashhost::Probe, flashhost::ProbeReader;

// chips.cpp. What the lines of one series share.
enum class Series : std::uint8_t { l4, g4, g0, c0, u0, wb, wl };
struct SeriesFacts {
  Series series{};
  std::uint32_t core = 0;                                   // part number in CPUID
  std::uint32_t debug_port = 0;                             // DPIDR
  std::uint32_t dbgmcu = 0, rcc = 0, power = 0, flash = 0;  // addresses
  std::uint32_t low_power_debug = 0;                        // bits of DBGMCU_CR
  std::uint32_t freeze = 0;                                 // offset of the freeze bits in DBGMCU
  std::uint32_t ahb = 0, apb1 = 0;  // offsets of the enable registers of DMA and of the WWDG in RCC
  std::uint32_t masters = 0;        // their bits in the first
  unsigned clock_status_at = 0;     // lowest bit of RCC_CFGR.SWS
  std::uint32_t internal = 0;       // the oscillator's number in RCC_CFGR.SW
  std::uint32_t divider = 0;        // of the oscillator, RCC_CR.HSIDIV
  std::uint32_t clock_hz = 0;       // what the core then runs at
  bool debug_clock = false;         // DBGMCU has a clock of its own (DBGEN)
  bool ecc = true;
  bool fast_rows = true;      // the manual does not contradict itself about fast programming
  bool half_written = false;  // SR.CFGBSY: the first word of a double word waits for the second
  bool second_core = false;   // owns the end of the flash, and can suspend operations
  bool debug_switch = false;  // ACR.DBG_SWEN turns the debug port off; a value line has none
  std::uint32_t system_divider = 0;  // RCC_CR.SYSDIV
  bool remappable = false;           // SYSCFG can swap the banks (FB_MODE)
};

// How the number of banks is decided: by size, and by an option bit.
enum class Banks : std::uint8_t {
  one,
  largest_or_21,  // two in the largest size, in others if option bit 21 is set
  bit_22_or_21,   // in the largest size by bit 22, in others by bit 21; one bank has larger pages
  g0b,            // as largest_or_21, but one in the smallest size
  bit_22,         // by bit 22, and the second begins at a fixed address; one bank has larger pages
};
// Who knows that the flash was empty at power-on and starts the boot ROM then.
enum class Empty : std::uint8_t { nobody, acr, sr };

// One die, that is one device id.
struct Line {
  std::uint16_t device_id = 0;
  std::string_view name;        // "STM32G071/081"
  std::string_view part_names;  // the series, for names of parts: "STM32G071"
  Series series{};
  std::uint16_t maximum_kib = 0;
  std::uint8_t page_kib = 2;
  Banks banks = Banks::one;
  std::uint8_t single_page_kib = 0;  // with one bank; 0: the same
  Empty empty = Empty::nobody;
  std::array<std::uint16_t, 4> revision_list{};  // 0: no more; all: not known

  [[nodiscard]] std::span<const std::uint16_t> revisions() const;
  [[nodiscard]] bool may_have_two_banks() const { return banks != Banks::one; }
};
[[nodiscard]] std::span<const Line> lines();
// Addresses of what the factory wrote.
struct SignatureAddresses {
  std::uint32_t flash_size = 0, unique_id = 0, one_time_memory = 0;
};
[[nodiscard]] SignatureAddresses signature_of(const Line &line);
[[nodiscard]] const Line &line_of(const Chip &chip);
[[nodiscard]] const SeriesFacts &facts_of(Series series);
[[nodiscard]] const SeriesFacts &facts_of(const Chip &chip);
[[nodiscard]] const std::vector<flashhost::Part> &parts();

// How the flash is divided and shown.
struct Division {
  bool two_banks = false;
  bool swapped = false;  // the second bank is shown first
  friend bool operator==(const Division &, const Division &) = default;
};
// A chip with all the flash that the die can hold.
[[nodiscard]] Chip make_chip(const Line &line);
// Sets sectors and times for this division; keeps the size of the flash.
void divide(Chip &chip, Division division);
// Whether rows of 32 double words can be programmed at once; with one bank of larger pages they are
// longer.
[[nodiscard]] bool has_fast_rows(const Chip &chip);
[[nodiscard]] Division division_of(const Chip &chip);
// The size of the flash that the chip reports, which decides where its banks are: the user may ask
// for less. note_own_size takes it from chip.flash.
void note_own_size(Chip &chip);
[[nodiscard]] std::uint32_t own_size(const Chip &chip);
// Notes that the chip is of a value line: no PCROP, no securable area, no switch for its debug
// port.
void note_value_line(Chip &chip);
[[nodiscard]] bool is_value_line(const Chip &chip);
// Notes that all of the flash belongs to the second core.
void give_to_second_core(Chip &chip);
// The part of the flash that belongs to it; empty where the chip has none.
[[nodiscard]] flashhost::MemoryRange second_core_range(const Chip &chip);
// By size and option bits, as they come from the factory or as FLASH_OPTR has them.
[[nodiscard]] bool has_two_banks(const Line &line, std::uint32_t flash_size, std::uint32_t options);
[[nodiscard]] std::uint32_t factory_options(const Line &line);
// The second bank of a chip with a hole between its banks, as large as chip.flash, the first.
[[nodiscard]] Chip behind_hole(const Chip &chip);
// From the start of one bank to that of the other.
[[nodiscard]] std::uint32_t bank_distance(const Chip &chip);
[[nodiscard]] std::uint32_t page_size(const Chip &chip);

// Where the controller finds a page.
struct Page {
  std::uint32_t bank = 0;  // 0 or 1, as FLASH_CR.BKER counts them
  std::uint32_t number = 0;
};
[[nodiscard]] Page page_at(const Chip &chip, std::uint32_t address);
// FLASH_CR.BKER; its place differs.
[[nodiscard]] std::uint32_t second_bank_bit(const Line &line);
// FLASH_CR.MER1 and MER2, as the mass erase of this chip needs them.
[[nodiscard]] std::uint32_t mass_erase_bits(const Chip &chip);

// identify.cpp
[[nodiscard]] flashhost::Identity identify(ProbeReader &probe);
void settle(ProbeReader &probe, Chip &chip);

// prepare.cpp
void prepare(Host &host, Probe &probe, const Chip &chip, flashhost::UndoLog &undo);
void finish(Host &host, Probe &probe, const Chip &chip);

// protection.cpp
[[nodiscard]] flashhost::Protection protection(Probe &probe, const Chip &chip);
void unprotect(Host &host, Probe &probe, const Chip &chip, const flashhost::Protection &found);

// option_fields.cpp: what the option bytes are.
using flashhost::OptionWords;
struct OptionRegister {
  std::uint32_t offset = 0;  // in the flash controller
  std::uint32_t mask = 0xFFFFFFFF;
  // Beside the mask, in a field that may be wider than all units need: written as zeros, since the
  // factory's ones would put the first unit behind the last.
  std::uint32_t unused = 0;
};
// One for each word; the first is FLASH_OPTR. These and the areas stay where they are.
[[nodiscard]] const std::vector<OptionRegister> &option_registers(const Chip &chip);
[[nodiscard]] const std::vector<flashhost::OptionField> &option_fields(const Chip &chip);
// A range of units of the flash that is protected, in one word or in two.
struct ProtectedArea {
  std::size_t start_word = 0, end_word = 0;
  unsigned end_at = 0;           // lowest bit of the last unit
  std::uint32_t mask = 0;        // of either
  std::uint32_t unit = 0;        // bytes
  flashhost::MemoryRange range;  // that it counts in; empty: in nothing, with these banks
};
[[nodiscard]] const std::vector<ProtectedArea> &write_areas(const Chip &chip);
[[nodiscard]] const std::vector<ProtectedArea> &proprietary_areas(const Chip &chip);
// Empty where the first unit is behind the last.
[[nodiscard]] flashhost::MemoryRange area_range(const ProtectedArea &area,
                                                const OptionWords &words);

// option_bytes.cpp: reading, writing and changing them.
inline constexpr const char *shut =
    "after a debugger was attached to a read-protected chip its flash stays shut until the board "
    "is power-cycled";
[[nodiscard]] OptionWords read_options(ProbeReader &probe, const Chip &chip);
[[nodiscard]] std::vector<flashhost::OptionEffect> option_effects(const Chip &chip,
                                                                  const OptionWords &from,
                                                                  const OptionWords &to);
void write_options(Host &host, Probe &probe, const Chip &chip, const OptionWords &words);
[[nodiscard]] flashhost::Nanoseconds maximum_of_mass_erase(const Chip &chip);
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
void erase_sector(Host &host, Probe &probe, const Chip &chip, const flashhost::Sector &sector);
void erase_all(Host &host, Probe &probe, const Chip &chip);
void program(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data);

// loader.cpp
[[nodiscard]] flashhost::LoaderCode loader(const Chip &chip);

}  // namespace l4
