// Results that did not arrive.
#pragma once

#include "output/stream.hpp"

namespace flashhost {

// Errc::usage saying why, when something of standard output was lost.
void throw_if_lost(const Stream &standard_output);

}  // namespace flashhost
