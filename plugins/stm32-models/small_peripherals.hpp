// CRC unit, and peripherals that are only registers to store and read back.
#pragma once

#include <flashhost/machine/board.hpp>

#include <array>

namespace flashhost::machine {

class CrcUnit final : public Peripheral {
 public:
  enum class Health : std::uint8_t { good, dead };
  CrcUnit(Board &board, Health health) : board_(board), health_(health) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

 private:
  [[nodiscard]] bool answers() const { return health_ == Health::good && board_.clocks.crc; }

  Board &board_;
  Health health_;
  std::uint32_t value_ = 0xFFFFFFFF;
  std::uint32_t independent_ = 0;
};

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
