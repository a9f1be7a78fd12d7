// Gate 2 on any bytes: a plugin, which then has the section, or one short line; few and small
// reads.
#include "check.hpp"

#include <flashhost/plugin.h>

#include <gates/elf_section.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>

std::string flashhost::fuzz::outcome_of(std::span<const std::uint8_t> input) {
  std::size_t bytes_read = 0;
  const ReadAt read = [&](std::uint64_t offset, std::span<std::byte> buffer) {
    bytes_read += buffer.size();
    if (offset > input.size() || buffer.size() > input.size() - offset) return false;
    std::memcpy(buffer.data(), input.data() + offset, buffer.size());
    return true;
  };
  const auto reason = lacks_section(read, plugin_section);
  check(bytes_read <= std::size_t{321} * 1024, "what is read is bounded");
  if (!reason) {
    constexpr std::string_view name(FLASHHOST_SECTION "\0", sizeof FLASHHOST_SECTION);
    check(std::search(input.begin(), input.end(), name.begin(), name.end(),
                      [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) !=
              input.end(),
          "what is accepted names the section");
    return "a plugin";
  }
  check(!reason->empty() && reason->size() < 200 && is_clean(*reason), "the reason is short");
  return *reason;
}
