// The probe's SWD side: single accesses and blocks through the target's MEM-AP, with the time they
// take on the wire.
#pragma once

#include "firmware.hpp"
#include "protocol.hpp"

#include <cstdint>
#include <functional>
#include <random>

namespace virtual_stlink {

class Swd {
 public:
  Swd(const FirmwareConfig &config, flashhost::machine::Target &target);

  void set_speed(std::uint32_t hertz) { hertz_ = hertz; }
  [[nodiscard]] std::uint32_t speed() const { return hertz_; }

  [[nodiscard]] Status connect();  // line reset, DPIDR, power-up
  // One access; the wire has TAR and DRW to do. A stalled bus is asked again for about a
  // millisecond.
  [[nodiscard]] Status read(std::uint32_t address, unsigned width, std::uint32_t &value);
  [[nodiscard]] Status write(std::uint32_t address, unsigned width, std::uint32_t value);
  [[nodiscard]] Status read_word(std::uint32_t address, std::uint32_t &value) {
    return read(address, 4, value);
  }
  [[nodiscard]] Status write_word(std::uint32_t address, std::uint32_t value) {
    return write(address, 4, value);
  }

  // Of each memory command, before it does anything: ok, or what the wire makes of it.
  [[nodiscard]] Status begin_command();

  struct Block {
    std::uint32_t address = 0;
    std::uint32_t size = 0;
    unsigned width = 4;
    unsigned step = 4;  // of the address; 0: always the same one
  };
  struct Outcome {
    Status status = Status::ok;
    std::uint32_t address = 0;  // of the access that failed
  };
  [[nodiscard]] Outcome read_block(const Block &block, std::span<std::uint8_t> out);
  [[nodiscard]] Outcome write_block(const Block &block, std::span<const std::uint8_t> data);

  void transfers(std::uint64_t count);  // passes the time of so many transfers
  void wait(flashhost::machine::Nanoseconds time) { target_.advance(time); }
  void clear_sticky_error();
  [[nodiscard]] bool sticky_error() const { return sticky_; }
  [[nodiscard]] flashhost::machine::Target &target() { return target_; }

 private:
  using Access = std::function<flashhost::machine::Ack(std::uint32_t offset)>;
  [[nodiscard]] Status attempt(const std::function<flashhost::machine::Ack()> &access);
  [[nodiscard]] Outcome run_block(const Block &block, const Access &access);
  [[nodiscard]] bool disturbed();

  flashhost::machine::Target &target_;
  std::uint32_t hertz_;
  std::uint32_t reliable_hertz_;
  std::mt19937_64 random_;
  flashhost::sim::SwdDisturbance disturbance_;
  bool sticky_ = false;
};

}  // namespace virtual_stlink
