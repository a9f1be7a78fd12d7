// The parts of the family, one function each. The chip's line is found again by its device id.
#pragma once

#include "chips.hpp"

#include <flashhost/host.hpp>

namespace f4 {

[[nodiscard]] const Line &line_of(const flashhost::Chip &chip);

// identify.cpp. millivolts: the supply, where the board file says it.
[[nodiscard]] std::optional<flashhost::Chip> identify(flashhost::ProbeReader &probe,
                                                      const flashhost::IdentifyOptions &options,
                                                      std::optional<int> millivolts);
// The widest that this supply allows; the narrowest always works.
[[nodiscard]] Parallelism parallelism_at(std::optional<int> millivolts);

// prepare.cpp
void prepare(flashhost::Host &host, flashhost::Probe &probe, const flashhost::Chip &chip,
             flashhost::UndoLog &undo);

// protection.cpp
[[nodiscard]] flashhost::Protection protection(flashhost::Probe &probe,
                                               const flashhost::Chip &chip);
void unprotect(flashhost::Host &host, flashhost::Probe &probe, const flashhost::Chip &chip,
               const flashhost::Protection &found);
[[nodiscard]] std::uint32_t boot_address(flashhost::ProbeReader &probe,
                                         const flashhost::Chip &chip);

// controller.cpp: the flash controller through the probe
[[nodiscard]] std::uint32_t wait_idle(flashhost::Host &host, flashhost::Probe &probe,
                                      flashhost::Nanoseconds maximum, const std::string &what);
void erase_sector(flashhost::Host &host, flashhost::Probe &probe, const flashhost::Chip &chip,
                  const flashhost::Sector &sector);
void erase_all(flashhost::Host &host, flashhost::Probe &probe, const flashhost::Chip &chip);
void program(flashhost::Host &host, flashhost::Probe &probe, const flashhost::Chip &chip,
             std::uint32_t address, std::span<const std::uint8_t> data);

// loader.cpp
[[nodiscard]] flashhost::LoaderCode loader(const flashhost::Chip &chip);

// explain.cpp
[[nodiscard]] std::string explain(std::uint32_t status);

}  // namespace f4
