// Intel HEX: parser and writer, free of plugin glue.
#pragma once

#include <flashhost/format.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>

namespace flashhost::ihex {

// More stretches of bytes with gaps between them than any firmware has: every second byte of 2 MiB.
inline constexpr std::size_t max_segments = std::size_t{1} << 20;

// Reads a whole file. Records may come in any order, gaps stay gaps, bytes given twice must be
// equal. Of several start addresses the last one counts. Time: linear where the records ascend,
// O(n log n) in the number of their turns otherwise. Memory, whatever the file contains: at most 6
// times its size (one-byte records with gaps: a segment costs 64 bytes), of which only max_segments
// are accepted; at most 1.5 times where the records continue each other. Throws Errc::image
// "line N: reason"; Errc::interrupted soon after a stop was asked for.
[[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                               const std::stop_token &stop = {});

// Records of at most 16 bytes that cross no multiple of 16; type 04 for each 64 KiB; type 05 for an
// entry point. Lines end with \n.
[[nodiscard]] Bytes write(const ParsedFile &content);

// Whether the first thing in head that is not white space is a well-formed record.
[[nodiscard]] bool starts_with_record(std::span<const std::uint8_t> head);

}  // namespace flashhost::ihex
