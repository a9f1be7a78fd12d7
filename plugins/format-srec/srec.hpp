// Motorola S-records: parser and writer, independent of the plugin interface.
#pragma once

#include <flashhost/assembler.hpp>
#include <flashhost/format.hpp>

#include <cstdint>
#include <span>
#include <stop_token>

namespace flashhost::srec {

// Reads a whole file. Data records may come in any order, gaps stay gaps; overlap says what counts
// where bytes are given twice. The entry point is the address of the record that ends the file; 0
// there is how tools say that they know none. Time and memory: those of Assembler, which is twice
// the data and thus less than the file, if each record continues the one before; at most 6 times
// the size of the file (one-byte records with gaps).
// Throws Errc::image "line N: reason"; Errc::interrupted soon after a stop was requested.
[[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file, const std::stop_token &stop = {},
                               Overlap overlap = Overlap::refuse);

// S0; data records of at most 16 bytes that cross no multiple of 16, S1, S2 or S3 as the highest
// address or the entry point needs it; their number in S5 or S6, if it is below 2^24; S9, S8 or S7.
// Lines end with \n. Throws Errc::image for an entry point of 0, which would read as none.
[[nodiscard]] Bytes write(const ParsedFile &content);

// Whether head begins, after white space, with a well-formed record.
[[nodiscard]] bool starts_with_record(std::span<const std::uint8_t> head);

}  // namespace flashhost::srec
