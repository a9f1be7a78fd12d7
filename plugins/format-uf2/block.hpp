// A block of a UF2 file. All numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flashhost::uf2 {

inline constexpr std::size_t block_size = 512;
inline constexpr std::uint32_t first_magic = 0x0A324655;  // "UF2\n"
inline constexpr std::uint32_t second_magic = 0x9E5D5157;
inline constexpr std::uint32_t last_magic = 0x0AB16F30;

// Where the fields are.
// clang-format off
inline constexpr std::size_t first_magic_at = 0;
inline constexpr std::size_t second_magic_at = 4;
inline constexpr std::size_t flags_at = 8;
inline constexpr std::size_t address_at = 12;
inline constexpr std::size_t size_at = 16;     // of the payload
inline constexpr std::size_t number_at = 20;   // from 0 on
inline constexpr std::size_t total_at = 24;    // number of blocks
inline constexpr std::size_t family_at = 28;   // with the flag; otherwise of no use to us
inline constexpr std::size_t payload_at = 32;
inline constexpr std::size_t last_magic_at = 508;
// clang-format on
inline constexpr std::size_t most_payload = last_magic_at - payload_at;

inline constexpr std::uint32_t not_main_flash = 0x1;
inline constexpr std::uint32_t file_container = 0x1000;
inline constexpr std::uint32_t has_family = 0x2000;

}  // namespace flashhost::uf2
