// CRC unit, DMA controller, and peripherals that are only registers to store and read back.
#pragma once

#include "board.hpp"

#include <array>
#include <span>

namespace target_model {

class CrcUnit final : public Peripheral {
 public:
  explicit CrcUnit(Board &board) : board_(board) {}

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;

 private:
  Board &board_;
  std::uint32_t value_ = 0xFFFFFFFF;
  std::uint32_t independent_ = 0;
};

// Seven channels with their registers. Transfers move only where requests come: channel 1 hears a
// converter that never stops, once a fault has switched it on.
class DmaF1 final : public Peripheral {
 public:
  DmaF1(Board &board, std::span<std::uint8_t> sram);

  std::uint32_t read(std::uint32_t offset, Master master) override;
  Outcome write(std::uint32_t offset, std::uint32_t value, Master master) override;
  void system_reset() override;
  void write_samples();  // as firmware may leave it: channel 1, circular, halfwords into SRAM

 private:
  struct Channel {
    std::uint32_t config = 0;
    std::uint32_t count = 0;
    std::uint32_t peripheral = 0;
    std::uint32_t memory = 0;
    std::uint32_t left = 0;
  };
  void transfer(Ticks due);

  Board &board_;
  std::span<std::uint8_t> sram_;
  std::array<Channel, 7> channels_{};
  Timeline::Event request_;
  bool requests_ = false;
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

}  // namespace target_model
