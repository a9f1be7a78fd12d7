// Makes UF2 files, also such as no tool would write.
#pragma once

#include <flashhost/types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

namespace flashhost::test {

struct Uf2Block {
  std::uint32_t address = 0;
  Bytes data{};
  std::uint32_t number = 0;
  std::uint32_t total = 1;
  std::uint32_t flags = 0;
  std::uint32_t family = 0;             // with flag 0x2000
  std::optional<std::uint32_t> size{};  // other than that of the data

  [[nodiscard]] Bytes bytes() const {
    Bytes block;
    const auto add = [&](std::initializer_list<std::uint32_t> words) {
      for (const std::uint32_t word : words) {
        for (int i = 0; i < 4; ++i) block.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
      }
    };
    add({0x0A324655, 0x9E5D5157, flags, address,
         size.value_or(static_cast<std::uint32_t>(data.size())), number, total, family});
    block.insert(block.end(), data.begin(), data.end());
    block.resize(508);
    add({0x0AB16F30});
    return block;
  }
};

inline Bytes uf2_file(const std::vector<Uf2Block> &blocks) {
  Bytes file;
  for (const Uf2Block &block : blocks) {
    const Bytes bytes = block.bytes();
    file.insert(file.end(), bytes.begin(), bytes.end());
  }
  return file;
}

}  // namespace flashhost::test
