#include <flashhost/cause.hpp>

#include <fmt/format.h>

#include <array>

namespace flashhost {

namespace {

constexpr std::array<std::string_view, last_cause + 1> titles{
    "",
    "An interrupt of the old firmware",
    "A core stopped in the middle of something",
    "DMA of the old firmware",
    "The independent watchdog",
    "The window watchdog",
    "Error flags left set",
    "Control bits left set",
    "A flash controller locked until reset",
    "HSI switched off",
    "A flash size register that lies",
    "NRST not wired",
    "A clone",
    "Write protection",
    "Read protection",
    "Errors on the SWD line",
    "Trouble on USB",
    "A target out of reach",
    "Lockup and reset loops",
    "Supply voltage",
    "The memory protection unit",
    "Bad RAM",
    "A flash cell that cannot be programmed",
    "Slow flash",
    "A controller that stays busy",
    "Stale caches",
    "An image that does not fit",
    "Images with unusual addresses or lengths",
    "Nothing, or little, to do",
    "Interrupted",
    "Not the chip of the board file",
    "Several probes, or one in use",
    "Bad input files",
    "Two banks",
    "",
    "",
    "",
    "",
    "Disk space and file permissions",
};

}  // namespace

std::string_view title(Cause cause) noexcept {
  const auto number = static_cast<std::size_t>(cause);
  return number < titles.size() ? titles[number] : std::string_view{};
}

std::string where_to_read(Cause cause) {
  if (title(cause).empty()) return {};
  return fmt::format("See \"{}\" in the failure guide (failures.md).", title(cause));
}

std::string with_page(std::string_view text, Cause cause) {
  return fmt::format("{} (failure guide, \"{}\")", text, title(cause));
}

}  // namespace flashhost
