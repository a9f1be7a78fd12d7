#include "f4.hpp"
#include "loaders/f4/f4.inc"
#include "registers.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace f4 {

std::string explain(std::uint32_t status) {
  switch (status) {
    case flashhost::f4_blob::status_clock:
      return "the core clock could not be switched to the internal oscillator (HSI)";
    case flashhost::f4_blob::status_locked:
      return "the flash controller stayed locked after its keys: a wrong key sequence locks it "
             "until the next reset";
    case flashhost::f4_blob::status_alignment:
      return "the loader was asked to program an address or length that is no multiple of what is "
             "programmed at a time";
    default:
      break;
  }
  std::string words;
  const auto add = [&](std::uint32_t bits, const char *text) {
    if ((status & bits) != 0) words += std::string(words.empty() ? "" : "; ") + text;
  };
  add(sr_wrperr,
      "WRPERR: the sector is write-protected, the chip is read-protected, or there is no such "
      "sector; set unlock = true in [flash] to lift a protection");
  add(sr_pgaerr, "PGAERR: the data would have crossed a 16-byte row of the flash");
  add(sr_pgperr,
      "PGPERR: the access had another width than the controller was set to (PSIZE); something "
      "else changed FLASH_CR, or the probe cannot make accesses of that width");
  add(sr_pgserr,
      "PGSERR: the flash was written without having been made ready (PG); something else, the old "
      "firmware for one, uses the controller");
  add(sr_operr, "OPERR: the operation was not carried out because of such an error");
  add(sr_rderr, "RDERR: a sector that is protected against reading (PCROP) was read");
  add(sr_bsy,
      "BSY: an operation is still going on; it takes longer than it should when the chip is aged, "
      "cold or a clone, or its supply is too low for the width of programming");
  add(~(sr_all | sr_bsy), "bits that an STM32F4 does not have: the read may have gone wrong");
  if (words.empty()) {
    words = (status & sr_eop) != 0
                ? "EOP: the operation ended without an error flag"
                : "no error flag: the operation ended well as far as the controller can tell, or "
                  "it never started";
  }
  return fmt::format("{} (FLASH_SR {})", words, flashhost::hex(status));
}

}  // namespace f4
