#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/cause.hpp>
#include <flashhost/words.hpp>

namespace f1 {

using namespace flashhost;

namespace {

// A Cortex-M0 takes its vectors from address 0, so what is shown there is what the next reset
// starts. After the flash was found empty that is the bootloader, until the option bytes are loaded
// again.
bool starts_bootloader(Probe &probe, const Line &line) {
  const std::uint32_t bootloader = line.system_memory.address;
  const auto [stack, entry, own_stack, own_entry] =
      read_words<4>(probe, {0, 4, bootloader, bootloader + 4});
  return stack == own_stack && entry == own_entry;
}

bool firmware_waits(Probe &probe, const Line &line) {
  constexpr std::uint32_t erased = 0xFFFFFFFF;
  return line.empty_check && probe.read_word(flash_base) != erased &&
         starts_bootloader(probe, line);
}

}  // namespace

void finish_without_reset(Host &host, Probe &probe, const Chip &chip) {
  if (!firmware_waits(probe, line_of(chip))) return;
  host.log(Level::warning,
           with_page("the chip starts its bootloader at each reset: its flash was empty when it "
                     "last looked, or BOOT0 or the option bytes choose that. flashhost may not "
                     "reset it now, as reset = \"none\" says, so it looks again at power-on only: "
                     "take the supply off the board for a second. If the firmware does not start "
                     "then, look at BOOT0",
                     Cause::empty_check));
}

void finish(Host &host, Probe &probe, const Chip &chip) {
  const Line &line = line_of(chip);
  if (!firmware_waits(probe, line)) return;
  launch_options(probe);
  if (starts_bootloader(probe, line)) {
    host.info(
        "the chip starts its bootloader at each reset, also now that its flash is not empty: BOOT0 "
        "or the option bytes choose that");
    return;
  }
  host.info(
      "the flash was empty when the chip last looked, so each reset would have started the "
      "bootloader: it has looked again, and starts the firmware");
}

}  // namespace f1
