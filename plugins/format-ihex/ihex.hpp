// Intel HEX: parser and writer, independent of the plugin interface.
#pragma once

#include <flashhost/assembler.hpp>
#include <flashhost/format.hpp>

#include <cstdint>
#include <span>
#include <stop_token>

namespace flashhost::ihex {

// Reads a whole file. Records may come in any order, gaps stay gaps; overlap says what counts where
// bytes are given twice. Of several start addresses the last one is used. Time and memory: those of
// Assembler, which is twice the data and thus less than the file, if each record continues the one
// before; at most 6 times the size of the file (one-byte records with gaps).
// Throws Errc::image "line N: reason"; Errc::interrupted soon after a stop was requested.
[[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file, const std::stop_token &stop = {},
                               Overlap overlap = Overlap::refuse);

// Records of at most 16 bytes that cross no multiple of 16; type 04 for each 64 KiB; type 05 for an
// entry point. Lines end with \n.
[[nodiscard]] Bytes write(const ParsedFile &content);

// Whether head begins, after white space, with a well-formed record.
[[nodiscard]] bool starts_with_record(std::span<const std::uint8_t> head);

}  // namespace flashhost::ihex
