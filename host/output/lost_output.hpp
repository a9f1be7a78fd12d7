// For results that could not be written to standard output.
#pragma once

#include "output/stream.hpp"

namespace flashhost {

// Throws Errc::usage with the reason when some standard output was lost.
void throw_if_lost(const Stream &standard_output);

}  // namespace flashhost
