// The plan: what will be erased and programmed, in which order, and what it costs. Pure.
#pragma once

#include "device_state.hpp"
#include "image.hpp"
#include "options.hpp"

#include <flashhost/family.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flashhost {

struct PlanOptions {
  EraseMode erase = EraseMode::automatic;
  bool preserve = true;
  bool guard = true;
  std::uint32_t boot_address = 0;  // Chip::boot_address
};

enum class Action : std::uint8_t { skip, program, erase_and_program };

struct SectorPlan {
  Sector sector;
  Action action = Action::skip;
  bool guarded = false;         // erased first, programmed last
  std::uint32_t found_crc = 0;  // loader_crc of what it held before
  bool unreadable = false;      // some of what it held cannot be read without error
  bool keeps = false;           // has bytes that the image does not cover and that are not erased
  bool put_back = false;        // keeps, and the image has nothing in it
  Bytes old;                    // the sector's content before, when it keeps
  std::vector<MemoryRange> to_clear;  // Action::program of a sector that is not blank: only these
  Bytes content;                      // of the whole sector, afterwards
  friend bool operator==(const SectorPlan &, const SectorPlan &) = default;
};

enum class StepKind : std::uint8_t { erase_all, erase, program };

struct Step {
  StepKind kind = StepKind::program;
  Sector sector;              // erase
  std::uint32_t address = 0;  // program
  Bytes data;                 // program; multiple of the chip's program unit
  friend bool operator==(const Step &, const Step &) = default;
};

struct Plan {
  std::vector<SectorPlan> sectors;
  std::vector<Step> steps;  // in order of execution; empty: nothing to do
  bool mass_erase = false;
  std::uint64_t image_bytes = 0;
  std::uint64_t programmed_bytes = 0;  // transferred to the flash, erased-value units left out
  std::uint64_t put_back_bytes = 0;    // of those, in sectors that are put back
  std::uint32_t erased_sectors = 0;
  Nanoseconds erase_time{};    // typical
  Nanoseconds program_time{};  // typical
  Nanoseconds floor{};         // flash busy time of the cheapest admissible plan
  // With a mass erase that was asked for: the time that sector erases would take instead.
  std::optional<Nanoseconds> by_sectors = {};  // NOLINT(readability-redundant-member-init)

  [[nodiscard]] Nanoseconds flash_time() const { return erase_time + program_time; }
  friend bool operator==(const Plan &, const Plan &) = default;
};

// The sectors of chip that image touches, ascending.
[[nodiscard]] std::vector<Sector> touched_sectors(const Image &image, const Chip &chip);

// Whether a sector is neither blank nor erased, but programmed where it has bits to clear.
[[nodiscard]] bool only_clears(const SectorPlan &plan);
// Data is programmed in multiples of this many bytes.
[[nodiscard]] std::uint32_t programmed_together(const Chip &chip);

// What a sector will hold: the image's bytes over `old` (or over erased bytes when old is empty).
[[nodiscard]] Bytes sector_content(const Image &image, const Chip &chip, const Sector &sector,
                                   const Bytes &old);

// state holds at least touched_sectors(image, chip); further sectors (to be put back from a
// journal, or after a mass erase) have their content in `old`. Errc::refused when a mass erase was
// asked for and would destroy other content. One that was begun and interrupted is done again only
// where that is needed, or cheaper.
[[nodiscard]] Plan make_plan(const Image &image, const Chip &chip, const DeviceState &state,
                             const PlanOptions &options);

// For people, ending with a newline; consecutive sectors with the same action share a line.
[[nodiscard]] std::string to_text(const Plan &plan, const Chip &chip);
// Of one with a mass erase that was asked for, where it puts something back, or sector erases would
// be faster: that, and both times. One line without a newline; otherwise empty.
[[nodiscard]] std::string mass_erase_text(const Plan &plan);

}  // namespace flashhost
