// UF2: parser and writer, independent of the plugin interface.
#pragma once

#include <flashhost/format.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>

namespace flashhost::uf2 {

// Reads a whole file. Blocks may come in any order, gaps stay gaps; a block, or a byte, that is
// given twice must be equal. family: take the blocks with this id and no others; without it, all
// must be of one family. made_for is that family's chips, if they are known. Time: linear in the
// size of the file if the blocks come in order, otherwise n log n in their number. Memory: at most
// 3 times the size of the file. Throws Errc::image with the block that it is about;
// Errc::interrupted soon after a stop was requested.
[[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                               std::optional<std::uint32_t> family = {},
                               const std::stop_token &stop = {});

// Blocks of at most 256 bytes, none across a multiple of 256, in order; with a family id for
// made_for. Throws Errc::image if that is no family with an id, and if there is no data. An entry
// point is left out.
[[nodiscard]] Bytes write(const ParsedFile &content);

// Whether head begins with the two magic numbers.
[[nodiscard]] bool starts_with_block(std::span<const std::uint8_t> head);

}  // namespace flashhost::uf2
