// The loader's optional Crc function, for chips of which nothing but a flash algorithm is known: in
// software, by tables. Position-independent code that begins at its entry; at a multiple of 4.
#pragma once

#include <flashhost/types.hpp>

namespace flashhost::flm {

// For any core: 8 bits at a time.
[[nodiscard]] const Bytes &table_crc();
// For ARMv7-M and ARMv8-M Mainline: 32 bits at a time, and blank words faster. 4 KiB larger.
[[nodiscard]] const Bytes &sliced_crc();

}  // namespace flashhost::flm
