#include "plan.hpp"

#include "flash_access.hpp"
#include "vectors.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace flashhost {

namespace {

// A gap of erased bytes shorter than this is not worth a command of its own.
constexpr std::uint32_t shortest_gap = 64;

bool is_erased(const Chip &chip, const Bytes &content, std::uint32_t first, std::uint32_t size) {
  return std::all_of(content.begin() + first, content.begin() + first + size,
                     [&](std::uint8_t byte) { return byte == chip.erased_value; });
}

// Whether these bytes need not be programmed after an erase. Where all of the flash is programmed
// at a time, as option bytes are, its erase may do nothing.
bool may_leave_out(const Chip &chip, const Bytes &content, std::uint32_t first,
                   std::uint32_t size) {
  const bool one_unit = chip.sectors.size() == 1 && chip.program_unit == chip.flash.size;
  return !one_unit && is_erased(chip, content, first, size);
}

// Program steps for [first, last) of a sector's content, without its runs of erased bytes. The
// first of them continues the last one in steps where that ends there.
void add_programs(std::vector<Step> &steps, const Chip &chip, const SectorPlan &sector,
                  std::uint32_t first, std::uint32_t last) {
  const std::uint32_t unit = programmed_together(chip);
  std::uint32_t run = last;      // start of the current run
  std::uint32_t run_end = last;  // end of its last unit that is not erased
  const auto flush = [&] {
    if (run >= last) return;
    const std::uint32_t address = sector.sector.address + run;
    if (steps.empty() || steps.back().address + steps.back().data.size() != address) {
      steps.push_back({StepKind::program, {}, address, {}});
    }
    Bytes &data = steps.back().data;
    data.insert(data.end(), sector.content.begin() + run, sector.content.begin() + run_end);
    run = last;
  };
  for (std::uint32_t at = first; at < last; at += unit) {
    if (may_leave_out(chip, sector.content, at, unit)) {
      if (run < last && at + unit - run_end >= shortest_gap) flush();
      continue;
    }
    if (run >= last) run = at;
    run_end = at + unit;
  }
  flush();
}

// The sector to erase first and program last, if there is one: the boot sector where its vectors
// come from the image, or have to come back because they are gone or will be.
std::optional<std::uint32_t> guarded_sector(const Image &image, const Chip &chip, const Plan &all,
                                            const DeviceState &state, std::uint32_t boot_address) {
  const bool covered = image.covers({boot_address, Vectors::size});
  for (std::size_t i = 0; i < all.sectors.size(); ++i) {
    const SectorPlan &plan = all.sectors[i];
    if (!plan.sector.range().contains(boot_address)) continue;
    const bool comes_back = plan.keeps && (all.mass_erase || !state.sectors[i].found.empty());
    if (covered || comes_back) return plan.sector.address;
  }
  for (const SectorPlan &plan : all.sectors) {
    if (plan.sector.range().contains(boot_address)) continue;
    if (is_plausible(vectors_at(image, plan.sector.address), chip)) return plan.sector.address;
  }
  return std::nullopt;
}

// All of what is not erased, as after an erase.
std::uint64_t bytes_of_content(const Chip &chip, const SectorPlan &plan) {
  std::uint64_t bytes = 0;
  const std::uint32_t unit = chip.write_unit();
  for (std::uint32_t at = 0; at < plan.sector.size; at += unit) {
    if (may_leave_out(chip, plan.content, at, unit)) continue;
    bytes += unit;
  }
  return bytes;
}

std::vector<MemoryRange> parts_to_program(const SectorPlan &plan) {
  return only_clears(plan) ? plan.to_clear : std::vector<MemoryRange>{plan.sector.range()};
}

std::uint64_t bytes_to_program(const Chip &chip, const SectorPlan &plan) {
  if (!only_clears(plan)) return bytes_of_content(chip, plan);
  std::uint64_t bytes = 0;
  for (const MemoryRange &part : plan.to_clear) bytes += part.size;
  return bytes;
}

Action action_for(Content content) {
  switch (content) {
    case Content::same:
      return Action::skip;
    case Content::blank:
    case Content::clearable:
      return Action::program;
    case Content::different:
      break;
  }
  return Action::erase_and_program;
}

SectorPlan plan_sector(const Image &image, const Chip &chip, const SectorState &state) {
  SectorPlan plan;
  plan.sector = state.sector;
  plan.found_crc = state.crc;
  plan.unreadable = !state.unreadable.empty();
  plan.content = sector_content(image, chip, state.sector, state.old);
  plan.to_clear = state.to_clear;
  plan.action = action_for(state.content);
  if (!state.old.empty() && !image.covers(state.sector.range())) {
    const Bytes without = sector_content(image, chip, state.sector, {});
    plan.keeps = without != plan.content;
    if (plan.keeps) plan.old = state.old;
    plan.put_back = plan.keeps && !image.touches(state.sector.range());
  }
  return plan;
}

std::vector<Step> make_steps(const Chip &chip, const Plan &plan) {
  std::vector<Step> steps;
  const auto guarded = std::find_if(plan.sectors.begin(), plan.sectors.end(),
                                    [](const SectorPlan &sector) { return sector.guarded; });
  const bool has_guard = guarded != plan.sectors.end() && guarded->action != Action::skip;
  if (plan.mass_erase) {
    steps.push_back({StepKind::erase_all, {}, 0, {}});
  } else if (has_guard && guarded->action == Action::erase_and_program) {
    steps.push_back({StepKind::erase, guarded->sector, 0, {}});
  }
  std::vector<Step> programs;
  std::uint32_t together = 0;
  const auto program_together = [&] {
    std::ranges::move(programs, std::back_inserter(steps));
    programs.clear();
    together = 0;
  };
  for (const SectorPlan &sector : plan.sectors) {
    if (sector.action == Action::skip || sector.guarded) continue;
    if (together + sector.sector.size > most_erased_together) program_together();
    together += sector.sector.size;
    if (sector.action == Action::erase_and_program && !plan.mass_erase) {
      steps.push_back({StepKind::erase, sector.sector, 0, {}});
    }
    for (const MemoryRange &part : parts_to_program(sector)) {
      const std::uint32_t first = part.address - sector.sector.address;
      add_programs(programs, chip, sector, first, first + part.size);
    }
  }
  program_together();
  if (has_guard) {
    const std::uint32_t vectors = std::max(programmed_together(chip), Vectors::size);
    add_programs(steps, chip, *guarded, vectors, guarded->sector.size);
    add_programs(steps, chip, *guarded, 0, vectors);
  }
  return steps;
}

struct Totals {
  Nanoseconds erase_sectors{};    // those that need it, one by one
  Nanoseconds program_changed{};  // sectors with an action
  Nanoseconds program_all{};      // and those that only a mass erase makes necessary
};

Totals add_up(const Chip &chip, Plan &plan) {
  const bool faster = chip.program_after_mass_erase > Nanoseconds::zero();
  const Nanoseconds after_mass_erase =
      faster ? chip.program_after_mass_erase : chip.program_typical;
  Totals totals;
  for (const SectorPlan &sector : plan.sectors) {
    const auto units = [&](std::uint64_t bytes) {
      return static_cast<std::int64_t>(bytes / chip.program_unit);
    };
    totals.program_all += units(bytes_of_content(chip, sector)) * after_mass_erase;
    if (sector.action == Action::skip) continue;
    const std::uint64_t bytes = bytes_to_program(chip, sector);
    totals.program_changed += units(bytes) * chip.program_typical;
    plan.programmed_bytes += bytes;
    if (sector.put_back) plan.put_back_bytes += bytes;
    if (sector.action != Action::erase_and_program) continue;
    totals.erase_sectors += sector.sector.erase_typical;
    ++plan.erased_sectors;
  }
  return totals;
}

[[noreturn]] void refuse_mass_erase(const Chip &chip, const DeviceState &state, bool preserve) {
  constexpr const char *destroys = "erase = \"mass\" would destroy content outside the image";
  const std::string automatic =
      "Use erase = \"auto\": it takes the mass erase whenever that is safe and faster.";
  if (chip.mass_erase_typical == Nanoseconds::zero()) {
    throw Error(Errc::refused, fmt::format("{} has no mass erase", chip.name), automatic);
  }
  if (state.content_beyond) {
    throw Error(Errc::refused,
                fmt::format("{}, beyond the {} of flash that the chip claims", destroys,
                            format_size(chip.flash.size)),
                automatic +
                    " Where all of it is flash, --flash-size or family.flash_size says so, "
                    "and it can be put back.");
  }
  throw Error(Errc::refused, destroys,
              preserve ? automatic : automatic + " Or let it be put back: preserve = true.");
}

// Chooses between sector erases and a mass erase, and fills in the costs.
void choose_erase(const Chip &chip, const DeviceState &state, const PlanOptions &options,
                  Plan &plan) {
  const bool asked = options.erase == EraseMode::mass && !state.mass_erase_begun;
  const Totals totals = add_up(chip, plan);
  const Nanoseconds by_sector = totals.erase_sectors + totals.program_changed;
  const Nanoseconds by_mass = chip.mass_erase_typical + totals.program_all;
  const bool has_mass = chip.mass_erase_typical > Nanoseconds::zero();
  const bool needed = plan.erased_sectors > 0;
  const bool again = state.mass_erase_cut_short;
  // A chip that is blank may still be programmed faster after a mass erase.
  const bool gains = plan.programmed_bytes > 0 && by_mass < by_sector;
  const bool admissible = has_mass && state.rest_blank && (needed || again || gains);
  if (asked && needed && !admissible) refuse_mass_erase(chip, state, options.preserve);
  plan.floor = admissible ? std::min(by_sector, by_mass) : by_sector;
  const bool wanted = again || asked || by_mass < by_sector;
  plan.mass_erase = admissible && options.erase != EraseMode::sectors && wanted;
  plan.erase_time = totals.erase_sectors;
  plan.program_time = totals.program_changed;
  if (!plan.mass_erase) return;
  plan.erase_time = chip.mass_erase_typical;
  plan.program_time = totals.program_all;
  if (asked) plan.by_sectors = by_sector;
  plan.programmed_bytes = 0;
  plan.put_back_bytes = 0;
  for (SectorPlan &sector : plan.sectors) {
    sector.action = Action::erase_and_program;
    const std::uint64_t bytes = bytes_to_program(chip, sector);
    plan.programmed_bytes += bytes;
    if (sector.put_back) plan.put_back_bytes += bytes;
  }
  plan.erased_sectors = static_cast<std::uint32_t>(plan.sectors.size());
}

}  // namespace

bool only_clears(const SectorPlan &plan) {
  return plan.action == Action::program && !plan.to_clear.empty();
}

std::uint32_t programmed_together(const Chip &chip) {
  return std::max<std::uint32_t>(chip.write_unit(), 4);
}

std::vector<Sector> touched_sectors(const Image &image, const Chip &chip) {
  std::vector<Sector> touched;
  for (const Sector &sector : chip.sectors) {
    if (image.touches(sector.range())) touched.push_back(sector);
  }
  return touched;
}

Bytes sector_content(const Image &image, const Chip &chip, const Sector &sector, const Bytes &old) {
  Bytes content = old.empty() ? Bytes(sector.size, chip.erased_value) : old;
  for (const Segment &part : image.in(sector.range())) {
    std::copy(part.data.begin(), part.data.end(),
              content.begin() + (part.address - sector.address));
  }
  return content;
}

Plan make_plan(const Image &image, const Chip &chip, const DeviceState &state,
               const PlanOptions &options) {
  Plan plan;
  plan.image_bytes = image.size();
  bool changes = state.mass_erase_cut_short;
  for (const SectorState &sector : state.sectors) {
    plan.sectors.push_back(plan_sector(image, chip, sector));
    changes = changes || plan.sectors.back().action != Action::skip;
  }
  const auto guard = [&] {
    const auto boot = guarded_sector(image, chip, plan, state, options.boot_address);
    for (SectorPlan &sector : plan.sectors) {
      sector.guarded = boot == sector.sector.address;
      const bool stays = sector.action == Action::skip || only_clears(sector);
      if (!sector.guarded || !stays) continue;
      // A sector without vectors cannot be booted from, so it needs no guard.
      sector.guarded = !is_erased(chip, sector.content, 0, Vectors::size);
      if (sector.guarded) sector.action = Action::erase_and_program;
    }
  };
  if (options.guard && changes) guard();
  choose_erase(chip, state, options, plan);
  if (options.guard && plan.mass_erase) guard();
  plan.steps = make_steps(chip, plan);
  return plan;
}

}  // namespace flashhost
