// Intel HEX: parser and writer, independent of the plugin interface.
#pragma once

#include <flashhost/format.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>

namespace flashhost::ihex {

// More separate segments than any firmware has: every second byte of 2 MiB.
inline constexpr std::size_t max_segments = std::size_t{1} << 20;

// Reads a whole file. Records may come in any order, gaps stay gaps, bytes given twice must be
// equal. Of several start addresses the last one is used. Time: linear if the records ascend,
// otherwise O(n log n), where n counts the places where the address does not continue. Memory: at
// most 6 times the size of the file (one-byte records with gaps: a segment costs 64 bytes, and at
// most max_segments are accepted); at most 1.5 times if each record continues the one before.
// Throws Errc::image "line N: reason"; Errc::interrupted soon after a stop was requested.
[[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                               const std::stop_token &stop = {});

// Records of at most 16 bytes that cross no multiple of 16; type 04 for each 64 KiB; type 05 for an
// entry point. Lines end with \n.
[[nodiscard]] Bytes write(const ParsedFile &content);

// Whether head begins, after white space, with a well-formed record.
[[nodiscard]] bool starts_with_record(std::span<const std::uint8_t> head);

}  // namespace flashhost::ihex
