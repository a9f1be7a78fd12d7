#include "f1.hpp"

#include <flashhost/plugin.hpp>

namespace {

using namespace flashhost;

class F1Family final : public Family, private Locks, private DirectFlash {
 public:
  explicit F1Family(Host &host) : host_(host) {}

  [[nodiscard]] std::vector<Part> parts() const override { return f1::parts(); }
  [[nodiscard]] Identity identify(ProbeReader &probe) override { return f1::identify(probe); }
  void settle(ProbeReader &probe, Chip &chip) override { f1::settle(probe, chip); }
  [[nodiscard]] LoaderCode loader(const Chip &chip) const override { return f1::loader(chip); }
  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    f1::prepare(host_, probe, chip, undo);
  }
  [[nodiscard]] Locks *locks() override { return this; }
  [[nodiscard]] DirectFlash *direct_flash() override { return this; }

 private:
  [[nodiscard]] Protection protection(Probe &probe, const Chip &chip) override {
    return f1::protection(probe, chip);
  }
  void unprotect(Probe &probe, const Chip &chip, const Protection &found) override {
    f1::unprotect(host_, probe, chip, found);
  }
  [[nodiscard]] std::vector<Width> widths(const Chip & /*chip*/) const override {
    return {Width::half};
  }
  void erase_sector(Probe &probe, const Chip &chip, const Sector &sector) override {
    f1::erase_sector(host_, probe, chip, sector);
  }
  void erase_all(Probe &probe, const Chip &chip) override { f1::erase_all(host_, probe, chip); }
  void program(Probe &probe, const Chip &chip, std::uint32_t address,
               std::span<const std::uint8_t> data, Width /*width*/) override {
    f1::program(host_, probe, chip, address, data);
  }

  Host &host_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, F1Family, "f1", "1.0",
                 "STM32F1: F100, F101, F102, F103, F105, F107")
