#include "known_probes.hpp"

#include <algorithm>
#include <array>

namespace flashhost::cmsisdap {

namespace {

struct KnownProbe {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  Traits traits;
};

constexpr Traits unmarked{.unmarked = true};
constexpr Traits edbg{.clock_after_sequence = true};
constexpr Traits kitprog{.unmarked = true, .class_zero = true};

// clang-format off
constexpr std::array known{
    // Before 2.2 it joined packets that came close together.
    KnownProbe{0x2e8a, 0x000c, {.most_in_flight = 7, .good_release = 0x0220}},  // debugprobe
    KnownProbe{0x1fc9, 0x0090, {.hid_interface = std::uint8_t{0}}},  // LPC-Link2
    KnownProbe{0x03eb, 0x2111, edbg},      // EDBG
    KnownProbe{0x03eb, 0x2140, edbg},      // JTAGICE3
    KnownProbe{0x03eb, 0x2141, edbg},      // Atmel-ICE
    KnownProbe{0x03eb, 0x2144, edbg},      // Power Debugger
    KnownProbe{0x03eb, 0x216c, edbg},      // EDBGC
    KnownProbe{0x04b4, 0xf151, kitprog},   // MiniProg4
    KnownProbe{0x04b4, 0xf155, kitprog},   // KitProg3
    KnownProbe{0x04b4, 0xf166, kitprog},
    KnownProbe{0x1a86, 0x8011, unmarked},  // WCH-Link in DAP mode
    KnownProbe{0x1a86, 0x8012, unmarked},
    KnownProbe{0x2a86, 0x8011, unmarked},
    KnownProbe{0x30cc, 0x9527, unmarked},  // VT-LinkII
    KnownProbe{0x1209, 0xda42, unmarked},  // dap42
    KnownProbe{0x0483, 0x572a, unmarked},  // on an STM32F103
};
// clang-format on

}  // namespace

Traits traits_of(std::uint16_t vendor, std::uint16_t product) {
  const auto *found = std::ranges::find_if(known, [&](const KnownProbe &probe) {
    return probe.vendor == vendor && probe.product == product;
  });
  return found != known.end() ? found->traits : Traits{};
}

}  // namespace flashhost::cmsisdap
