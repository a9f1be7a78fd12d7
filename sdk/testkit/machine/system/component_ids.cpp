#include "system/component_ids.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace flashhost::machine {

namespace {

constexpr std::uint32_t page_mask = 0xFFF;
constexpr std::uint32_t device_type = 0xFCC;
constexpr std::uint32_t first_id = 0xFD0;
constexpr std::uint32_t peripheral_ids = 8;  // PIDR4 to 7, then PIDR0 to 3; component ids follow
constexpr std::uint8_t class_rom_table = 1;
constexpr std::uint8_t class_coresight = 9;
constexpr std::uint8_t class_generic = 0xE;
constexpr std::uint8_t trace_port = 0x11;

struct Component {
  std::uint32_t base;
  std::uint8_t component_class;
  std::array<std::uint16_t, 4> parts;  // M0, M0+, M3, M4; no_part: the core does not have it
  std::uint8_t revision;
};
constexpr std::uint16_t no_part = 0xFFFF;

// The ROM table is that of the core's maker; a chip's maker may put its own there.
// clang-format off
constexpr Component components[] = {
    {0x00000, class_generic,   {no_part, no_part, 0x001, 0x001},   3},  // ITM
    {0x01000, class_generic,   {0x00A, 0x00A, 0x002, 0x002},       3},  // DWT
    {0x02000, class_generic,   {0x00B, 0x00B, 0x003, 0x003},       2},  // breakpoints
    {0x0E000, class_generic,   {0x008, 0x008, 0x000, 0x00C},       0},  // system control space
    {0x40000, class_coresight, {no_part, no_part, 0x923, 0x9A1},   0},  // TPIU
    {0xFF000, class_rom_table, {0x471, 0x4C0, 0x4C3, 0x4C4},       0},
};
// clang-format on

std::uint32_t peripheral_id(std::uint16_t part, std::uint8_t revision, std::uint32_t index) {
  switch (index) {
    case 0:
      return 4;  // with the 0x3B below: Arm
    case 4:
      return part & 0xFFU;
    case 5:
      return 0xB0U | part >> 8U;
    case 6:
      return std::uint32_t{revision} << 4U | 0xBU;
    default:
      return 0;
  }
}

}  // namespace

std::optional<std::uint32_t> component_id(CoreKind core, std::uint32_t offset) {
  const auto *const found = std::ranges::find(components, offset & ~page_mask, &Component::base);
  if (found == std::end(components)) return {};
  const std::uint16_t part = found->parts.at(static_cast<std::size_t>(core));
  const std::uint32_t in_page = offset & page_mask;
  if (part == no_part || in_page % 4 != 0) return {};
  if (in_page == device_type && found->component_class == class_coresight) return trace_port;
  if (in_page < first_id) return {};
  const std::uint32_t index = (in_page - first_id) / 4;
  if (index < peripheral_ids) return peripheral_id(part, found->revision, index);
  const std::array<std::uint32_t, 4> component{0x0D, std::uint32_t{found->component_class} << 4U,
                                               0x05, 0xB1};
  return component.at(index - peripheral_ids);
}

}  // namespace flashhost::machine
