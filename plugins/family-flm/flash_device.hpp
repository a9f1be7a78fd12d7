// FlashDevice, the description of the flash in a flash algorithm.
#pragma once

#include "elf_parts.hpp"
#include "flm_file.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace flashhost::flm {

inline constexpr std::uint32_t max_page_size = 65536;
// No call takes longer, whatever the file says.
inline constexpr std::chrono::milliseconds max_limit = std::chrono::minutes(10);

// section: where the description is, from `offset` on. Throws Errc::image where it contradicts
// itself; adds to the warnings what is odd.
[[nodiscard]] FlashDevice read_device(const Part &section, std::uint64_t offset,
                                      std::vector<std::string> &warnings);

}  // namespace flashhost::flm
