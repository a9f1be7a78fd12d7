#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/words.hpp>

namespace f1 {

using namespace flashhost;

// A Cortex-M0 takes its vectors from address 0, so what is shown there is what the next reset
// starts: the bootloader, after the flash was found empty, until the option bytes are loaded again.
void finish(Host &host, Probe &probe, const Chip &chip) {
  constexpr std::uint32_t erased = 0xFFFFFFFF;
  const Line &line = line_of(chip);
  if (!line.empty_check) return;
  const std::uint32_t bootloader = line.system_memory.address;
  const auto [stack, entry, program, own_stack, own_entry] =
      read_words<5>(probe, {0, 4, flash_base, bootloader, bootloader + 4});
  if (program == erased || stack != own_stack || entry != own_entry) return;
  host.info(
      "the flash was empty when the chip last looked, so each reset would start the "
      "bootloader: it looks again now");
  launch_options(probe);
}

}  // namespace f1
