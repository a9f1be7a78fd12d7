#include <flashhost/cause.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flashhost {

namespace {

constexpr auto sections = std::to_array<GuideSection>({
    {Cause::old_interrupt, "An interrupt of the old firmware"},
    {Cause::core_state, "A core stopped in the middle of something"},
    {Cause::old_dma, "DMA of the old firmware"},
    {Cause::independent_watchdog, "The independent watchdog"},
    {Cause::window_watchdog, "The window watchdog"},
    {Cause::stale_errors, "Error flags left set"},
    {Cause::stale_control_bits, "Control bits left set"},
    {Cause::controller_locked, "A flash controller locked until reset"},
    {Cause::oscillator_off, "HSI switched off"},
    {Cause::size_register, "A flash size register that lies"},
    {Cause::reset_not_wired, "NRST not wired"},
    {Cause::clone, "A clone"},
    {Cause::write_protection, "Write protection"},
    {Cause::read_protection, "Read protection"},
    {Cause::line_errors, "Errors on the SWD line"},
    {Cause::usb, "Trouble on USB"},
    {Cause::out_of_reach, "A target out of reach"},
    {Cause::lockup, "Lockup and reset loops"},
    {Cause::supply_voltage, "Supply voltage"},
    {Cause::memory_protection, "The memory protection unit"},
    {Cause::bad_ram, "Bad RAM"},
    {Cause::bad_cell, "A flash cell that cannot be programmed"},
    {Cause::slow_flash, "Slow flash"},
    {Cause::stuck_busy, "A controller that stays busy"},
    {Cause::stale_caches, "Stale caches"},
    {Cause::does_not_fit, "An image that does not fit"},
    {Cause::odd_image, "Images with unusual addresses or lengths"},
    {Cause::least_work, "Nothing, or little, to do"},
    {Cause::interrupted, "Interrupted"},
    {Cause::wrong_chip, "Not the chip of the board file"},
    {Cause::which_probe, "Several probes, or one in use"},
    {Cause::bad_input, "Bad input files"},
    {Cause::two_banks, "Two banks"},
    {Cause::torn_words, "Words that lost power"},
    {Cause::empty_check, "A flash that was empty at power-on"},
    {Cause::damaged_options, "Option bytes found damaged"},
    {Cause::swapped_banks, "Swapped banks"},
    {Cause::host_means, "Disk space and file permissions"},
});

struct Place {
  std::string document;
  std::string_view section;
};

Place place_of(std::string_view key) {
  if (const std::string_view known = title(key); !known.empty()) return {"failure guide", known};
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return {"documentation of the plugin", key};
  return {fmt::format("documentation of the plugin {}", key.substr(0, slash)),
          key.substr(slash + 1)};
}

}  // namespace

std::span<const GuideSection> guide_sections() noexcept {
  return sections;
}

std::string_view title(std::string_view key) noexcept {
  const auto found = std::ranges::find(sections, key, &GuideSection::key);
  return found == sections.end() ? std::string_view{} : found->title;
}

std::string where_to_read(std::string_view key) {
  if (key.empty()) return {};
  const Place place = place_of(key);
  return fmt::format("See \"{}\" in the {}{}.", place.section, place.document,
                     title(key).empty() ? "" : " (failures.md)");
}

std::string with_page(std::string_view text, std::string_view key) {
  const Place place = place_of(key);
  return fmt::format("{} ({}, \"{}\")", text, place.document, place.section);
}

}  // namespace flashhost
