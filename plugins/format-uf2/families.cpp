#include "families.hpp"

#include <array>

namespace flashhost::uf2 {

namespace {

struct KnownFamily {
  std::uint32_t id;
  std::string_view name;
};

// Of the public list (github.com/microsoft/uf2, utils/uf2families.json), those whose chips' names
// begin alike.
// clang-format off
constexpr auto known_families = std::to_array<KnownFamily>({
    {0x00ff6919, "STM32L4"},
    {0x04240bdf, "STM32L5"},
    {0x06d1097b, "STM32F411"},  // with 256 KiB
    {0x1851780a, "ATSAML21"},
    {0x1b57745f, "nRF52"},
    {0x1e1f432d, "STM32L1"},
    {0x202e3a91, "STM32L0"},
    {0x21460ff0, "STM32WL"},
    {0x2abc77ec, "LPC55"},
    {0x2dc309c5, "STM32F411"},  // with 512 KiB
    {0x300f5633, "STM32G0"},
    {0x31d228c6, "GD32F350"},
    {0x4c71240a, "STM32G4"},
    {0x53b80f00, "STM32F7"},
    {0x55114460, "ATSAMD51"},
    {0x57755a57, "STM32F4"},
    {0x5d1a0a2e, "STM32F2"},
    {0x5ee21072, "STM32F1"},
    {0x621e937a, "nRF52833"},
    {0x647824b6, "STM32F0"},
    {0x68ed2b88, "ATSAMD21"},
    {0x6b846188, "STM32F3"},
    {0x6d0922fa, "STM32F407"},
    {0x6db66082, "STM32H7"},
    {0x6f752678, "nRF52832"},   // variant AB
    {0x70d16653, "STM32WB"},
    {0x72721d4e, "nRF52832"},   // variant AA
    {0x8fb060fe, "STM32F407VG"},
    {0xa0c97b8e, "AT32F415"},
    {0xada52840, "nRF52840"},
    {0xe48bff56, "RP2040"},
});
// clang-format on

}  // namespace

std::string_view family_name(std::uint32_t id) {
  for (const KnownFamily &family : known_families) {
    if (family.id == id) return family.name;
  }
  return {};
}

std::optional<std::uint32_t> family_id(std::string_view name) {
  for (const KnownFamily &family : known_families) {
    if (family.name == name) return family.id;
  }
  return std::nullopt;
}

}  // namespace flashhost::uf2
