#include "option_effects.hpp"

#include <flashhost/cause.hpp>
#include <flashhost/error.hpp>

#include <fmt/format.h>

namespace stm32 {

using namespace flashhost;

namespace {

constexpr const char *unchangeable =
    "RDP level 2 is final: the option bytes cannot be changed any more";

}  // namespace

std::vector<OptionEffect> read_protection_effects(ReadProtection from, ReadProtection to,
                                                  std::string_view shut) {
  using Kind = OptionEffect::Kind;
  if (from == ReadProtection::final) return {{Kind::impossible, unchangeable}};
  if (to == ReadProtection::final) {
    return {{Kind::final,
             "RDP level 2 is final: no debugger can ever reach the chip again, and its option "
             "bytes can never be changed again"}};
  }
  if (from == to) return {};
  if (to == ReadProtection::off) {
    return {{Kind::erases_flash, "taking the read protection off erases the whole flash"}};
  }
  return {{Kind::remark,
           fmt::format("no debugger can read the flash any more{}{}; taking the read protection "
                       "off again erases all of it",
                       shut.empty() ? "" : ", and ", shut)}};
}

OptionEffect hardware_watchdog_effect() {
  return {OptionEffect::Kind::remark,
          "firmware that does not feed the watchdog will be reset again and again"};
}

void throw_final() {
  throw Error(Errc::locked, unchangeable, "The chip has to be replaced.")
      .see(Cause::read_protection);
}

}  // namespace stm32
