#include "chip_request.hpp"

#include "shared_reader.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flashhost {

namespace {

constexpr std::uint32_t kib = 1024;

std::string names(const std::vector<NamedFamily> &families) {
  std::string list;
  for (const NamedFamily &family : families) list += (list.empty() ? "" : ", ") + family.id;
  return list;
}

void use_flash_size(Chip &chip, std::uint32_t size) {
  if (const auto wrong = wrong_flash_size(chip, size)) {
    throw Error(Errc::refused,
                fmt::format("flash_size = {} cannot be right: {}", format_size(size), *wrong),
                "Correct or remove --flash-size, or flash_size in [family] of the board file.")
        .see(Cause::size_register);
  }
  set_flash_size(chip, size);
}

// All of it, where there is a hole in it.
std::uint32_t all_flash(const Chip &chip) {
  std::uint32_t size = chip.flash.size;
  for (const Chip &further : chip.further_flash) size += further.flash.size;
  return size;
}

void use_size_of(const Chip &part, Chip &chip) {
  if (!chip.further_flash.empty() && all_flash(chip) == part.flash.size) return;
  const bool too_small = !chip.size_doubt && chip.flash.size < part.flash.size;
  if (too_small || wrong_flash_size(chip, part.flash.size)) {
    throw Error(
        Errc::refused,
        fmt::format("{} with {} of flash is asked for, but {}", part.name,
                    format_size(part.flash.size),
                    chip.size_doubt ? chip.size_doubt->reason
                                    : "the chip reports " + format_size(chip.flash.size)),
        fmt::format(
            "This is a smaller part of the same series. If it is known to hold more than it "
            "reports, say so: --flash-size {0}K, or flash_size = \"{0}K\" in [family] of the board "
            "file.",
            part.flash.size / kib))
        .see(Cause::wrong_chip);
  }
  set_flash_size(chip, part.flash.size);
}

void remark_size(Chip &chip, const std::string &taken_because) {
  if (!chip.size_doubt) return;
  chip.remarks.push_back(with_page(fmt::format("{}; taken as {}{}", chip.size_doubt->reason,
                                               format_size(chip.flash.size), taken_because),
                                   Cause::size_register));
}

[[noreturn]] void throw_wrong_chip(const IdentifiedChip &part, const Answers &answers) {
  const std::string is = answers.claims.empty()
                             ? fmt::format("none that family {} knows", part.family->id)
                             : fmt::format("{} ({})", answers.claims.front().chip.name,
                                           answers.claims.front().chip.die);
  const std::string id =
      part.chip.has_device_id() ? fmt::format(" (device id 0x{:03x})", part.chip.device_id) : "";
  throw Error(
      Errc::refused,
      fmt::format("{}{} is asked for, but the chip is {}: {}", part.chip.name, id, is,
                  answers.evidence),
      "Look whether the right board is connected, or correct --chip, or chip in [family] of "
      "the board file.")
      .see(Cause::wrong_chip);
}

}  // namespace

std::optional<IdentifiedChip> requested_part(const std::vector<NamedFamily> &families,
                                             const ChipRequest &request) {
  if (!request.part) return std::nullopt;
  for (const NamedFamily &family : families) {
    if (auto chip = find_chip(family.family->parts(), *request.part)) {
      if (request.flash_size) use_flash_size(*chip, *request.flash_size);
      return IdentifiedChip{&family, std::move(*chip)};
    }
  }
  std::vector<std::string> known;
  for (const NamedFamily &family : families) {
    std::ranges::copy(part_names(family.family->parts()), std::back_inserter(known));
  }
  const auto meant = nearest(*request.part, known);
  throw Error(Errc::config,
              fmt::format("none of the installed families ({}) knows a chip named \"{}\"{}",
                          names(families), *request.part,
                          meant ? fmt::format("; did you mean \"{}\"?", *meant) : ""),
              "`flashhost list chips TEXT` prints the names that contain TEXT. Many others work "
              "with the pack of their vendor: --pack FILE.")
      .see(Cause::wrong_chip);
}

Answers ask_families(ProbeReader &probe, const std::vector<NamedFamily> &families,
                     const std::optional<ProbeInfo> &info) {
  Answers answers;
  SharedReader reader(probe, info);
  for (const NamedFamily &family : families) {
    reader.begin();
    Identity identity = family.family->identify(reader);
    if (identity.chip) answers.claims.push_back({&family, std::move(*identity.chip)});
    if (answers.evidence.find(identity.evidence) != std::string::npos) continue;
    answers.evidence += (answers.evidence.empty() ? "" : ", ") + identity.evidence;
  }
  return answers;
}

IdentifiedChip identify_chip(ProbeReader &probe, const std::vector<NamedFamily> &families,
                             const ChipRequest &request, const std::optional<ProbeInfo> &info) {
  const auto part = requested_part(families, request);
  Answers answers = ask_families(probe, families, info);
  const bool is_part = !part || std::ranges::any_of(answers.claims, [&](const auto &claim) {
    return claim.family == part->family && claim.chip.device_id == part->chip.device_id;
  });
  if (!is_part) throw_wrong_chip(*part, answers);
  if (answers.claims.empty()) {
    throw Error(Errc::refused,
                fmt::format("the chip is not one of the installed families ({}): {}",
                            names(families), answers.evidence),
                "`flashhost list chips` prints what they know. Many others work with the pack of "
                "their vendor: --pack FILE --chip NAME. `flashhost new family ID` begins a family "
                "of your own.")
        .see(Cause::wrong_chip);
  }
  if (answers.claims.size() > 1) {
    throw Error(Errc::refused,
                fmt::format("the families {} and {} both claim this chip",
                            answers.claims[0].family->id, answers.claims[1].family->id),
                "Name the right one: --family, or family.plugin in the board file.");
  }
  IdentifiedChip found = std::move(answers.claims.front());
  std::optional<Chip> chip;
  if (part) chip = part->chip;
  found.chip = settle_chip(std::move(found.chip), chip, request.flash_size);
  return found;
}

Chip settle_chip(Chip found, const std::optional<Chip> &part,
                 std::optional<std::uint32_t> flash_size) {
  if (flash_size) {
    use_flash_size(found, *flash_size);
  } else if (part) {
    use_size_of(*part, found);
    remark_size(found, fmt::format(" because {} is asked for", part->name));
  } else if (found.size_doubt) {
    remark_size(found,
                fmt::format(", {}; --chip or --flash-size, or chip or flash_size in [family] of "
                            "the board file, say it for sure",
                            found.size_doubt->basis));
  }
  if (!flash_size && found.size_limit && found.flash.size > found.size_limit->size) {
    set_flash_size(found, found.size_limit->size);
    found.remarks.push_back(found.size_limit->reason);
  }
  if (part) {
    found.name = part->name;
    found.ram = part->ram;
    found.stack_ram = part->stack_ram;
  }
  if (!found.flash.contains(found.boot_address)) found.boot_address = found.flash.address;
  return found;
}

}  // namespace flashhost
