// Where the user can read on. An error, a warning or a status bit names a section by its key: of
// the failure guide, docs/failures.md (symptom, cause, what flashhost does, what the user can do),
// or of a plugin's own documentation.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace flashhost {

// The keys of the failure guide. A plugin's own key is any other text without a slash; the host
// puts the plugin's id before it, "acme/fuse bits".
namespace Cause {
inline constexpr const char *old_interrupt = "old_interrupt";
inline constexpr const char *core_state = "core_state";
inline constexpr const char *old_dma = "old_dma";
inline constexpr const char *independent_watchdog = "independent_watchdog";
inline constexpr const char *window_watchdog = "window_watchdog";
inline constexpr const char *stale_errors = "stale_errors";
inline constexpr const char *stale_control_bits = "stale_control_bits";
inline constexpr const char *controller_locked = "controller_locked";
inline constexpr const char *oscillator_off = "oscillator_off";
inline constexpr const char *size_register = "size_register";
inline constexpr const char *reset_not_wired = "reset_not_wired";
inline constexpr const char *clone = "clone";
inline constexpr const char *write_protection = "write_protection";
inline constexpr const char *read_protection = "read_protection";
inline constexpr const char *line_errors = "line_errors";
inline constexpr const char *usb = "usb";
inline constexpr const char *out_of_reach = "out_of_reach";
inline constexpr const char *lockup = "lockup";
inline constexpr const char *supply_voltage = "supply_voltage";
inline constexpr const char *memory_protection = "memory_protection";
inline constexpr const char *bad_ram = "bad_ram";
inline constexpr const char *bad_cell = "bad_cell";
inline constexpr const char *slow_flash = "slow_flash";
inline constexpr const char *stuck_busy = "stuck_busy";
inline constexpr const char *stale_caches = "stale_caches";
inline constexpr const char *does_not_fit = "does_not_fit";
inline constexpr const char *odd_image = "odd_image";
inline constexpr const char *least_work = "least_work";
inline constexpr const char *interrupted = "interrupted";
inline constexpr const char *wrong_chip = "wrong_chip";
inline constexpr const char *which_probe = "which_probe";
inline constexpr const char *bad_input = "bad_input";
inline constexpr const char *two_banks = "two_banks";
inline constexpr const char *torn_words = "torn_words";
inline constexpr const char *empty_check = "empty_check";
inline constexpr const char *damaged_options = "damaged_options";
inline constexpr const char *swapped_banks = "swapped_banks";
inline constexpr const char *host_means = "host_means";
}  // namespace Cause

struct GuideSection {
  std::string_view key;
  std::string_view title;  // the heading in docs/failures.md, without its number
};
// All of the failure guide.
[[nodiscard]] std::span<const GuideSection> guide_sections() noexcept;

// Empty for a key that the failure guide does not have.
[[nodiscard]] std::string_view title(std::string_view key) noexcept;

// A sentence for the end of an error message: `See "Slow flash" in the failure guide
// (failures.md).`, `See "fuse bits" in the documentation of the plugin acme.` Empty without a key.
[[nodiscard]] std::string where_to_read(std::string_view key);
// The same for a warning or remark: adds the section in brackets, `the supply is not known (failure
// guide, "Supply voltage")`.
[[nodiscard]] std::string with_page(std::string_view text, std::string_view key);

}  // namespace flashhost
