#include "tiny_chip.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace flashhost::test::tiny {
namespace {

using namespace machine;

enum class TinyRule : std::uint8_t { enable };
constexpr std::string_view rules[] = {"tiny_enable"};
constexpr FaultRow<FlashFaults> fault_rows[] = {
    {{"tiny_slow", "", "erasing takes a second"},
     [](FlashFaults &f, std::string_view, std::string_view) { f.flash_time = 500; }}};
constexpr std::span<const FaultRow<FlashFaults>> own_faults = fault_rows;

class TinyFlash final : public FlashController {
 public:
  TinyFlash(const Wiring &wiring, const FlashFaults &faults)
      : board_(wiring.board),
        rules_(rules, wiring.rules_off),
        faults_(faults),
        cells_(wiring.main_flash),
        done_(board_.timeline.add([this](Ticks) { busy_ = false; })) {}

  std::uint32_t read(std::uint32_t offset, Master) override {
    return offset == 0 ? control_ : offset == 8 && busy_ ? 1 : 0;
  }
  Outcome write(std::uint32_t offset, std::uint32_t value, Master) override {
    if (offset == 0) control_ = value & 1;
    if (offset == 4 && owns(value) && !busy_) erase_page((value - flash_base) / page_size);
    return Outcome::ok;
  }
  void system_reset() override { control_ = 0; }

  bool owns(std::uint32_t address) const override { return address - flash_base < cells_.size(); }
  Outcome check_read(std::uint32_t, Master) override { return busy_ ? Outcome::wait : Outcome::ok; }
  std::uint32_t load(std::uint32_t address, unsigned width) const override {
    std::uint32_t value = 0;
    std::memcpy(&value, &cells_[address - flash_base], width);
    return value;
  }
  Outcome store(std::uint32_t address, unsigned width, std::uint32_t value, Master) override {
    if (busy_) return Outcome::wait;
    const bool enabled = control_ != 0 || rules_.off(TinyRule::enable);
    if (width != 4 || !enabled) return Outcome::fault;
    value &= load(address, width);
    std::memcpy(&cells_[address - flash_base], &value, width);
    start(50 * ticks_per_microsecond, address, width);
    return Outcome::ok;
  }
  Ticks busy_until(std::uint32_t) const override {
    return busy_ ? board_.timeline.time_of(done_) : 0;
  }
  void power_lost() override { busy_ = false; }
  std::span<std::uint8_t> fetched() override { return cells_; }

 private:
  void erase_page(std::uint32_t page) {
    std::ranges::fill(cells_.subspan(std::size_t{page} * page_size, page_size), std::uint8_t{0xFF});
    start(2 * ticks_per_millisecond, flash_base + page * page_size, page_size);
  }
  void start(Ticks time, std::uint32_t address, std::uint32_t length) {
    busy_ = true;
    board_.timeline.at(done_, board_.timeline.now + faults_.time(time, time));
    board_.memory_changed(address, length);
  }

  Board &board_;
  RuleSwitches<TinyRule> rules_;
  FlashFaults faults_;
  std::span<std::uint8_t> cells_;
  Timeline::Event done_;
  std::uint32_t control_ = 0;
  bool busy_ = false;
};

class TinyDie final : public Die {
 public:
  TinyDie(const Wiring &wiring, const FlashFaults &faults) : flash_(wiring, faults) {
    add(control, flash_);
  }
  FlashController &flash() override { return flash_; }

 private:
  TinyFlash flash_;
};

class TinyModel final : public Model {
 public:
  std::span<const Part> parts() const override { return parts_; }
  std::vector<std::string_view> rule_names() const override {
    return {std::begin(rules), std::end(rules)};
  }
  std::vector<FaultName> fault_names() const override {
    std::vector<FaultName> names;
    add_names(names, own_faults);
    return names;
  }
  std::unique_ptr<Die> make_die(const Part &, const Wiring &wiring) const override {
    FlashFaults faults;
    for (const std::string &fault : wiring.faults) {
      if (!apply_fault(own_faults, faults, fault))
        refuse_fault(fault, "the chip has no such fault");
    }
    return std::make_unique<TinyDie>(wiring, faults);
  }

 private:
  static constexpr Part part(std::string_view name, CoreKind core, std::uint32_t port) {
    return {.name = name,
            .core = core,
            .debug_port_id = port,
            .flash_size = tiny::flash_size,
            .sram_size = 4096};
  }
  std::array<Part, 2> parts_{part("TINY0", CoreKind::cortex_m0, 0x0BB11477),
                             part("TINY0P", CoreKind::cortex_m0_plus, 0x0BC11477)};
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
