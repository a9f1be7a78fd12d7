// A chip with an L4's flash controller on the bench.
#pragma once

#include "bench.hpp"

#include <algorithm>

namespace sim_test::l4 {

// Offsets of the flash controller's registers.
inline constexpr std::uint32_t acr = 0x00, keyr = 0x08, optkeyr = 0x0C, sr = 0x10, cr = 0x14,
                               eccr = 0x18, ecc2r = 0x1C, optr = 0x20, wrp1a = 0x2C, wrp2a = 0x4C,
                               pcrop1s = 0x24, pcrop1e = 0x28;
// CR
inline constexpr std::uint32_t pg = 1, per = 2, mer1 = 4, mer2 = 1U << 15, strt = 1U << 16,
                               optstrt = 1U << 17, fstpg = 1U << 18, eopie = 1U << 24,
                               errie = 1U << 25, obl_launch = 1U << 27, sec_prot = 1U << 28,
                               optlock = 1U << 30, lock = 1U << 31;
constexpr std::uint32_t pnb(std::uint32_t number) {
  return number << 3;
}
inline constexpr std::uint32_t bker11 = 1U << 11, bker13 = 1U << 13;
// SR
inline constexpr std::uint32_t eop = 1, operr = 2, progerr = 8, wrperr = 16, pgaerr = 32,
                               sizerr = 64, pgserr = 128, optverr = 1U << 15, bsy = 1U << 16,
                               bsy2 = 1U << 17, pempty = 1U << 17, cfgbsy = 1U << 18,
                               pesd = 1U << 19;
inline constexpr std::uint32_t all_flags = 0xC3FB;
// ECCR
inline constexpr std::uint32_t eccd2 = 1U << 29, eccc = 1U << 30, eccd = 1U << 31;

inline constexpr std::uint32_t place = address::flash + 0x4000;
inline constexpr std::uint32_t erased = 0xFFFFFFFF;
inline constexpr std::uint32_t system_memory = 0x1FFF0000;

class Board : public Bench {
 public:
  explicit Board(const std::string &part = "STM32G071RB", std::vector<std::string> faults = {},
                 std::initializer_list<Placed> firmware = {}, std::uint32_t entry = 0)
      : Bench(config(part, std::move(faults)), firmware, entry),
        registers_(part.starts_with("STM32W") ? 0x58004000 : 0x40022000),
        busy_(part.starts_with("STM32G0B") ? bsy | bsy2 : bsy) {}

  [[nodiscard]] std::uint32_t at(std::uint32_t offset) const { return registers_ + offset; }
  [[nodiscard]] std::uint32_t get(std::uint32_t offset) { return read(at(offset)); }
  void set(std::uint32_t offset, std::uint32_t value) { write(at(offset), value); }

  void unlock() {
    set(keyr, 0x45670123);
    set(keyr, 0xCDEF89AB);
  }
  void unlock_options() {
    unlock();
    set(optkeyr, 0x08192A3B);
    set(optkeyr, 0x4C5D6E7F);
  }
  // How long it stays busy.
  Nanoseconds wait(Nanoseconds step = std::chrono::microseconds(1)) {
    const Nanoseconds start = target.now();
    while ((get(sr) & busy_) != 0 && target.now() - start < std::chrono::seconds(1)) {
      target.advance(step);
    }
    return target.now() - start;
  }
  void program(std::uint32_t address, std::uint32_t low, std::uint32_t high) {
    set(cr, pg);
    write(address, low);
    write(address + 4, high);
    wait();
    set(cr, 0);
  }
  Nanoseconds erase(std::uint32_t mode) {
    set(cr, mode | strt);
    const Nanoseconds time = wait(std::chrono::microseconds(100));
    set(cr, 0);
    return time;
  }
  void clear_flags() { set(sr, all_flags); }
  void change_option(std::uint32_t offset, std::uint32_t value) {
    set(offset, value);
    set(cr, optstrt);
    target.advance(std::chrono::milliseconds(60));
  }
  void load_options() {
    set(cr, obl_launch);
    target.advance(std::chrono::milliseconds(1));
  }
  [[nodiscard]] std::size_t notes() const { return target.statistics().notes.size(); }
  void fill(std::uint32_t offset, std::uint32_t length, std::uint8_t value) {
    std::fill_n(flash.begin() + offset, length, value);
  }

 private:
  std::uint32_t registers_;
  std::uint32_t busy_;
};

}  // namespace sim_test::l4
