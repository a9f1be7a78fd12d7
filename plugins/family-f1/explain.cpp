#include "f1.hpp"
#include "loaders/f1/f1.inc"
#include "registers.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace f1 {

std::string explain(std::uint32_t status) {
  switch (status) {
    case flashhost::f1_blob::status_clock:
      return "the core clock could not be switched to the internal oscillator (HSI), without which "
             "the flash controller does not work";
    case flashhost::f1_blob::status_locked:
      return "the flash controller stayed locked after its keys: a wrong key sequence locks it "
             "until the next reset";
    case flashhost::f1_blob::status_alignment:
      return "the loader was asked to program an odd address or length";
    default:
      break;
  }
  std::string words;
  const auto add = [&](const char *text) {
    words += std::string(words.empty() ? "" : "; ") + text;
  };
  if ((status & sr_wrprterr) != 0) {
    add("WRPRTERR: the page is write-protected, or the chip is read-protected; set unlock = true "
        "in [flash] to lift it");
  }
  if ((status & sr_pgerr) != 0) {
    add("PGERR: the halfword was not erased before it was programmed; the erase was incomplete, or "
        "the cell is worn out");
  }
  if ((status & sr_bsy) != 0) {
    add("BSY: an operation is still going on; it takes longer than it should when the chip is "
        "aged, cold or a clone, or its supply is below 2 V");
  }
  if ((status & ~(sr_bsy | sr_errors | sr_eop)) != 0) {
    add("bits that an STM32F1 does not have: the read may have gone wrong");
  }
  if (words.empty()) {
    words = (status & sr_eop) != 0
                ? "EOP: the operation ended without an error flag"
                : "no flag at all: the controller never started; HSI may be off, or the access was "
                  "lost";
  }
  return fmt::format("{} (FLASH_SR {})", words, flashhost::hex(status));
}

}  // namespace f1
