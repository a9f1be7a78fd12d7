#include <flashhost/controller.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>
#include <flashhost/wait.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flashhost {

namespace {

using namespace std::chrono_literals;

constexpr int patience = 6;  // times the datasheet's maximum
constexpr Nanoseconds poll_interval = 1ms;

}  // namespace

std::uint32_t wait_idle(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
                        Nanoseconds maximum, const std::string &what) {
  const StatusRegister *source = status_register(chip, address);
  if (source == nullptr) throw Error(Errc::internal, chip.name + " has no flash status register");
  const std::uint32_t busy = status_mask(chip, StatusBit::Meaning::busy);
  std::uint32_t status = 0;
  const Nanoseconds started = probe.now();
  bool warned = false;
  const bool idle = wait_until(probe, patience * maximum, poll_interval, [&] {
    status = probe.read_word(source->address);
    if ((status & busy) == 0) return true;
    // The polling itself takes time: a few of its intervals are no sign of a slow chip.
    if (!warned && probe.now() - started > maximum + 10 * poll_interval) {
      warned = true;
      host.log(Level::warning,
               with_page(fmt::format("{} takes longer than the datasheet's maximum of {}; still "
                                     "waiting",
                                     what, format_duration(maximum)),
                         Cause::slow_flash));
    }
    return false;
  });
  if (idle) return status;
  throw Error(
      Errc::flash,
      fmt::format("{}: the flash controller is still busy after {}: {}", what,
                  format_duration(patience * maximum), explain_status(chip, address, status)),
      "A reset ends what software has left: with reset = \"none\" allow one (--reset run). "
      "If it stays so, the supply may be too low, a clock that it needs may be stopped, or "
      "the chip is defective: power-cycle the board and try again.")
      .see(Cause::stuck_busy);
}

void throw_failed(const Chip &chip, const std::string &what, std::uint32_t address,
                  std::uint32_t status) {
  throw Error(Errc::flash, fmt::format("{} at {} failed: {}", what, hex(address),
                                       explain_status(chip, address, status)))
      .see(status_cause(chip, status, Cause::bad_cell));
}

void wait_done(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
               Nanoseconds maximum, const std::string &what) {
  const std::uint32_t status = wait_idle(host, probe, chip, address, maximum, what);
  if ((status & status_mask(chip, StatusBit::Meaning::error)) == 0) return;
  throw_failed(chip, what, address, status);
}

bool run_if_allowed(Probe &probe, std::span<Access> accesses) {
  try {
    probe.run(accesses);
    return true;
  } catch (const Error &error) {
    if (error.code() != Errc::memory_fault) throw;
    return false;
  }
}

std::uint32_t unlock(Probe &probe, const KeyedLock &lock) {
  const std::uint32_t found = probe.read_word(lock.control);
  if ((found & lock.lock) == 0) probe.write_word(lock.control, (found & lock.keep) | lock.lock);
  std::array accesses{Access::write(lock.keys, lock.values[0]),
                      Access::write(lock.keys, lock.values[1]), Access::read(lock.control)};
  const bool taken = run_if_allowed(probe, accesses);
  const std::uint32_t value = taken ? accesses[2].value : probe.read_word(lock.control);
  if (taken && (value & lock.lock) == 0) return value;
  throw Error(Errc::target,
              fmt::format("{} does not unlock ({} {})", lock.what, lock.register_name, hex(value)),
              "A wrong key sequence, by the old firmware or another tool, locks it until the next "
              "reset. Reset the chip and try again.")
      .see(Cause::controller_locked);
}

void open_controller(Host &host, Probe &probe, const Chip &chip, std::uint32_t address,
                     const KeyedLock &lock, std::uint32_t flags, UndoLog &undo) {
  Nanoseconds longest = chip.mass_erase_maximum;
  for (const Sector &sector : chip.sectors) longest = std::max(longest, sector.erase_maximum);
  const std::uint32_t status = wait_idle(host, probe, chip, address, longest,
                                         "waiting for an operation of the old firmware");
  undo.push_back({lock.control, lock.lock, false, "flash lock"});
  const std::uint32_t control = unlock(probe, lock);
  if ((status & flags) != 0) probe.write_word(status_register(chip, address)->address, flags);
  if (control != 0) probe.write_word(lock.control, 0);
}

}  // namespace flashhost
