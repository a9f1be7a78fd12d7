// Gate 2: is the file a shared object of the wanted kind, and for which version of its interface?
// Reads the file; executes nothing.
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

// The ELF section that marks one kind of shared object: prefix and version of the interface.
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

// Fills the buffer with the file's bytes from offset on; false when the file ends earlier.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<std::byte> buffer)>;

// Empty when the file has the section; otherwise what is wrong, as the end of a sentence: "it
// speaks plugin interface 3, ...". Reads at most 320 KiB of the file, in four places, and uses no
// more memory than that, whatever the file says about its own sizes.
[[nodiscard]] std::optional<std::string> lacks_section(const ReadAt &read,
                                                       const MarkedSection &wanted);

}  // namespace flashhost
