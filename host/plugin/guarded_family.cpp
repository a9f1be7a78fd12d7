#include "plugin/guard.hpp"
#include "plugin/guarded.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <bit>
#include <utility>

namespace flashhost {

namespace {

class GuardedFamily final : public Family {
 public:
  explicit GuardedFamily(std::shared_ptr<LoadedPlugin> plugin) : guard_(std::move(plugin)) {}

  void configure(const Settings &settings) override {
    guard_.call("configure", [&] { family().configure(settings); });
  }
  std::vector<std::string> chips() const override {
    return guard_.call("chips", [&] { return family().chips(); });
  }
  std::optional<Chip> describe(std::string_view part) const override {
    return checked("describe", guard_.call(
                                   "describe", [&] { return family().describe(part); },
                                   [&] { return std::string(part); }));
  }
  std::optional<Chip> identify(ProbeReader &probe, const IdentifyOptions &options) override {
    return checked("identify",
                   guard_.call("identify", [&] { return family().identify(probe, options); }));
  }
  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    guard_.call("prepare", [&] { family().prepare(probe, chip, undo); });
  }
  Protection protection(Probe &probe, const Chip &chip) override {
    return guard_.call("protection", [&] { return family().protection(probe, chip); });
  }
  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    guard_.call("unprotect", [&] { family().unprotect(probe, chip, found); });
  }
  std::uint32_t boot_address(ProbeReader &probe, const Chip &chip) override {
    return guard_.call("boot_address", [&] { return family().boot_address(probe, chip); });
  }
  LoaderCode loader(const Chip &chip) const override {
    const LoaderCode code = guard_.call("loader", [&] { return family().loader(chip); });
    if (const auto what = breach(code)) guard_.broken("loader", *what);
    return code;
  }
  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    guard_.call(
        "erase_sector", [&] { family().erase_sector(probe, chip, sector); },
        [&] { return hex(sector.address); });
  }
  void erase_all(Probe &probe, const Chip &chip) override {
    guard_.call("erase_all", [&] { family().erase_all(probe, chip); });
  }
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data) override {
    guard_.call(
        "program", [&] { family().program(probe, chip, address, data); },
        [&] { return hex(address) + ", " + format_size(data.size()); });
  }
  std::uint32_t flash_status(ProbeReader &probe, const Chip &chip, std::uint32_t address) override {
    return guard_.call("flash_status", [&] { return family().flash_status(probe, chip, address); });
  }
  bool flash_busy(const Chip &chip, std::uint32_t status) const override {
    return guard_.call("flash_busy", [&] { return family().flash_busy(chip, status); });
  }
  std::string explain(const Chip &chip, std::uint32_t status) const override {
    return guard_.call(
        "explain", [&] { return family().explain(chip, status); }, [&] { return hex(status); });
  }

 private:
  [[nodiscard]] Family &family() const { return guard_.plugin().object<Family>(); }
  [[nodiscard]] std::optional<Chip> checked(std::string_view call, std::optional<Chip> chip) const {
    if (chip) {
      if (const auto what = breach(*chip)) guard_.broken(call, *what);
    }
    return chip;
  }

  Guard guard_;
};

}  // namespace

std::shared_ptr<Family> guarded_family(std::shared_ptr<LoadedPlugin> plugin) {
  return std::make_shared<GuardedFamily>(std::move(plugin));
}

std::optional<std::string> breach(const Chip &chip) {
  if (chip.name.empty()) return "the chip has no name";
  if (!std::has_single_bit(chip.program_unit)) {
    return fmt::format("{}: the programming unit of {} bytes is no power of two", chip.name,
                       chip.program_unit);
  }
  if (chip.die_flash_size < chip.flash.size) {
    return fmt::format("{}: the die holds {}, less than the flash of {}", chip.name,
                       format_size(chip.die_flash_size), format_size(chip.flash.size));
  }
  std::uint64_t next = chip.flash.address;
  for (const Sector &sector : chip.sectors) {
    if (sector.size == 0 || sector.address != next) {
      return fmt::format("{}: its sectors do not tile its flash at {}", chip.name,
                         hex(sector.address));
    }
    next = sector.range().end();
  }
  if (chip.flash.size == 0 || next != chip.flash.end()) {
    return fmt::format("{}: its sectors do not tile its flash {}", chip.name,
                       format_range(chip.flash));
  }
  return std::nullopt;
}

std::optional<std::string> breach(const LoaderCode &loader) {
  const auto outside = [&](std::uint32_t entry) {
    return entry != LoaderCode::none && entry >= loader.code.size();
  };
  for (const std::uint32_t entry :
       {loader.init, loader.uninit, loader.erase_sector, loader.erase_chip, loader.program_page,
        loader.idle, loader.crc}) {
    if (outside(entry)) {
      return fmt::format("the entry point at offset {} lies outside the code of {}", hex(entry),
                         format_size(loader.code.size()));
    }
  }
  return std::nullopt;
}

}  // namespace flashhost
