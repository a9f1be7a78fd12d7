// Which chip the board file asks for, and which one is there.
#pragma once

#include <flashhost/family.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flashhost {

struct NamedFamily {
  std::string id;
  std::shared_ptr<Family> family;
  // Of the plugin. The initializer lets tests make one of two values.
  std::string version = {};  // NOLINT(readability-redundant-member-init)
};

// [family] of the board file.
struct ChipRequest {
  std::optional<std::string> part;
  std::optional<std::uint32_t> flash_size;
};

struct IdentifiedChip {
  const NamedFamily *family = nullptr;
  Chip chip;
};

// The part that is asked for, with the size that is asked for, without a probe. Empty when none is
// named; Errc::config when no family knows it.
[[nodiscard]] std::optional<IdentifiedChip> requested_part(const std::vector<NamedFamily> &families,
                                                           const ChipRequest &request);

// What each family says about the chip.
struct Answers {
  std::vector<IdentifiedChip> claims;
  std::string evidence;  // what they went by: "ID register 0x20036410"
};
// info: of the probe, where that is known already.
[[nodiscard]] Answers ask_families(ProbeReader &probe, const std::vector<NamedFamily> &families,
                                   const std::optional<ProbeInfo> &info = {});

// The chip as one family identified it, with name, memories and size of the part that is asked for.
// Errc::refused when no family or more than one claims it, or when it cannot be what is asked for.
[[nodiscard]] IdentifiedChip identify_chip(ProbeReader &probe,
                                           const std::vector<NamedFamily> &families,
                                           const ChipRequest &request,
                                           const std::optional<ProbeInfo> &info = {});

// The same for a chip that is of the part's family and device id. part: empty when none is named.
[[nodiscard]] Chip settle_chip(Chip found, const std::optional<Chip> &part,
                               std::optional<std::uint32_t> flash_size);

}  // namespace flashhost
