// The firmware that a new simulated flash holds, from a raw binary or an Intel HEX file.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace flashhost::sim {

inline constexpr std::uint32_t flash_base = 0x08000000;

// Puts the file's bytes into flash, which stands at flash_base. A file whose content starts with an
// Intel HEX record is read as such. Throws Errc::config when the file cannot be read, is malformed
// or does not fit.
void load_firmware(const std::string &file, std::span<std::uint8_t> flash);

}  // namespace flashhost::sim
