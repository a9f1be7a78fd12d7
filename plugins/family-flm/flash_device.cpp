#include "flash_device.hpp"

#include "little_endian.hpp"
#include "names.hpp"
#include "sectors.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace flashhost::flm {

namespace {

constexpr const char *description = "its description of the flash (FlashDevice)";

[[noreturn]] void fail(const std::string &reason) {
  throw Error(Errc::image, fmt::format("{}: {}", description, reason),
              "The file is damaged, or was built with another layout of FlashDevice than that of "
              "CMSIS. Take it out of the vendor's pack again.");
}

// Where the fields are, in bytes.
enum Field : std::uint8_t {
  version_at = 0,
  name_at = 2,
  type_at = 130,
  address_at = 132,
  size_at = 136,
  page_at = 140,
  erased_at = 148,
  program_at = 152,
  erase_at = 156,
  sectors_at = 160,
};

std::string name_of(std::span<const std::uint8_t> bytes) {
  const auto field = bytes.subspan(name_at, type_at - name_at);
  const auto end = std::find(field.begin(), field.end(), std::uint8_t{0});
  return printable({reinterpret_cast<const char *>(field.data()),
                    static_cast<std::size_t>(end - field.begin())});
}

// Vendors' limits have been too short for their own chips.
std::chrono::milliseconds limit(std::uint32_t ms, std::chrono::milliseconds otherwise) {
  if (ms == 0) return otherwise;
  return std::min(2 * std::chrono::milliseconds(ms), max_limit);
}

void check_range(MemoryRange range) {
  if (range.size == 0) fail("the device has 0 bytes");
  if (range.end() > std::uint64_t{1} << 32U) {
    fail(fmt::format("{} bytes at {} reach beyond the 32-bit address space", range.size,
                     hex(range.address)));
  }
}

void check_page(const FlashDevice &device, std::vector<std::string> &warnings) {
  const std::uint32_t page = device.page_size;
  if (page == 0 || page > max_page_size) {
    fail(fmt::format("pages of {} bytes; 1 to {} are possible", page, max_page_size));
  }
  if (!std::has_single_bit(page) && page != device.range.size) {
    fail(fmt::format("pages of {} bytes, which is no power of two", page));
  }
  if (device.range.size % page != 0) {
    warnings.push_back(
        fmt::format("The device has {}, which are no whole pages of {}: its end cannot be "
                    "programmed.",
                    format_size(device.range.size), format_size(page)));
  }
}

}  // namespace

FlashDevice read_device(const Part &section, std::uint64_t offset,
                        std::vector<std::string> &warnings) {
  if (offset + sectors_at > section.content.size()) {
    fail(fmt::format(
        "it takes {} bytes at least, but its section has {} bytes from there on",
        std::uint32_t{sectors_at},
        section.content.size() - std::min<std::uint64_t>(offset, section.content.size())));
  }
  const auto bytes = section.content.subspan(static_cast<std::size_t>(offset));
  FlashDevice device;
  device.version = u16(bytes, version_at);
  device.name = name_of(bytes);
  device.type = u16(bytes, type_at);
  device.range = {u32(bytes, address_at), u32(bytes, size_at)};
  device.page_size = u32(bytes, page_at);
  device.erased_value = bytes[erased_at];
  device.program_limit = limit(u32(bytes, program_at), std::chrono::seconds(5));
  device.erase_limit = limit(u32(bytes, erase_at), std::chrono::seconds(10));
  check_range(device.range);
  check_page(device, warnings);
  device.sectors = read_sector_table(bytes.subspan(sectors_at), device.range, warnings);
  return device;
}

}  // namespace flashhost::flm
