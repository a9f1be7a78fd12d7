// How the parts of the private peripheral bus identify themselves to debuggers: the last registers
// of each 4 KiB (CoreSight component and peripheral ids, ARM IHI 0029).
#pragma once

#include <flashhost/machine/model.hpp>

#include <cstdint>
#include <optional>

namespace flashhost::machine {

// offset from 0xE0000000. Empty: it is no id register.
[[nodiscard]] std::optional<std::uint32_t> component_id(CoreKind core, std::uint32_t offset);

}  // namespace flashhost::machine
