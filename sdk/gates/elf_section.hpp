// Gate 2: is the file a shared object of the wanted sort, and of which version of its interface?
// Reads it; executes nothing.
#pragma once

#include <flashhost/plugin.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace flashhost {

// The ELF section that tells a sort of shared object: prefix and version of the interface.
struct MarkedSection {
  std::string_view prefix;
  unsigned version;
  std::string_view interface_name;  // for messages
  std::string_view what;

  [[nodiscard]] std::string name() const;
};
inline constexpr MarkedSection plugin_section{"flashhost_v", FLASHHOST_ABI, "plugin interface",
                                              "flashhost plugin"};
// A chip of the simulator, which the host lists and never loads.
inline constexpr MarkedSection model_section{"flashhost_chip_v", 1, "chip model interface",
                                             "flashhost chip model"};

// Fills the buffer from there on; false when the file does not reach so far.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<std::byte> buffer)>;

// Nothing when the file has the section; otherwise what it is instead, as the end of a sentence:
// "it speaks plugin interface 3, ...". Whatever the file says about itself, at most 320 KiB of it
// are read, in four places, and no more memory is used.
[[nodiscard]] std::optional<std::string> lacks_section(const ReadAt &read,
                                                       const MarkedSection &wanted);

}  // namespace flashhost
