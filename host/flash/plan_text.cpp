#include "plan.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

std::string action_text(const SectorPlan &sector, bool mass_erase) {
  switch (sector.action) {
    case Action::skip:
      return "already right";
    case Action::program:
      if (!sector.to_clear.empty()) return "only bits to clear, program without erase";
      return sector.guarded ? "blank, program last" : "blank, program";
    case Action::erase_and_program:
      break;
  }
  const std::string program = sector.put_back ? "put back" : "program";
  std::string text = mass_erase ? program : "erase, " + program;
  if (sector.guarded) text = (mass_erase ? "" : "erase first, ") + program + " last";
  if (sector.unreadable) text = "cannot be read without error: " + text;
  if (sector.keeps && !sector.put_back) text += ", keep what the image does not cover";
  return text;
}

std::string count(std::size_t number, const char *noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace

std::string to_text(const Plan &plan, const Chip &chip) {
  std::string text = fmt::format("{}: {} of flash, {} of image\n", chip.name,
                                 format_size(chip.flash.size), format_size(plan.image_bytes));
  if (plan.steps.empty()) {
    return text + "nothing to do: the flash already holds the image\n";
  }
  if (plan.mass_erase) text += fmt::format("  {}  mass erase\n", format_range(chip.flash));
  for (std::size_t first = 0; first < plan.sectors.size();) {
    const std::string line = action_text(plan.sectors[first], plan.mass_erase);
    std::size_t last = first + 1;
    while (last < plan.sectors.size() && action_text(plan.sectors[last], plan.mass_erase) == line &&
           plan.sectors[last - 1].sector.range().end() == plan.sectors[last].sector.address) {
      ++last;
    }
    const std::uint32_t start = plan.sectors[first].sector.address;
    const auto size =
        static_cast<std::uint32_t>(plan.sectors[last - 1].sector.range().end() - start);
    text += fmt::format("  {}  {:>11}  {}\n", format_range({start, size}),
                        count(last - first, "sector"), line);
    first = last;
  }
  const std::string erases =
      plan.mass_erase ? fmt::format("one mass erase ({})", format_duration(plan.erase_time))
      : plan.erased_sectors == 0
          ? std::string("no erase")
          : fmt::format("{} ({})", count(plan.erased_sectors, "sector erase"),
                        format_duration(plan.erase_time));
  text += fmt::format("{}, {} programmed ({}){}: {} of flash time", erases,
                      format_size(plan.programmed_bytes), format_duration(plan.program_time),
                      plan.put_back_bytes == 0
                          ? ""
                          : fmt::format(", {} of it put back", format_size(plan.put_back_bytes)),
                      format_duration(plan.flash_time()));
  if (plan.floor != plan.flash_time()) {
    text += fmt::format(", the least possible is {}", format_duration(plan.floor));
  }
  return text + "\n";
}

std::string mass_erase_text(const Plan &plan) {
  const auto sectors = static_cast<std::size_t>(
      std::ranges::count_if(plan.sectors, [](const SectorPlan &one) { return one.put_back; }));
  const bool slower = plan.by_sectors < plan.flash_time();
  if (!plan.by_sectors || (sectors == 0 && !slower)) return {};
  const std::string what = sectors == 0
                               ? "the mass erase was asked for"
                               : fmt::format(
                                     "{} in {} outside the image are put back after the "
                                     "mass erase",
                                     format_size(plan.put_back_bytes), count(sectors, "sector"));
  return fmt::format("{}: {} of flash time; sector erases would take {}{}", what,
                     format_duration(plan.flash_time()), format_duration(*plan.by_sectors),
                     slower ? ", so erase = \"auto\" is faster" : "");
}

}  // namespace flashhost
