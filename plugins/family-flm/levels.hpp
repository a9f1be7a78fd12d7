// The properties of a pack's chips, and how they are inherited: family, subFamily, device, variant.
// Open-CMSIS-Pack-Spec, /package/devices.
#pragma once

#include <flashhost/types.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flashhost::flm {

// Where a name of a core (Pname) is empty, it is about all cores of the chip.

struct PackProcessor {
  std::string name;  // Pname; empty on chips with one core
  std::string core;  // "Cortex-M4"
  std::string fpu;   // as the pack has it: "1", "SP_FPU"; empty: not said
  std::string mpu;
  std::string trust_zone;
  friend bool operator==(const PackProcessor &, const PackProcessor &) = default;
};

struct PackMemory {
  std::string name;    // "Flash_Bank1"; of the old style, its id: "IROM1"
  std::string access;  // letters: r w x, p(eripheral), s(ecure), n(on-secure), c(allable)
  MemoryRange range;
  bool is_default = false;
  bool startup = false;
  std::string alias;  // this is the memory of that name, at another address
  std::string processor;
  std::string problem;  // why it cannot be used: "its start, 'x', is no number"; mostly empty

  [[nodiscard]] bool has(char letter) const { return access.find(letter) != std::string::npos; }
  [[nodiscard]] bool is_ram() const { return has('r') && has('w') && has('x'); }
  friend bool operator==(const PackMemory &, const PackMemory &) = default;
};

struct PackAlgorithm {
  std::string path;                  // in the pack, as its description has it
  std::optional<MemoryRange> range;  // empty: what FlashDevice says
  std::optional<std::uint32_t> ram_start;
  std::optional<std::uint32_t> ram_size;
  bool is_default = false;
  std::string style;  // empty or "Keil": FLM
  std::string processor;
  unsigned level = 0;   // which one says so, a Level::Depth
  std::string problem;  // as above

  [[nodiscard]] bool is_flm() const;
  friend bool operator==(const PackAlgorithm &, const PackAlgorithm &) = default;
};

struct Properties {
  std::vector<PackProcessor> processors;
  std::vector<PackMemory> memories;
  std::vector<PackAlgorithm> algorithms;
  std::vector<std::string> sequences;    // names of the debug sequences that have a body
  std::vector<std::string> flash_infos;  // names of flash that is programmed by sequences
  friend bool operator==(const Properties &, const Properties &) = default;
};

// No chip has more of one kind; a pack that says so is refused.
inline constexpr std::size_t max_properties = 256;

struct Level {
  enum Depth : std::uint8_t { family, sub_family, device, variant };
  Depth depth = family;
  std::string name;
  std::string vendor;
  Properties own;
  std::vector<Level> children;
};

// Adds the properties of a closer level. They replace: the memory of the same name, algorithms of
// the same range and style, attributes of the same core. Throws Errc::image beyond max_properties.
void inherit(Properties &properties, const Properties &closer);

}  // namespace flashhost::flm
