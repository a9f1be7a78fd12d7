// The catalogue of failures, docs/failures.md: symptom, cause, what flashhost does, what the user
// can do. An error or warning names its row of the catalogue, so that the user finds that page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flashhost {

// The numbers are those of the catalogue and never change.
enum class Cause : std::uint8_t {
  none = 0,
  old_interrupt = 1,
  core_state = 2,
  old_dma = 3,
  independent_watchdog = 4,
  window_watchdog = 5,
  stale_errors = 6,
  stale_control_bits = 7,
  controller_locked = 8,
  oscillator_off = 9,
  size_register = 10,
  reset_not_wired = 11,
  clone = 12,
  write_protection = 13,
  read_protection = 14,
  line_errors = 15,
  usb = 16,
  out_of_reach = 17,
  lockup = 18,
  supply_voltage = 19,
  memory_protection = 20,
  bad_ram = 21,
  bad_cell = 22,
  slow_flash = 23,
  stuck_busy = 24,
  stale_caches = 25,
  does_not_fit = 26,
  odd_image = 27,
  least_work = 28,
  interrupted = 29,
  wrong_chip = 30,
  which_probe = 31,
  bad_input = 32,
  two_banks = 33,
  host_means = 38,
};

// The highest number. Numbers without an enumerator have no page yet.
inline constexpr unsigned last_cause = 38;

// The cause's heading in docs/failures.md, without its number. Empty for Cause::none and for a
// cause without a page.
[[nodiscard]] std::string_view title(Cause cause) noexcept;

// A sentence for the end of an error message: `See "Slow flash" in the failure guide
// (failures.md).` Empty where there is no page.
[[nodiscard]] std::string where_to_read(Cause cause);
// The same for a warning or remark: adds the page in brackets, `the supply is not known (failure
// guide, "Supply voltage")`.
[[nodiscard]] std::string with_page(std::string_view text, Cause cause);

}  // namespace flashhost
