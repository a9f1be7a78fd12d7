// model-acme: the ACME32 on flashhost's simulated board. Written only from the manual in
// README.md, without registers.h, so that tests find a wrong number in the plugin or the loader.
#include <flashhost/machine/model_plugin.hpp>
#include <flashhost/machine/plain_registers.hpp>
#include <flashhost/machine/simple_flash.hpp>
#include <flashhost/machine/simple_model.hpp>

#include <optional>

namespace {

using namespace flashhost::machine;

constexpr std::uint32_t kib = 1024, page_size = 512, protected_unit = 2 * kib;
constexpr Ticks ms = ticks_per_millisecond, us = ticks_per_microsecond;

struct Faults : FlashFaults {
  std::uint32_t option = 0x000000A5;  // the option word that the chip comes with
};
constexpr FaultRow<Faults> own_faults[] = {
    {{"read_protected", "", "the option word protects the flash against being read"},
     [](Faults &f, std::string_view, std::string_view) { f.option &= ~0xFFU; }},
    {{"write_protected", "page", "the option word protects the 2 KiB that hold this page"},
     [](Faults &f, std::string_view name, std::string_view value) {
       const std::uint32_t unit = fault_number(name, value, 10) * page_size / protected_unit;
       if (unit >= 16) refuse_fault(name, "there is no such page");
       f.option |= 0x10000U << unit;
     }}};

class Fmc final : public SimpleFlash {
 public:
  Fmc(const Wiring &wiring, const Faults &faults)
      : SimpleFlash(wiring, faults), option_cells_(faults.option) {}

  std::uint32_t read(std::uint32_t offset, Master) override {
    if (offset == 0x04) return control_ | (keys_.open() ? 0 : lock);
    if (offset == 0x08) return status_ | (busy() ? busy_bit : 0);
    if (offset == 0x0C) return address_;
    return offset == 0x10 ? option_ : 0;
  }
  Outcome write(std::uint32_t offset, std::uint32_t value, Master) override {
    if (offset == 0x00) keys_.write(value);
    if (offset == 0x08) status_ &= ~value;
    if (busy() || !keys_.open()) return Outcome::ok;  // the other registers ignore writes then
    if (offset == 0x04) write_control(value);
    if (offset == 0x0C) address_ = value;
    if (offset == 0x14) write_option(value);
    return Outcome::ok;
  }
  void system_reset() override {
    power_lost();
    keys_.reset();
    control_ = status_ = address_ = 0;
    option_ = option_cells_;
  }
  void power_lost() override {
    cut_short();
    new_option_.reset();
  }
  Outcome check_read(std::uint32_t address, Master master) override {
    if (master == Master::debugger && read_protected()) return Outcome::fault;
    return SimpleFlash::check_read(address, master);
  }
  Outcome store(std::uint32_t address, unsigned width, std::uint32_t value, Master) override {
    if (busy()) return Outcome::wait;
    if (width != 4 || !keys_.open() || control_ != pg) return Outcome::fault;
    const std::uint32_t old = load(address, width);
    if (is_protected(address)) {
      status_ |= proterr;
    } else if (old != 0xFFFFFFFF && old != value) {
      status_ |= progerr;
    } else {
      program(address, width, value, {40 * us, 80 * us});
    }
    return Outcome::ok;
  }

 private:
  static constexpr std::uint32_t pg = 1, er = 2, mer = 4, start = 8, lock = 1U << 31;
  static constexpr std::uint32_t busy_bit = 1, done = 2, proterr = 0x10, progerr = 0x20;

  bool read_protected() const { return (option_ & 0xFF) != 0xA5; }
  bool is_protected(std::uint32_t address) const {
    const std::uint32_t unit = (address - flash_base) / protected_unit;
    return read_protected() || (option_ >> 16 >> unit & 1U) != 0;
  }
  void write_control(std::uint32_t value) {
    control_ = value & (pg | er | mer);
    if ((value & lock) != 0) keys_.lock();
    if ((value & start) == 0) return;
    const bool page = control_ == er && owns(address_);
    if (!page && control_ != mer) return;
    if (page ? is_protected(address_) : read_protected() || option_ >> 16 != 0) {
      status_ |= proterr;
    } else if (page) {
      erase(address_ - address_ % page_size, page_size, {4 * ms, 8 * ms});
    } else {
      erase_all({12 * ms, 24 * ms});
    }
  }
  void write_option(std::uint32_t value) {
    new_option_ = value;
    const bool opens = read_protected() && (value & 0xFF) == 0xA5;
    if (opens) return erase_all({12 * ms, 24 * ms});
    work_elsewhere({10 * ms, 20 * ms});
  }
  void operation_done() override {
    status_ |= done;
    option_cells_ = std::exchange(new_option_, {}).value_or(option_cells_);
  }

  TwoKeys keys_{0xACE0FACE, 0x0FF1CE01};
  std::uint32_t control_ = 0, status_ = 0, address_ = 0;
  std::uint32_t option_cells_, option_ = 0;  // option_: in force since the last reset
  std::optional<std::uint32_t> new_option_;
};

class AcmeDie final : public Die {
 public:
  AcmeDie(const Part &part, const Wiring &wiring, const Faults &faults)
      : fmc_(wiring, faults), info_(words(part, wiring.board.random)) {
    add(0x50000000, fmc_);
    add(0x50001000, info_);
  }
  FlashController &flash() override { return fmc_; }

 private:
  // Id and revision, size in KiB, unique id.
  static std::vector<std::uint32_t> words(const Part &part, std::mt19937_64 &random) {
    const std::uint32_t id = part.core == CoreKind::cortex_m0 ? 0xAC0C0001 : 0xAC0D0001;
    const auto word = [&] { return static_cast<std::uint32_t>(random()); };
    return {id, part.flash_size / 1024, word(), word(), word()};
  }

  Fmc fmc_;
  FixedRegisters info_;
};

constexpr Part cortex_m0{"ACME32C", CoreKind::cortex_m0, 0x0BB11477, {}, 16 * kib, 4 * kib},
    cortex_m0_plus{"ACME32P", CoreKind::cortex_m0_plus, 0x0BC11477, {}, 32 * kib, 8 * kib};

class AcmeChip final : public SimpleModel<AcmeDie, Faults> {
 public:
  AcmeChip() : SimpleModel({cortex_m0, cortex_m0_plus}, own_faults, {{"FMC_CTRL", 0x50000004}}) {}
};

}  // namespace

FLASHHOST_MODEL(AcmeChip, "acme", "ACME32C and ACME32P")
