// A peripheral that is only registers to store and read back.
#pragma once

#include <flashhost/machine/board.hpp>

#include <array>

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

}  // namespace flashhost::machine
