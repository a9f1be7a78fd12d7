// The loader's optional Crc function, for chips of which nothing but a flash algorithm is known: in
// software, by a table.
#pragma once

#include <flashhost/types.hpp>

namespace flashhost::flm {

// Position-independent code that begins at its entry; at a multiple of 4.
[[nodiscard]] const Bytes &crc_function();

}  // namespace flashhost::flm
