#include "misbehave.hpp"

#include <flashhost/family.hpp>
#include <flashhost/plugin.hpp>

#include <array>

namespace {

using namespace flashhost;
using namespace std::chrono_literals;

constexpr std::array<std::uint8_t, 4> code{};

class MisbehavingFamily final : public Family, private Locks, private DirectFlash {
 public:
  explicit MisbehavingFamily(Host & /*host*/) {}

  void configure(const Settings &settings) override { orders_.configure(settings); }
  [[nodiscard]] std::vector<Part> parts() const override {
    orders_.at("parts");
    return {{orders_.told("parts", "bracket") ? "ON[E" : "ONE", chip("parts")}};
  }
  [[nodiscard]] Identity identify(ProbeReader & /*probe*/) override {
    orders_.at("identify");
    Chip found = chip("identify");
    found.name = "ONE";
    return {found, "id 1"};
  }
  [[nodiscard]] LoaderCode loader(const Chip & /*chip*/) const override {
    orders_.at("loader");
    LoaderCode loader;
    loader.code = code;
    loader.init = orders_.told("loader", "outside") ? 4 : 0;
    return loader;
  }
  void prepare(Probe & /*probe*/, const Chip & /*chip*/, UndoLog & /*undo*/) override {
    orders_.at("prepare");
  }
  void settle(ProbeReader & /*probe*/, Chip &chip) override {
    orders_.at("settle");
    if (orders_.told("settle", "outside")) chip.boot_address = 0;
  }
  void finish(Probe & /*probe*/, const Chip & /*chip*/) override { orders_.at("finish"); }
  [[nodiscard]] Locks *locks() override {
    orders_.at("locks");
    return orders_.told("locks", "null") ? nullptr : this;
  }
  [[nodiscard]] DirectFlash *direct_flash() override {
    orders_.at("direct_flash");
    return orders_.told("direct_flash", "null") ? nullptr : this;
  }

 private:
  [[nodiscard]] Protection protection(Probe & /*probe*/, const Chip & /*chip*/) override {
    orders_.at("protection");
    return {};
  }
  void unprotect(Probe & /*probe*/, const Chip & /*chip*/, const Protection & /*found*/) override {
    orders_.at("unprotect");
  }
  [[nodiscard]] std::vector<Width> widths(const Chip & /*chip*/) const override {
    orders_.at("widths");
    if (orders_.told("widths", "none")) return {};
    return {orders_.told("widths", "automatic") ? Width::automatic : Width::word};
  }
  void erase_sector(Probe & /*probe*/, const Chip & /*chip*/, const Sector & /*sector*/) override {
    orders_.at("erase_sector");
  }
  void erase_all(Probe & /*probe*/, const Chip & /*chip*/) override { orders_.at("erase_all"); }
  void program(Probe & /*probe*/, const Chip & /*chip*/, std::uint32_t /*address*/,
               std::span<const std::uint8_t> /*data*/, Width /*width*/) override {
    orders_.at("program");
  }

  [[nodiscard]] Chip chip(std::string_view call) const {
    Chip chip;
    chip.flash = {0x08000000, 0x800};
    chip.boot_address = chip.flash.address;
    chip.die_flash_size = 0x800;
    chip.sectors = {{0x08000000, 0x400, 20ms, 40ms}, {0x08000400, 0x400, 20ms, 40ms}};
    chip.program_typical = 50us;
    chip.program_maximum = 70us;
    chip.status.bits = {{StatusBit::Meaning::error, 2, "FUSE", "a fuse is blown", "fuse bits"},
                        {StatusBit::Meaning::error, 1, "PGE", "it failed", Cause::bad_cell}};
    if (orders_.told(call, "gap")) chip.sectors.pop_back();
    return chip;
  }

  misbehaving::Orders orders_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, MisbehavingFamily, "misbehaving", "1.0",
                 "throws where it is told to")
