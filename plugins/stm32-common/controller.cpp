#include "controller.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

namespace stm32 {

namespace {

using namespace std::chrono_literals;
using flashhost::Cause;
using flashhost::Errc;
using flashhost::Error;
using flashhost::hex;
using flashhost::Nanoseconds;
using flashhost::Probe;

constexpr int patience = 6;  // times the datasheet's maximum
constexpr Nanoseconds poll_interval = 1ms;

}  // namespace

std::uint32_t wait_idle(flashhost::Host &host, Probe &probe, const BusyFlag &busy,
                        Nanoseconds maximum, const std::string &what) {
  std::uint32_t status = 0;
  const Nanoseconds started = probe.now();
  bool warned = false;
  const bool idle = flashhost::wait_until(probe, patience * maximum, poll_interval, [&] {
    status = probe.read_word(busy.address);
    if ((status & busy.bit) == 0) return true;
    // The polling itself takes time: 1 ms at the least is no sign of a slow chip.
    if (!warned && probe.now() - started > maximum + 10 * poll_interval) {
      warned = true;
      host.log(flashhost::Level::warning,
               with_page(fmt::format("{} takes longer than the datasheet's maximum of {}; still "
                                     "waiting",
                                     what, flashhost::format_duration(maximum)),
                         Cause::slow_flash));
    }
    return false;
  });
  if (idle) return status;
  throw Error(Errc::flash,
              fmt::format("{}: the flash controller is still busy after {} (FLASH_SR {})", what,
                          flashhost::format_duration(patience * maximum), hex(status)),
              "It is stuck: the supply may be below 2 V, the internal oscillator (HSI) may be "
              "stopped, or the chip is defective. Power-cycle the board and try again.")
      .see(Cause::stuck_busy);
}

bool write_key(Probe &probe, std::uint32_t address, std::uint32_t key) {
  try {
    probe.write_word(address, key);
    return true;
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return false;
  }
}

std::uint32_t unlock(Probe &probe, std::uint32_t control, std::uint32_t keys, std::uint32_t lock,
                     const std::string &of_bank) {
  if ((probe.read_word(control) & lock) == 0) probe.write_word(control, lock);
  const bool taken = write_key(probe, keys, key1) && write_key(probe, keys, key2);
  const std::uint32_t value = probe.read_word(control);
  if (taken && (value & lock) == 0) return value;
  throw Error(
      Errc::target,
      fmt::format("the flash controller{} does not unlock (FLASH_CR {})", of_bank, hex(value)),
      "A wrong key sequence, by the old firmware or another tool, locks it until the next "
      "reset. Reset the chip and try again.")
      .see(Cause::controller_locked);
}

}  // namespace stm32
