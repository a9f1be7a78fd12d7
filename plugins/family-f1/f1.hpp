// The files of the families and their functions: STM32F0, F1 and F3 have the same flash controller.
#pragma once

#include <flashhost/family.hpp>
#include <flashhost/host.hpp>

#include <array>
#include <span>

namespace f1 {

using flashhost::Chip, flashhost::Host, flashhost::Probe, flashhost::ProbeReader;

enum class Series : std::uint8_t { f0, f1, f3 };

// chips.cpp. One die, that is one device id.
struct Line {
  std::uint16_t device_id = 0;
  std::string_view name;        // "medium density STM32F1"
  std::string_view part_names;  // the series, for names of parts: "STM32F103"
  std::uint16_t page_size = 0;
  std::uint16_t maximum_kib = 0;         // the most flash that the die can hold
  std::uint8_t banks = 1;                // the second one starts at 512 KiB
  flashhost::MemoryRange system_memory;  // bootloader and electronic signature
  std::array<std::uint16_t, 4> revision_list{};
  std::uint8_t revision_count = 0;  // 0: not known
  Series series = Series::f1;
  std::uint8_t write_bytes = 4;  // WRP bytes that protect something
  // It looks at its first word when it loads the option bytes, and starts the bootloader if that is
  // erased. The same dies have the option bits nBOOT0 and BOOT_SEL.
  bool empty_check = false;

  [[nodiscard]] std::span<const std::uint16_t> revisions() const {
    return std::span(revision_list).first(revision_count);
  }
};
[[nodiscard]] std::span<const Line> lines(Series series);
// Chip::variant is the index of its line among those of all series.
[[nodiscard]] const Line &line_of(const Chip &chip);
[[nodiscard]] const std::vector<flashhost::Part> &parts(Series series);
// A chip with all the flash that the die can hold.
[[nodiscard]] Chip make_chip(const Line &line);

// identify.cpp
[[nodiscard]] flashhost::Identity identify(Series series, ProbeReader &probe);
void settle(ProbeReader &probe, Chip &chip);

// prepare.cpp
void prepare(Host &host, Probe &probe, const Chip &chip, flashhost::UndoLog &undo);

// protection.cpp
[[nodiscard]] flashhost::Protection protection(Probe &probe, const Chip &chip);
void unprotect(Host &host, Probe &probe, const Chip &chip, const flashhost::Protection &found);

// option_bytes.cpp
using flashhost::OptionWords;
[[nodiscard]] std::vector<flashhost::OptionField> option_fields(const Chip &chip);
[[nodiscard]] OptionWords read_options(Probe &probe);
[[nodiscard]] std::vector<flashhost::OptionEffect> option_effects(const Chip &chip,
                                                                  const OptionWords &from,
                                                                  const OptionWords &to);
void write_options(Host &host, Probe &probe, const Chip &chip, const OptionWords &words);
// Makes an F0 or F3 load its option bytes, which resets it; the core is halted afterwards.
void launch_options(Probe &probe);
[[nodiscard]] OptionWords without_protection(const Chip &chip, OptionWords words);
[[nodiscard]] OptionWords with_read_protection(const Chip &chip, OptionWords words);
[[nodiscard]] OptionWords with_write_protection(const Chip &chip, OptionWords words,
                                                flashhost::MemoryRange range);
[[nodiscard]] std::vector<flashhost::MemoryRange> write_protected(const Chip &chip,
                                                                  const OptionWords &words);
// The same by FLASH_WRPR, where a bit that is 0 protects its part of the flash.
[[nodiscard]] std::vector<flashhost::MemoryRange> write_protected(const Chip &chip,
                                                                  std::uint32_t wrpr);

// controller.cpp: erases and programs through the probe.
[[nodiscard]] std::uint32_t bank_offset(const Chip &chip, std::uint32_t address);
void erase_sector(Host &host, Probe &probe, const Chip &chip, const flashhost::Sector &sector);
void erase_all(Host &host, Probe &probe, const Chip &chip);
void program(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
             std::span<const std::uint8_t> data);

// finish.cpp
void finish(Host &host, Probe &probe, const Chip &chip);
void finish_without_reset(Host &host, Probe &probe, const Chip &chip);

// loader.cpp
[[nodiscard]] flashhost::LoaderCode loader(const Chip &chip);

}  // namespace f1
