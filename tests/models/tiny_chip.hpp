// A made-up chip: 16 KiB of flash in pages of 512 bytes, 4 KiB of RAM, no other peripheral. As
// TINY0 it has a Cortex-M0, as TINY0P a Cortex-M0+.
#pragma once

#include <flashhost/machine/model.hpp>
#include <flashhost/machine/target.hpp>

#include <memory>
#include <string>
#include <vector>

namespace flashhost::test::tiny {

inline constexpr std::uint32_t control = 0x50000000;  // 1: the array takes words
inline constexpr std::uint32_t erase = 0x50000004;    // an address: its page is erased
inline constexpr std::uint32_t status = 0x50000008;   // 1: busy
inline constexpr std::uint32_t flash_size = 16 * 1024;
inline constexpr std::uint32_t page_size = 512;

[[nodiscard]] std::shared_ptr<const machine::Model> model();
// A board with this part.
[[nodiscard]] machine::Config board_config(const std::string &part,
                                           std::vector<std::string> faults = {});

}  // namespace flashhost::test::tiny
