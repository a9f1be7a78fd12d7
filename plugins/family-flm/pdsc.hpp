// The description of a CMSIS pack (.pdsc): which chips it has, and what it says of each.
#pragma once

#include "levels.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::flm {

// A part in the list of a pack.
struct PackDevice {
  std::string name;
  std::string vendor;              // without the number behind the colon
  std::vector<std::string> cores;  // "Cortex-M4", one for each Pname
  // Of the memories for which there is a default algorithm; without one, of all that can only be
  // read.
  std::uint64_t flash_size = 0;
  std::uint64_t ram_size = 0;  // of all others that can be written
  friend bool operator==(const PackDevice &, const PackDevice &) = default;
};

struct PackChip {
  std::string name;
  std::string vendor;
  Properties properties;
  std::vector<std::string> warnings;
  friend bool operator==(const PackChip &, const PackChip &) = default;
};

class Pdsc {
 public:
  // The largest known have 10 MB. A file of nothing but short elements takes 30 times its size in
  // memory.
  static constexpr std::size_t max_size = 16U << 20U;
  static constexpr std::size_t max_levels = 20000;  // families, subFamilies, devices, variants

  // Throws Errc::image: no XML, no pack description, too large.
  explicit Pdsc(std::span<const std::uint8_t> xml);

  [[nodiscard]] const std::string &name() const { return name_; }  // "Keil.STM32F4xx_DFP.2.17.1"

  // In the order of the file. A device with variants is there by these.
  [[nodiscard]] std::vector<PackDevice> devices() const;

  // By its name or the first part of it, in upper or lower case. Where a short name stands for
  // several parts, they must have the same properties. Throws Errc::config where it is the name of
  // no part or of different ones, Errc::image where something of the chip cannot be read.
  [[nodiscard]] PackChip chip(std::string_view name) const;

 private:
  std::string name_;
  std::vector<Level> families_;
};

}  // namespace flashhost::flm
