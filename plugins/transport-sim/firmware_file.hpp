// The initial content of a new simulated flash, from a raw binary or an Intel HEX file.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace flashhost::sim {

// Copies the file's bytes into flash, which is at this address. A file that begins with an Intel
// HEX record is read as Intel HEX. Throws Errc::config when the file cannot be read, is malformed
// or does not fit.
void load_firmware(const std::string &file, std::span<std::uint8_t> flash, std::uint32_t address);

}  // namespace flashhost::sim
