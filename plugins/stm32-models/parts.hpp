// The parts that the model can be, as data (stm32f1-flash.md and stm32f4-flash.md, section 1 each).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace flashhost::machine {

enum class Series : std::uint8_t { f1, f4 };

struct Part {
  std::string_view name;
  std::uint16_t device_id;
  std::uint16_t revision_id;
  std::uint32_t flash_kib;
  std::uint32_t sram_kib;
  std::uint32_t page_size;             // bytes; F1
  std::uint32_t pages_per_wrp_unit;    // write protection granule; F1
  std::uint32_t auto_protected_pages;  // under read protection; F1
  std::uint32_t system_memory;         // address of the bootloader
  std::uint32_t system_memory_size;
  std::uint32_t hse_hertz;
  bool two_banks;  // F4: can have two
  Series series = Series::f1;
  std::uint32_t ccm_kib = 0;  // core-coupled memory at 0x10000000: data of the core only

  [[nodiscard]] std::uint32_t flash_size() const { return flash_kib * 1024; }
  [[nodiscard]] std::uint32_t sram_size() const { return sram_kib * 1024; }
  [[nodiscard]] std::uint32_t ccm_size() const { return ccm_kib * 1024; }
};

[[nodiscard]] bool has_mpu(const Part &part);
[[nodiscard]] std::span<const Part> parts();
[[nodiscard]] const Part &find_part(std::string_view name);  // throws std::invalid_argument

}  // namespace flashhost::machine
