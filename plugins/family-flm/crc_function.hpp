// The loader's optional Crc function, for chips of which nothing but a flash algorithm is known: in
// software, by tables. Position-independent code that begins at its entry; at a multiple of 4.
#pragma once

#include <flashhost/types.hpp>

namespace flashhost::flm {

struct CrcCode {
  Bytes code;
  // Bytes of RAM for tables, which its first call makes there. place_tables says where.
  std::uint32_t tables = 0;
};

// For any core: 8 bits at a time.
[[nodiscard]] const CrcCode &table_crc();
// For ARMv7-M and ARMv8-M Mainline: 32 bits at a time, and blank words faster. 4 KiB larger.
[[nodiscard]] const CrcCode &sliced_crc();
// The same by larger tables.
[[nodiscard]] const CrcCode &wide_crc();

// For code with tables: function is where it begins in `loader`, tables where they will be, as an
// offset from the start of the same. The word directly before them must be zero before the first
// call.
void place_tables(Bytes &loader, std::uint32_t function, std::uint32_t tables);

}  // namespace flashhost::flm
