// An STM32F4 on the bench.
#pragma once

#include "bench.hpp"

namespace sim_test::f4 {

inline constexpr std::uint32_t acr = 0x40023C00, keyr = 0x40023C04, optkeyr = 0x40023C08,
                               sr = 0x40023C0C, cr = 0x40023C10, optcr = 0x40023C14,
                               optcr1 = 0x40023C18;
inline constexpr std::uint32_t rcc_cr = 0x40023800, rcc_pllcfgr = 0x40023804, rcc_cfgr = 0x40023808,
                               rcc_ahb1enr = 0x40023830, rcc_apb1enr = 0x40023840,
                               rcc_csr = 0x40023874;
inline constexpr std::uint32_t ccm = 0x10000000, otp = 0x1FFF7800, size_register = 0x1FFF7A22,
                               dma2 = 0x40026400, gpioa = 0x40020000, gpiod = 0x40020C00,
                               apb1_fz = 0xE0042008, cpuid = 0xE000ED00;

// CR
inline constexpr std::uint32_t pg = 1, ser = 2, mer = 4, mer2 = 1U << 15, strt = 1U << 16,
                               eopie = 1U << 24, errie = 1U << 25, lock = 1U << 31;
constexpr std::uint32_t snb(std::uint32_t number) {
  return number << 3;
}
inline constexpr std::uint32_t x8 = 0, x16 = 1U << 8, x32 = 2U << 8;
// SR
inline constexpr std::uint32_t eop = 1, operr = 2, wrperr = 1U << 4, pgaerr = 1U << 5,
                               pgperr = 1U << 6, pgserr = 1U << 7, bsy = 1U << 16;
// ACR
inline constexpr std::uint32_t prften = 1U << 8, icen = 1U << 9, dcen = 1U << 10, icrst = 1U << 11,
                               dcrst = 1U << 12;

class Board : public Bench {
 public:
  explicit Board(const std::string &part = "STM32F407VG", std::vector<std::string> faults = {},
                 std::initializer_list<Placed> firmware = {}, std::uint32_t entry = 0)
      : Bench(config(part, std::move(faults)), firmware, entry) {}

  void unlock() {
    write(keyr, 0x45670123);
    write(keyr, 0xCDEF89AB);
  }
  void unlock_options() {
    write(optkeyr, 0x08192A3B);
    write(optkeyr, 0x4C5D6E7F);
  }
  // How long it stays busy.
  Nanoseconds wait(Nanoseconds step = std::chrono::microseconds(1)) {
    const Nanoseconds start = target.now();
    while ((read(sr) & bsy) != 0 && target.now() - start < std::chrono::seconds(60)) {
      target.advance(step);
    }
    return target.now() - start;
  }
  void program_word(std::uint32_t at, std::uint32_t value) {
    write(cr, x32 | pg);
    write(at, value);
    wait();
    write(cr, 0);
  }
  Nanoseconds erase(std::uint32_t mode) {
    write(cr, mode);
    write(cr, mode | strt);
    return wait(std::chrono::milliseconds(1));
  }
  [[nodiscard]] std::size_t notes() const { return target.statistics().notes.size(); }
};

}  // namespace sim_test::f4
