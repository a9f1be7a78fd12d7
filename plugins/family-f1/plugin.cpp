#include "f1.hpp"
#include "registers.hpp"

#include <flashhost/plugin.hpp>

namespace {

using namespace flashhost;

class F1Family final : public Family {
 public:
  explicit F1Family(Host &host) : host_(host) {}

  void configure(const Settings &settings) override { settings.reject_unknown(); }

  [[nodiscard]] std::vector<std::string> chips() const override { return f1::part_names(); }
  [[nodiscard]] std::optional<Chip> describe(std::string_view part) const override {
    return f1::describe(part);
  }
  [[nodiscard]] std::optional<Chip> identify(ProbeReader &probe,
                                             const IdentifyOptions &options) override {
    return f1::identify(probe, options);
  }

  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    f1::prepare(host_, probe, chip, undo);
  }

  [[nodiscard]] Protection protection(Probe &probe, const Chip &chip) override {
    return f1::protection(probe, chip);
  }
  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    f1::unprotect(host_, probe, chip, found);
  }
  [[nodiscard]] std::uint32_t boot_address(ProbeReader &probe, const Chip &chip) override {
    return f1::boot_address(probe, chip);
  }

  [[nodiscard]] LoaderCode loader(const Chip &chip) const override { return f1::loader(chip); }

  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    f1::erase_sector(host_, probe, chip, sector);
  }
  void erase_all(Probe &probe, const Chip &chip) override { f1::erase_all(host_, probe, chip); }
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data) override {
    f1::program(host_, probe, chip, address, data);
  }

  [[nodiscard]] std::uint32_t flash_status(ProbeReader &probe, const Chip &chip,
                                           std::uint32_t address) override {
    return probe.read_word(f1::flash_sr + f1::bank_offset(chip, address));
  }
  [[nodiscard]] bool flash_busy(const Chip & /*chip*/, std::uint32_t status) const override {
    return (status & f1::sr_bsy) != 0;
  }
  [[nodiscard]] std::string explain(const Chip & /*chip*/, std::uint32_t status) const override {
    return f1::explain(status);
  }

 private:
  Host &host_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, F1Family, "f1", "1.0",
                 "STM32F1: F100, F101, F102, F103, F105, F107")
