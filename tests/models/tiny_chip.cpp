#include "tiny_chip.hpp"

#include <flashhost/machine/simple_flash.hpp>
#include <flashhost/machine/simple_model.hpp>

#include <utility>

namespace flashhost::test::tiny {
namespace {

using namespace machine;

enum class TinyRule : std::uint8_t { enable };
constexpr std::string_view rules[] = {"tiny_enable"};
constexpr FaultRow<FlashFaults> own_faults[] = {
    {{"tiny_slow", "", "erasing takes a second"},
     [](FlashFaults &f, std::string_view, std::string_view) { f.flash_time = 500; }}};

class TinyFlash final : public SimpleFlash {
 public:
  TinyFlash(const Wiring &wiring, const FlashFaults &faults)
      : SimpleFlash(wiring, faults), rules_(rules, wiring.rules_off) {}

  std::uint32_t read(std::uint32_t offset, Master) override {
    return offset == 0 ? control_ : offset == 8 && busy() ? 1 : 0;
  }
  Outcome write(std::uint32_t offset, std::uint32_t value, Master) override {
    if (offset == 0) control_ = value & 1;
    if (offset == 4 && owns(value) && !busy()) {
      constexpr Ticks time = 2 * ticks_per_millisecond;
      erase(value - value % page_size, page_size, {time, time});
    }
    return Outcome::ok;
  }
  void system_reset() override {
    cut_short();
    control_ = 0;
  }
  Outcome store(std::uint32_t address, unsigned width, std::uint32_t value, Master) override {
    if (busy()) return Outcome::wait;
    const bool enabled = control_ != 0 || rules_.off(TinyRule::enable);
    if (width != 4 || !enabled) return Outcome::fault;
    constexpr Ticks time = 50 * ticks_per_microsecond;
    program(address, width, value, {time, time});
    return Outcome::ok;
  }

 private:
  void operation_done() override {}

  RuleSwitches<TinyRule> rules_;
  std::uint32_t control_ = 0;
};

class TinyDie final : public Die {
 public:
  TinyDie(const Part & /*part*/, const Wiring &wiring, const FlashFaults &faults)
      : flash_(wiring, faults) {
    add(control, flash_);
  }
  FlashController &flash() override { return flash_; }

 private:
  TinyFlash flash_;
};

constexpr std::uint32_t ram_size = 4096;

class TinyModel final : public SimpleModel<TinyDie, FlashFaults> {
 public:
  TinyModel()
      : SimpleModel(
            {{"TINY0", CoreKind::cortex_m0, 0x0BB11477, {}, tiny::flash_size, ram_size},
             {"TINY0P", CoreKind::cortex_m0_plus, 0x0BC11477, {}, tiny::flash_size, ram_size}},
            own_faults, {}) {}
  std::vector<std::string_view> rule_names() const override {
    return {std::begin(rules), std::end(rules)};
  }
};

}  // namespace

std::shared_ptr<const Model> model() {
  return std::make_shared<TinyModel>();
}

Config board_config(const std::string &part, std::vector<std::string> faults) {
  Config config;
  config.model = model();
  config.part = part;
  config.faults = std::move(faults);
  return config;
}

}  // namespace flashhost::test::tiny
