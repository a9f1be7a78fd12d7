#include "misbehave.hpp"

#include <flashhost/family.hpp>
#include <flashhost/plugin.hpp>

#include <array>

namespace {

using namespace flashhost;

constexpr std::array<std::uint8_t, 4> code{};

class RudeFamily final : public Family {
 public:
  explicit RudeFamily(Host & /*host*/) {}

  void configure(const Settings &settings) override { orders_.configure(settings); }
  [[nodiscard]] std::vector<std::string> chips() const override {
    orders_.at("chips");
    return {"ONE"};
  }
  [[nodiscard]] std::optional<Chip> describe(std::string_view /*part*/) const override {
    orders_.at("describe");
    return chip("describe");
  }
  std::optional<Chip> identify(ProbeReader & /*probe*/,
                               const IdentifyOptions & /*options*/) override {
    orders_.at("identify");
    return chip("identify");
  }
  void prepare(Probe & /*probe*/, const Chip & /*chip*/, UndoLog & /*undo*/) override {
    orders_.at("prepare");
  }
  Protection protection(Probe & /*probe*/, const Chip & /*chip*/) override {
    orders_.at("protection");
    return {};
  }
  void unprotect(Probe & /*probe*/, const Chip & /*chip*/, const Protection & /*found*/) override {
    orders_.at("unprotect");
  }
  std::uint32_t boot_address(ProbeReader & /*probe*/, const Chip & /*chip*/) override {
    orders_.at("boot_address");
    return 0x08000000;
  }
  [[nodiscard]] LoaderCode loader(const Chip & /*chip*/) const override {
    orders_.at("loader");
    LoaderCode loader;
    loader.code = code;
    loader.init = orders_.told("loader", "outside") ? 4 : 0;
    return loader;
  }
  void erase_sector(Probe & /*probe*/, const Chip & /*chip*/, const Sector & /*sector*/) override {
    orders_.at("erase_sector");
  }
  void erase_all(Probe & /*probe*/, const Chip & /*chip*/) override { orders_.at("erase_all"); }
  void program(Probe & /*probe*/, const Chip & /*chip*/, std::uint32_t /*address*/,
               std::span<const std::uint8_t> /*data*/) override {
    orders_.at("program");
  }
  std::uint32_t flash_status(ProbeReader & /*probe*/, const Chip & /*chip*/,
                             std::uint32_t /*address*/) override {
    orders_.at("flash_status");
    return 0;
  }
  [[nodiscard]] bool flash_busy(const Chip & /*chip*/, std::uint32_t /*status*/) const override {
    orders_.at("flash_busy");
    return false;
  }
  [[nodiscard]] std::string explain(const Chip & /*chip*/,
                                    std::uint32_t /*status*/) const override {
    orders_.at("explain");
    return "nothing to explain";
  }

 private:
  [[nodiscard]] Chip chip(std::string_view call) const {
    Chip chip;
    chip.name = "ONE";
    chip.flash = {0x08000000, 0x800};
    chip.die_flash_size = 0x800;
    chip.sectors = {{0x08000000, 0x400, {}, {}}, {0x08000400, 0x400, {}, {}}};
    if (orders_.told(call, "gap")) chip.sectors.pop_back();
    return chip;
  }

  rude::Orders orders_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, RudeFamily, "rude", "1.0",
                 "throws where it is told to")
