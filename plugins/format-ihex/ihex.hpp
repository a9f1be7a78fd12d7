// Intel HEX: parser and writer, free of plugin glue.
#pragma once

#include <flashhost/format.hpp>

#include <cstdint>
#include <span>

namespace flashhost::ihex {

// Reads a whole file. Records may come in any order, gaps stay gaps, bytes given twice must be
// equal. Of several start addresses the last one counts. Time O(n log n), memory O(n) in the size
// of the file, whatever it contains. Throws Errc::image "line N: reason".
[[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file);

// Records of at most 16 bytes that cross no multiple of 16; type 04 for each 64 KiB; type 05 for an
// entry point. Lines end with \n.
[[nodiscard]] Bytes write(const ParsedFile &content);

// Whether the first thing in head that is not white space is a well-formed record.
[[nodiscard]] bool starts_with_record(std::span<const std::uint8_t> head);

}  // namespace flashhost::ihex
