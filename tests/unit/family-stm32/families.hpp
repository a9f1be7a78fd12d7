// The STM32 families side by side: what the tests that are the same for all of them call, and where
// in each chip it is.
#pragma once

#include "family-f1/f1.hpp"
#include "family-f1/registers.hpp"
#include "family-f4/f4.hpp"
#include "family-f4/registers.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace fake {

// F0, F1 and F3 are one library.
template <f1::Series series>
struct Fpec {
  static auto lines() { return f1::lines(series); }
  static const auto &parts() { return f1::parts(series); }
  static auto identify(flashhost::ProbeReader &probe) { return f1::identify(series, probe); }
  static constexpr auto line_of = f1::line_of;
  static constexpr auto settle = f1::settle;
  static constexpr auto prepare = f1::prepare;
  static constexpr auto protection = f1::protection;
  static constexpr auto erase_sector = f1::erase_sector;
};

struct F0 : Fpec<f1::Series::f0> {
  static constexpr const char *name = "F0", *usual_part = "STM32F051R8";
};

struct F3 : Fpec<f1::Series::f3> {
  static constexpr const char *name = "F3", *usual_part = "STM32F303VC";
};

struct F1 : Fpec<f1::Series::f1> {
  static constexpr const char *name = "F1", *usual_part = "STM32F103CB";
  static constexpr std::uint32_t cpuid = 0x411FC231, debug_port = 0x1BA01477;
  static constexpr std::uint32_t unique_id = f1::unique_id, size_register = f1::size_register;
  static constexpr std::uint32_t rcc_cr = f1::rcc_cr, rcc_cfgr = f1::rcc_cfgr,
                                 rcc_ahbenr = f1::rcc_ahbenr, rcc_apb1enr = f1::rcc_apb1enr;
  static constexpr std::uint32_t rcc_prescalers = f1::rcc_prescalers;
  static constexpr std::uint32_t flash_sr = f1::flash_sr, flash_keyr = f1::flash_keyr;
  static constexpr std::uint32_t sr_bsy = f1::sr_bsy, sr_errors = f1::sr_errors,
                                 sr_clears = f1::sr_errors | f1::sr_eop;
  static constexpr std::uint32_t cr_lock = f1::cr_lock;
};

struct F4 {
  static constexpr auto lines = f4::lines;
  static constexpr auto line_of = f4::line_of;
  static constexpr auto parts = f4::parts;
  static constexpr auto identify = f4::identify;
  static constexpr auto settle = f4::settle;
  static constexpr auto prepare = f4::prepare;
  static constexpr auto protection = f4::protection;
  static constexpr auto erase_sector = f4::erase_sector;

  static constexpr const char *name = "F4", *usual_part = "STM32F407VG";
  static constexpr std::uint32_t cpuid = 0x410FC241, debug_port = 0x2BA01477;
  static constexpr std::uint32_t unique_id = f4::unique_id, size_register = f4::size_register;
  static constexpr std::uint32_t rcc_cr = f4::rcc_cr, rcc_cfgr = f4::rcc_cfgr,
                                 rcc_ahbenr = f4::rcc_ahb1enr, rcc_apb1enr = f4::rcc_apb1enr;
  static constexpr std::uint32_t rcc_prescalers = f4::rcc_prescalers;
  static constexpr std::uint32_t flash_sr = f4::flash_sr, flash_keyr = f4::flash_keyr;
  static constexpr std::uint32_t sr_bsy = f4::sr_bsy, sr_errors = f4::sr_errors,
                                 sr_clears = f4::sr_all;
  static constexpr std::uint32_t cr_lock = f4::cr_lock;
};

// Where a test cannot go on without the chip.
template <class Family>
flashhost::Chip described(std::string_view part) {
  const auto chip = flashhost::find_chip(Family::parts(), part);
  if (!chip) throw std::invalid_argument("no such part: " + std::string(part));
  return *chip;
}
template <class Family>
flashhost::Chip identified(flashhost::ProbeReader &probe) {
  flashhost::Identity identity = Family::identify(probe);
  if (!identity.chip) throw std::runtime_error("not identified");
  Family::settle(probe, *identity.chip);
  return *identity.chip;
}

}  // namespace fake
