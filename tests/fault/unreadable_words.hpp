// Words of flash with an error correcting code that do not fit it, found by reading them.
#pragma once

#include <flashhost/chip.hpp>
#include <flashhost/machine/target.hpp>
#include <flashhost/types.hpp>

#include <cstdint>
#include <set>

namespace flashhost::testing {

inline constexpr std::uint32_t ecc_word = 8;  // each has its own code

// Their addresses. chip: tells where the errors show; without that, none. The debug port is on.
[[nodiscard]] std::set<std::uint32_t> unreadable_words(machine::Target &target, const Chip &chip,
                                                       MemoryRange range);

}  // namespace flashhost::testing
