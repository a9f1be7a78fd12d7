// A family that is data: of a CMSIS flash algorithm, alone or from a pack.
#pragma once

#include "selection.hpp"

#include <flashhost/family.hpp>

#include <map>

namespace flashhost::flm {

class FlmFamily final : public Family, private DirectFlash {
 public:
  explicit FlmFamily(Host &host) : source_(host) {}

  void configure(const Settings &settings) override { source_.configure(settings); }
  void ask_for(const std::string &part) override { source_.ask_for(part); }
  [[nodiscard]] std::vector<Part> parts() const override;
  [[nodiscard]] Identity identify(ProbeReader &probe) override;
  [[nodiscard]] LoaderCode loader(const Chip &chip) const override;
  [[nodiscard]] DirectFlash *direct_flash() override { return this; }

 private:
  // For the flash of this chip, its own or a further one.
  [[nodiscard]] const Algorithm &algorithm(const Chip &chip) const;

  [[nodiscard]] std::vector<Width> widths(const Chip &chip) const override;
  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override;
  void erase_all(Probe &probe, const Chip &chip) override;
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data, Width width) override;

  mutable Source source_;
  mutable std::map<std::uint32_t, Bytes> code_;  // what loader() hands out, by address of flash
};

// The chip that a selection describes. Errc::image where nothing can be programmed with its first
// algorithm; one of the others is then left out, with a remark.
[[nodiscard]] Chip make_chip(const Selection &selection);

}  // namespace flashhost::flm
