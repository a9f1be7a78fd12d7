// What helps where the program runs when no probe is seen.
#pragma once

#include <flashhost/surroundings.hpp>

#include <string_view>

namespace flashhost {

// To stand after another sentence; empty on a plain computer.
[[nodiscard]] std::string_view no_probe_hint(const Surroundings &where);

}  // namespace flashhost
