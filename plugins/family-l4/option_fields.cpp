#include "l4.hpp"
#include "registers.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>

namespace l4 {

using namespace flashhost;

namespace {

constexpr unsigned high_half = 16;
// The widest fields of any die.
constexpr std::uint32_t write_area_bits = 0x00FF00FF, proprietary_area_bits = 0x1FFFF;
constexpr std::uint16_t l47 = 0x415;  // its BOOT0 is always the pin

// Which option words a chip has besides the first, in this order.
struct Words {
  std::vector<OptionRegister> registers;
  std::vector<ProtectedArea> write, proprietary;
  std::vector<OptionField> fields;
};

// Of a register's field: parts with less flash have fields of the same width, and it does not
// depend on the number of banks, so that a change of that can be read back and completed.
std::uint32_t mask_for(const Line &line, std::uint32_t unit_of_two_banks,
                       std::uint32_t unit_of_one) {
  const std::uint32_t largest = line.maximum_kib * stm32::kib;
  const bool two = line.may_have_two_banks();
  std::uint32_t most = two ? largest / 2 / unit_of_two_banks : 2;
  if (!two || line.single_page_kib != 0) most = std::max(most, largest / unit_of_one);
  return (1U << std::bit_width(most - 1)) - 1;
}

// The flash that a bank's registers count in. With one bank of larger pages those of the second
// bank count in the same, with one bank of others in nothing.
MemoryRange bank_range(const Chip &chip, std::uint32_t bank) {
  const Division division = division_of(chip);
  if (!division.two_banks) {
    const bool counts = bank == 0 || line_of(chip).single_page_kib != 0;
    return {flash_base, counts ? own_size(chip) : 0};
  }
  const std::uint32_t distance = bank_distance(chip);
  const std::uint32_t shown = division.swapped ? 1 - bank : bank;
  return {flash_base + shown * distance, own_size(chip) / 2};
}

// Bytes.
std::uint32_t proprietary_unit(const Line &line, bool two_banks) {
  switch (line.series) {
    case Series::l4:
    case Series::g4: {
      const bool wide = line.page_kib == 4 || (line.single_page_kib != 0 && !two_banks);
      return wide ? 16 : 8;
    }
    case Series::wb:
    case Series::wl:
      return line.page_kib * stm32::kib / 2;
    default:
      return 512;
  }
}

void add_write_area(Words &words, const Chip &chip, std::uint32_t offset, const std::string &name,
                    std::uint32_t bank) {
  const MemoryRange range = bank_range(chip, bank);
  const std::uint32_t page = page_size(chip);
  const Line &line = line_of(chip);
  const std::uint32_t mask = mask_for(line, line.page_kib * stm32::kib,
                                      std::max(line.page_kib, line.single_page_kib) * stm32::kib);
  const std::size_t word = words.registers.size();
  words.registers.push_back(
      {offset, mask | mask << high_half, write_area_bits & ~(mask | mask << high_half)});
  words.write.push_back({word, word, high_half, mask, page, range});
  const auto bits = static_cast<std::uint32_t>(std::bit_width(mask));
  const auto number = static_cast<std::uint32_t>(word);
  words.fields.push_back({name + "_STRT",
                          "write protection, first page",
                          number,
                          0,
                          bits,
                          {},
                          "none if it is behind " + name + "_END",
                          true});
  words.fields.push_back(
      {name + "_END", "write protection, last page", number, high_half, bits, {}, "", true});
}

void add_proprietary_area(Words &words, const Chip &chip, std::uint32_t start, std::uint32_t end,
                          const std::string &name, std::uint32_t bank) {
  constexpr std::uint32_t rdp_bit = 1U << 31;
  const MemoryRange range = bank_range(chip, bank);
  const Line &line = line_of(chip);
  const std::uint32_t unit = proprietary_unit(line, division_of(chip).two_banks);
  const std::uint32_t mask =
      mask_for(line, proprietary_unit(line, true), proprietary_unit(line, false));
  const std::uint32_t unused = proprietary_area_bits & ~mask;
  const std::size_t word = words.registers.size();
  const bool first = words.proprietary.empty();
  words.registers.push_back({start, mask, unused});
  words.registers.push_back({end, first ? mask | rdp_bit : mask, unused});
  words.proprietary.push_back({word, word + 1, 0, mask, unit, range});
  const auto bits = static_cast<std::uint32_t>(std::bit_width(mask));
  const auto number = static_cast<std::uint32_t>(word);
  words.fields.push_back({name + "_STRT",
                          "proprietary code (PCROP), first unit",
                          number,
                          0,
                          bits,
                          {},
                          "none if it is behind " + name + "_END",
                          true});
  words.fields.push_back(
      {name + "_END", "proprietary code (PCROP), last unit", number + 1, 0, bits, {}, "", true});
  if (first) {
    words.fields.push_back({"PCROP_RDP",
                            "proprietary code when read protection is taken off",
                            number + 1,
                            31,
                            1,
                            {{0, "", "stays"}, {1, "", "is erased"}},
                            "",
                            true});
  }
}

constexpr const char *secured_area =
    "pages of the area that firmware can close until the next reset";

void add_secured_area(Words &words, std::uint32_t offset, const std::string &name,
                      std::uint32_t bits, bool with_lock) {
  constexpr std::uint32_t lock_at = 16;
  const auto number = static_cast<std::uint32_t>(words.registers.size());
  const std::uint32_t size = (1U << bits) - 1;
  words.registers.push_back({offset, with_lock ? size | 1U << lock_at : size});
  words.fields.push_back({name, secured_area, number, 0, bits, {}, ""});
  if (with_lock) {
    words.fields.push_back(
        {"BOOT_LOCK", "boot only from flash", number, lock_at, 1, {{0, "", "off"}, {1, "", "on"}}});
  }
}

// Of a chip that has the sizes for both banks in one word, the last one so far.
void add_second_secured_area(Words &words, std::uint32_t bits) {
  constexpr std::uint32_t size_at = 20;
  words.registers.back().mask |= ((1U << bits) - 1) << size_at;
  words.fields.push_back({"SEC_SIZE2",
                          secured_area,
                          static_cast<std::uint32_t>(words.registers.size() - 1),
                          size_at,
                          bits,
                          {},
                          ""});
}

// FLASH_OPTR, bit by bit.
struct Bits {
  const char *name, *meaning;
  std::uint32_t shift, bits;
  std::uint32_t series;  // that have it
};
constexpr std::uint32_t bit(Series series) {
  return 1U << static_cast<unsigned>(series);
}
constexpr std::uint32_t in_l4 = bit(Series::l4), in_g4 = bit(Series::g4), in_g0 = bit(Series::g0),
                        in_c0 = bit(Series::c0), in_u0 = bit(Series::u0), in_wb = bit(Series::wb),
                        in_wl = bit(Series::wl), in_m0 = in_g0 | in_c0 | in_u0,
                        in_wireless = in_wb | in_wl, in_m4 = in_l4 | in_g4 | in_wireless,
                        in_all = in_m0 | in_m4;
constexpr auto option_bits = std::to_array<Bits>({
    {"BOR_LEV", "brown-out reset, 0: the lowest level", 8, 3, in_l4 | in_g4},
    {"ESE", "security, 1: the second core has an area of its own", 8, 1, in_wireless},
    {"BOR_LEV", "brown-out reset, 0: the lowest level", 9, 3, in_wireless},
    {"BOR_EN", "brown-out reset, 1: on", 8, 1, in_m0},
    {"BORR_LEV", "brown-out reset, level of rising supply", 9, 2, in_g0 | in_c0},
    {"BORF_LEV", "brown-out reset, level of falling supply", 11, 2, in_g0 | in_c0},
    {"BOR_LEV", "brown-out reset, level", 9, 2, in_u0},
    {"nRST_STOP", "Stop mode", 12, 1, in_m4},
    {"nRST_STDBY", "Standby mode", 13, 1, in_m4},
    {"nRST_SHDW", "Shutdown mode", 14, 1, in_m4},
    {"nRST_STOP", "Stop mode", 13, 1, in_m0},
    {"nRST_STDBY", "Standby mode", 14, 1, in_m0},
    {"nRST_SHDW", "Shutdown mode", 15, 1, in_m0},
    {"IWDG_SW", "independent watchdog", 16, 1, in_all},
    {"IWDG_STOP", "independent watchdog in Stop mode, 1: counts", 17, 1, in_all},
    {"IWDG_STDBY", "independent watchdog in Standby mode, 1: counts", 18, 1, in_all},
    {"WWDG_SW", "window watchdog, 0: starts at every reset", 19, 1, in_all},
    {"RAM_PARITY_CHECK", "parity of the RAM, 0: checked", 22, 1, in_m0},
    {"nBOOT_SEL", "BOOT0, 0: the pin, 1: the option bit nBOOT0", 24, 1, in_m0},
    {"nBOOT1", "what is started instead of the flash, 1: the bootloader, 0: RAM", 25, 1, in_m0},
    {"nBOOT0", "with nBOOT_SEL, 1: the flash is started", 26, 1, in_m0},
    {"NRST_MODE", "what the NRST pin is: input, GPIO, or input and output", 27, 2, in_m0},
    {"IRHEN", "internal resets are shown on NRST, 1: long enough to be seen", 29, 1, in_m0},
    {"HSE_NOT_REMAPPED", "pins of the external oscillator", 21, 1, in_c0},
    {"SECURE_MUXING_EN", "pins that are bonded together, 1: protected", 23, 1, in_c0},
    {"BDRST", "reset of the backup domain", 21, 1, in_u0},
    {"BKPSRAM_ERASE", "backup RAM at a tamper event", 23, 1, in_u0},
    {"nBOOT1", "what is started instead of the flash, 1: the bootloader, 0: RAM", 23, 1, in_m4},
    {"SRAM2_PE", "parity of SRAM2, 0: checked", 24, 1, in_l4 | in_wireless},
    {"SRAM2_RST", "SRAM2 at a system reset, 0: erased", 25, 1, in_l4 | in_wireless},
    {"SRAM_PE", "parity of SRAM1 and CCM SRAM, 0: checked", 24, 1, in_g4},
    {"CCMSRAM_RST", "CCM SRAM at a system reset, 0: erased", 25, 1, in_g4},
    {"nSWBOOT0", "BOOT0, 1: the pin, 0: the option bit nBOOT0", 26, 1, in_m4},
    {"nBOOT0", "with nSWBOOT0 = 0, 1: the flash is started", 27, 1, in_m4},
    {"NRST_MODE", "what the NRST pin is: input, GPIO, or input and output", 28, 2, in_g4},
    {"IRHEN", "internal resets are shown on NRST, 1: long enough to be seen", 30, 1, in_g4},
    {"AGC_TRIM", "trimming of the radio's receiver", 29, 3, in_wb},
    {"BOOT_LOCK", "boot only from flash, 1: on", 30, 1, in_wl},
    {"C2BOOT_LOCK", "boot of the second core only from flash, 1: on", 31, 1, in_wl},
});

OptionField field_of(const Bits &bits) {
  OptionField field{bits.name, bits.meaning, 0, bits.shift, bits.bits, {}, ""};
  const std::string name = bits.name;
  if (name.starts_with("nRST_")) {
    field.values = {{0, "", "entering it resets the chip"}, {1, "", "no reset"}};
  } else if (name == "IWDG_SW") {
    field.values = {{0, "", "starts at every reset"}, {1, "", "started by software"}};
  }
  return field;
}

void add_bank_fields(std::vector<OptionField> &fields, const Line &line) {
  const std::vector<OptionValue> banks{{0, "", "one bank"}, {1, "", "two banks"}};
  const auto add = [&](const char *name, const char *meaning, std::uint32_t shift,
                       std::vector<OptionValue> values) {
    fields.push_back({name, meaning, 0, shift, 1, std::move(values)});
  };
  switch (line.banks) {
    case Banks::one:
      return;
    case Banks::g0b:
      add("nSWAP_BANK", "which bank is shown first", 20,
          {{0, "", "the second"}, {1, "", "the first"}});
      add("DUAL_BANK", "banks of a flash of 256 KiB", 21, banks);
      return;
    case Banks::largest_or_21:
    case Banks::bit_22_or_21:
    case Banks::bit_22:
      add("BFB2", "boot from flash", 20,
          {{0, "", "from bank 1"}, {1, "", "from bank 2, where it is valid"}});
  }
  if (line.banks == Banks::largest_or_21) add("DUALBANK", "banks of a smaller flash", 21, banks);
  if (line.banks == Banks::bit_22_or_21) add("DB_HALF", "banks of a smaller flash", 21, banks);
  if (line.banks != Banks::largest_or_21) add("DBANK", "banks of the flash", 22, banks);
}

std::vector<OptionField> first_word(const Line &line) {
  std::vector<OptionField> fields{
      {"RDP",
       "read protection",
       0,
       0,
       8,
       {{rdp_level0, "level0", "level 0: a debugger can read the flash"},
        {0, "level1", ""},
        {rdp_level2, "level2", "level 2: no debugger at all, for ever"}},
       "level 1: a debugger cannot read the flash",
       true}};
  for (const Bits &bits : option_bits) {
    const bool absent = line.device_id == l47 && (bits.shift == 26 || bits.shift == 27);
    if ((bits.series & bit(line.series)) != 0 && !absent) fields.push_back(field_of(bits));
  }
  add_bank_fields(fields, line);
  std::ranges::sort(fields, {}, &OptionField::shift);
  return fields;
}

// The same words with one bank and with two, if the chip can have both.
Words make_words(const Chip &chip) {
  const Line &line = line_of(chip);
  constexpr std::uint32_t all_options = 0xFFFFFFFF;
  const bool second = has_two_banks(line, own_size(chip), all_options);
  const bool plain = is_value_line(chip);
  const bool g0b = line.banks == Banks::g0b;
  Words words{{{flash_optr}}, {}, {}, first_word(line)};
  add_write_area(words, chip, 0x2C, "WRP1A", 0);
  add_write_area(words, chip, 0x30, "WRP1B", 0);
  if (second) {
    add_write_area(words, chip, 0x4C, "WRP2A", 1);
    add_write_area(words, chip, 0x50, "WRP2B", 1);
  }
  switch (line.series) {
    case Series::l4:
    case Series::g4:
      add_proprietary_area(words, chip, 0x24, 0x28, "PCROP1", 0);
      if (second) add_proprietary_area(words, chip, 0x44, 0x48, "PCROP2", 1);
      break;
    case Series::g0:
    case Series::c0:
    case Series::wb:
    case Series::wl:
      if (plain) break;
      add_proprietary_area(words, chip, 0x24, 0x28, "PCROP1A", 0);
      add_proprietary_area(words, chip, 0x34, 0x38, "PCROP1B", 0);
      if (second) {
        add_proprietary_area(words, chip, 0x44, 0x48, "PCROP2A", 1);
        add_proprietary_area(words, chip, 0x54, 0x58, "PCROP2B", 1);
      }
      break;
    case Series::u0:
      break;
  }
  constexpr std::uint32_t secured_bits = 7, secured_bits_of_banks = 8;
  switch (line.series) {
    case Series::g0:
      if (plain) break;
      add_secured_area(words, 0x80, "SEC_SIZE", g0b ? secured_bits_of_banks : secured_bits, true);
      if (g0b) add_second_secured_area(words, secured_bits_of_banks);
      break;
    case Series::c0:
      add_secured_area(words, 0x80, "SEC_SIZE", secured_bits, true);
      break;
    case Series::u0:
      add_secured_area(words, 0x80, "HDP1_PEND", secured_bits, true);
      break;
    case Series::g4:
      add_secured_area(words, 0x70, "SEC_SIZE1", secured_bits_of_banks, true);
      if (second) add_secured_area(words, 0x74, "SEC_SIZE2", secured_bits_of_banks, false);
      break;
    case Series::l4:
    case Series::wb:
    case Series::wl:
      break;
  }
  return words;
}

// Made once for each kind of chip: every question about an area needs them.
const Words &words_of(const Chip &chip) {
  static std::mutex mutex;
  static std::map<std::uint32_t, Words> known;  // by Chip::variant, which decides all of them
  const std::lock_guard lock(mutex);
  const auto found = known.find(chip.variant);
  return found != known.end() ? found->second
                              : known.emplace(chip.variant, make_words(chip)).first->second;
}

}  // namespace

const std::vector<OptionRegister> &option_registers(const Chip &chip) {
  return words_of(chip).registers;
}

const std::vector<OptionField> &option_fields(const Chip &chip) {
  return words_of(chip).fields;
}

const std::vector<ProtectedArea> &write_areas(const Chip &chip) {
  return words_of(chip).write;
}

const std::vector<ProtectedArea> &proprietary_areas(const Chip &chip) {
  return words_of(chip).proprietary;
}

MemoryRange area_range(const ProtectedArea &area, const OptionWords &words) {
  const std::uint32_t first = words.at(area.start_word) & area.mask;
  const std::uint32_t last = words.at(area.end_word) >> area.end_at & area.mask;
  const std::uint32_t start = first * area.unit;
  if (first > last || start >= area.range.size) return {area.range.address, 0};
  const std::uint32_t end = std::min((last + 1) * area.unit, area.range.size);
  return {area.range.address + start, end - start};
}

}  // namespace l4
