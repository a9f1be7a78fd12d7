#include "l4.hpp"

#include <flashhost/plugin.hpp>

namespace {

using namespace flashhost;

class L4Family final : public Family, private Locks, private DirectFlash, private OptionBytes {
 public:
  explicit L4Family(Host &host) : host_(host) {}

  [[nodiscard]] std::vector<Part> parts() const override { return l4::parts(); }
  [[nodiscard]] Identity identify(ProbeReader &probe) override { return l4::identify(probe); }
  void settle(ProbeReader &probe, Chip &chip) override { l4::settle(probe, chip); }
  [[nodiscard]] LoaderCode loader(const Chip &chip) const override { return l4::loader(chip); }
  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    l4::prepare(host_, probe, chip, undo);
  }
  void finish(Probe &probe, const Chip &chip) override { l4::finish(host_, probe, chip); }
  [[nodiscard]] Locks *locks() override { return this; }
  [[nodiscard]] DirectFlash *direct_flash() override { return this; }
  [[nodiscard]] OptionBytes *option_bytes() override { return this; }

 private:
  [[nodiscard]] Protection protection(Probe &probe, const Chip &chip) override {
    return l4::protection(probe, chip);
  }
  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    l4::unprotect(host_, probe, chip, found);
  }
  [[nodiscard]] std::vector<Width> widths(const Chip & /*chip*/) const override {
    return {Width::word};
  }
  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    l4::erase_sector(host_, probe, chip, sector);
  }
  void erase_all(Probe &probe, const Chip &chip) override { l4::erase_all(host_, probe, chip); }
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data, Width /*width*/) override {
    l4::program(host_, probe, chip, address, data);
  }
  [[nodiscard]] std::vector<OptionField> fields(const Chip &chip) const override {
    return l4::option_fields(chip);
  }
  [[nodiscard]] OptionWords read(Probe &probe, const Chip &chip) override {
    return l4::read_options(probe, chip);
  }
  [[nodiscard]] std::vector<OptionEffect> effects(const Chip &chip, const OptionWords &from,
                                                  const OptionWords &to) const override {
    return l4::option_effects(chip, from, to);
  }
  void write(Probe &probe, const Chip &chip, const OptionWords &words) override {
    l4::write_options(host_, probe, chip, words);
  }
  [[nodiscard]] OptionWords with_read_protection(const Chip & /*chip*/,
                                                 OptionWords words) const override {
    return l4::with_read_protection(std::move(words));
  }
  [[nodiscard]] OptionWords with_write_protection(const Chip &chip, OptionWords words,
                                                  MemoryRange range) const override {
    return l4::with_write_protection(chip, std::move(words), range);
  }
  [[nodiscard]] OptionWords without_protection(const Chip &chip, OptionWords words) const override {
    return l4::without_protection(chip, std::move(words));
  }
  [[nodiscard]] std::vector<MemoryRange> write_protected(const Chip &chip,
                                                         const OptionWords &words) const override {
    return l4::write_protected(chip, words);
  }

  Host &host_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, L4Family, "l4", "1.0",
                 "STM32L4, L4+, G0, G4, C0, U0, WB, WL")
