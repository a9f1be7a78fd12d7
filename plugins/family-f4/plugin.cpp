#include "f4.hpp"
#include "registers.hpp"

#include <flashhost/plugin.hpp>

#include <fmt/format.h>

#include <cmath>

namespace {

using namespace flashhost;

class F4Family final : public Family {
 public:
  explicit F4Family(Host &host) : host_(host) {}

  void configure(const Settings &settings) override {
    constexpr double lowest = 1.7, highest = 3.6;
    if (const auto volts = settings.number("voltage")) {
      if (*volts < lowest || *volts > highest) {
        settings.reject("voltage", fmt::format("{} V is no supply of an STM32F4: {} V to {} V",
                                               *volts, lowest, highest));
      }
      millivolts_ = static_cast<int>(std::lround(*volts * 1000));
    }
    settings.reject_unknown();
  }

  [[nodiscard]] std::vector<std::string> chips() const override { return f4::part_names(); }
  [[nodiscard]] std::optional<Chip> describe(std::string_view part) const override {
    return f4::describe(part);
  }
  [[nodiscard]] std::optional<Chip> identify(ProbeReader &probe,
                                             const IdentifyOptions &options) override {
    return f4::identify(probe, options, millivolts_);
  }

  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    f4::prepare(host_, probe, chip, undo);
  }

  [[nodiscard]] Protection protection(Probe &probe, const Chip &chip) override {
    return f4::protection(probe, chip);
  }
  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    f4::unprotect(host_, probe, chip, found);
  }
  [[nodiscard]] std::uint32_t boot_address(ProbeReader &probe, const Chip &chip) override {
    return f4::boot_address(probe, chip);
  }

  [[nodiscard]] LoaderCode loader(const Chip &chip) const override { return f4::loader(chip); }

  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    f4::erase_sector(host_, probe, chip, sector);
  }
  void erase_all(Probe &probe, const Chip &chip) override { f4::erase_all(host_, probe, chip); }
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data) override {
    f4::program(host_, probe, chip, address, data);
  }

  [[nodiscard]] std::uint32_t flash_status(ProbeReader &probe, const Chip & /*chip*/,
                                           std::uint32_t /*address*/) override {
    return probe.read_word(f4::flash_sr);
  }
  [[nodiscard]] bool flash_busy(const Chip & /*chip*/, std::uint32_t status) const override {
    return (status & f4::sr_bsy) != 0;
  }
  [[nodiscard]] std::string explain(const Chip & /*chip*/, std::uint32_t status) const override {
    return f4::explain(status);
  }

 private:
  Host &host_;
  std::optional<int> millivolts_;  // of the target's supply, from the board file
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, F4Family, "f4", "1.0",
                 "STM32F4: F401, F405-F417, F410-F413, F423, F427-F439, F446, F469, F479")
