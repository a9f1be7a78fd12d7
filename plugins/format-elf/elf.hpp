// ELF: which bytes of a linked program go to which address; independent of the plugin interface.
#pragma once

#include "elf_file.hpp"

#include <flashhost/format.hpp>

#include <cstdint>
#include <span>
#include <stop_token>

namespace flashhost::elf {

// Reads a whole file. Takes what `objcopy -O ihex` takes: the allocated sections that have content,
// at the physical address at which their segment loads them; of a file without section headers, the
// content of the PT_LOAD segments. The entry point is e_entry as it is, unless it is 0. Time:
// linear in the size of the file, and n log n in the number of sections. Memory: at most 3 times
// the size of the file, and libelf's, 6 times its section headers. Throws Errc::image with the
// section or segment that it is about; Errc::interrupted soon after a stop was requested.
[[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                               const std::stop_token &stop = {});

}  // namespace flashhost::elf
