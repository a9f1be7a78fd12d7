// A CMSIS flash algorithm (.FLM): the code that erases and programs, and what it says of its flash.
#pragma once

#include <flashhost/types.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashhost::flm {

// Sectors of one size, one behind the other.
struct SectorRun {
  std::uint32_t offset = 0;  // of the first, from the start of the device
  std::uint32_t size = 0;
  std::uint32_t count = 0;
  friend bool operator==(const SectorRun &, const SectorRun &) = default;
};

// Open-CMSIS-Pack-Spec, flash algorithms: FlashDevice.
struct FlashDevice {
  std::string name;  // printable
  std::uint16_t version = 0;
  std::uint16_t type = 0;  // 1: on the chip; 2 to 5: external; 0: unknown
  MemoryRange range;
  // ProgramPage gets so many bytes, no more and no less, at an address that is a multiple of it,
  // counted from the start of the device. May be larger than a sector. A power of two, but where
  // the device is a single page (option bytes).
  std::uint32_t page_size = 0;
  std::uint8_t erased_value = 0xFF;
  // The limits for a call, twice what the file says; 5 s and 10 s where it says nothing.
  std::chrono::milliseconds program_limit{};
  std::chrono::milliseconds erase_limit{};
  std::vector<SectorRun> sectors;  // tile range, ascending
  friend bool operator==(const FlashDevice &, const FlashDevice &) = default;
};

// Offsets into the image, without the Thumb bit. The optional ones may be missing.
struct Entries {
  std::uint32_t init = 0;
  std::uint32_t uninit = 0;
  std::uint32_t erase_sector = 0;
  std::uint32_t program_page = 0;
  std::optional<std::uint32_t> erase_chip;
  std::optional<std::uint32_t> blank_check;
  std::optional<std::uint32_t> verify;
  friend bool operator==(const Entries &, const Entries &) = default;
};

struct FlmFile {
  static constexpr std::uint32_t max_image_size = 1U << 20U;

  // Code, initialised data, zeros: what is copied into the target's RAM before the first Init, as
  // one block. At any address that is link_address modulo 8.
  Bytes image;
  std::uint32_t link_address = 0;
  // r9 at every call, from the start of the image; empty: it has no data, r9 may be anything.
  std::optional<std::uint32_t> static_base;
  Entries entries;
  FlashDevice device;
  std::vector<std::string> warnings;  // what is odd in the file, a sentence each
  friend bool operator==(const FlmFile &, const FlmFile &) = default;
};

// Reads a whole file. Throws Errc::image with what is wrong with it: no or a damaged ELF file, a
// function that is missing, an algorithm for another program (SEGGER's OFL), a description of the
// flash that contradicts itself. Memory: at most twice max_image_size, and libelf's.
[[nodiscard]] FlmFile parse_flm(std::span<const std::uint8_t> file);

}  // namespace flashhost::flm
