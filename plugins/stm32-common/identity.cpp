#include "identity.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/identify.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace stm32 {

using namespace flashhost;

Id read_id(ProbeReader &probe, std::span<const std::uint32_t> own_cores) {
  constexpr std::uint32_t twelve_bits = 0xFFF;
  Id id;
  id.core = (read_if_there(probe, cortex_m::cpuid).value_or(0) >> 4) & twelve_bits;
  const std::uint32_t address = idcode_address(id.core);
  const bool own = std::ranges::find(own_cores, id.core) != own_cores.end();
  const auto idcode = own ? read_id_word(probe, address) : read_if_there(probe, address);
  id.evidence = idcode ? "DBGMCU_IDCODE " + hex(*idcode) : "DBGMCU_IDCODE cannot be read";
  id.device = idcode.value_or(0) & twelve_bits;
  id.revision = idcode.value_or(0) >> 16;
  return id;
}

// In one read where possible: all is read twice, and each access costs a round trip.
Signature read_signature(ProbeReader &probe, std::uint32_t flash_size, std::uint32_t unique_id) {
  constexpr std::uint32_t id_length = 12, word = 4;
  const std::uint32_t size_word = flash_size & ~(word - 1);
  const std::uint32_t begin = std::min(size_word, unique_id);
  const std::uint32_t end = std::max(size_word + word, unique_id + id_length);
  const auto found = read_id_bytes(probe, begin, end - begin);
  if (!found) {  // what lies between may not be there on a clone
    return {read_if_there(probe, size_word).value_or(0) >> 8 * (flash_size - size_word) & 0xFFFF,
            read_unique_id(probe, unique_id)};
  }
  const std::span<const std::uint8_t> bytes(*found);
  const auto size = bytes.subspan(flash_size - begin, 2);
  return {size[0] | std::uint32_t{size[1]} << 8,
          plausible_unique_id(bytes.subspan(unique_id - begin, id_length))};
}

void remark_clone(Chip &chip, ProbeReader &probe, std::uint32_t debug_port,
                  std::span<const std::uint16_t> revisions, const std::string &found) {
  std::vector<std::string> signs;
  if (!found.empty()) signs.push_back(found);
  const ProbeInfo info = probe.info();
  if (info.debug_port_id && *info.debug_port_id != debug_port) {
    signs.push_back(fmt::format("its debug port id is {} instead of {}", hex(*info.debug_port_id),
                                hex(debug_port)));
  }
  if (!revisions.empty() && std::ranges::find(revisions, chip.revision) == revisions.end()) {
    signs.push_back(fmt::format("its revision id 0x{:04x} is not one of ST's", chip.revision));
  }
  if (signs.empty()) return;
  chip.remarks.push_back(with_page(
      fmt::format("this may be a clone of the {}: {}", chip.die, fmt::join(signs, " and ")),
      Cause::clone));
}

NamedRange boot_alias(std::uint32_t die_flash_size) {
  return {"boot alias of the flash (link the firmware for 0x08000000)", {0, die_flash_size}};
}

}  // namespace stm32
