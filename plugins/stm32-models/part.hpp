// Facts that the parts of all series have.
#pragma once

#include <flashhost/machine/model.hpp>

#include <algorithm>
#include <span>

namespace flashhost::machine::stm32 {

struct StmPart : Part {
  std::uint16_t device_id = 0;
  std::uint16_t revision_id = 0;
  std::uint32_t hse_hertz = 8'000'000;
  bool two_banks = false;  // has two banks, or can have them

  [[nodiscard]] constexpr std::uint16_t flash_kib() const {
    return static_cast<std::uint16_t>(flash_size / 1024);
  }
};

// A series' table of parts in the form that the machine needs.
template <class OwnPart>
std::vector<Part> plain_parts(std::span<const OwnPart> table) {
  return {table.begin(), table.end()};
}

// The row of the table for the machine's part.
template <class OwnPart>
const OwnPart &own_part(std::span<const OwnPart> table, const Part &part) {
  return *std::ranges::find(table, part.name, &OwnPart::name);
}

}  // namespace flashhost::machine::stm32
