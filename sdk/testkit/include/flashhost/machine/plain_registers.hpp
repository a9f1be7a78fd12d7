// Peripherals that are only registers: to store and read back, or only to read.
#pragma once

#include <flashhost/machine/board.hpp>

#include <array>
#include <utility>
#include <vector>

namespace flashhost::machine {

class PlainRegisters final : public Peripheral {
 public:
  std::uint32_t read(std::uint32_t offset, Master) override {
    return words_[offset / 4 % words_.size()];
  }
  Outcome write(std::uint32_t offset, std::uint32_t value, Master) override {
    words_[offset / 4 % words_.size()] = value;
    return Outcome::ok;
  }
  void system_reset() override { words_.fill(0); }

 private:
  std::array<std::uint32_t, 256> words_{};
};

// Constants such as ids and sizes: a write is refused.
class FixedRegisters final : public Peripheral {
 public:
  explicit FixedRegisters(std::vector<std::uint32_t> words) : words_(std::move(words)) {}

  std::uint32_t read(std::uint32_t offset, Master) override {
    return offset / 4 < words_.size() ? words_[offset / 4] : 0;
  }
  Outcome write(std::uint32_t, std::uint32_t, Master) override { return Outcome::fault; }
  void system_reset() override {}

 private:
  std::vector<std::uint32_t> words_;
};

}  // namespace flashhost::machine
