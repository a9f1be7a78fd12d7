#include "virtual_probe.hpp"

#include <flashhost/machine/models.hpp>

#include <algorithm>
#include <chrono>

namespace virtual_usb {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds powered_before = 20ms;  // the board's firmware is in full swing
constexpr std::size_t largest_gap = 256;      // of equal bytes inside a change

const flashhost::machine::Part &part_of(const flashhost::machine::Config &board) {
  return *flashhost::machine::find_part(*board.model, board.part);
}

void append(Statistics &sum, const Statistics &more) {
  sum.commands += more.commands;
  sum.unknown_commands += more.unknown_commands;
  if (more.transfers) sum.transfers = sum.transfers.value_or(0) + *more.transfers;
  for (const std::string &note : more.notes) {
    if (std::ranges::find(sum.notes, note) == sum.notes.end()) sum.notes.push_back(note);
  }
}

}  // namespace

VirtualProbe::VirtualProbe(const ProbeSettings &settings)
    : settings_(settings),
      flash_(flashhost::sim::open_flash(settings.state_file, settings.firmware_file,
                                        part_of(settings.board).flash_size,
                                        part_of(settings.board).flash_address)),
      flash_before_(flash_->cells().begin(), flash_->cells().end()),
      target_(settings.board, flash_->cells()),
      clock_(settings.pace),
      device_(power_up(settings_.faults)) {
  target_.advance(powered_before);
  power_on_ = target_.now();
}

bool VirtualProbe::due_back() const {
  return !device_->plugged() && settings_.faults.replug_after &&
         clock_.now() >= device_->unplugged_at() + *settings_.faults.replug_after;
}

void VirtualProbe::plug_in() {
  append(before_replug_, device_->function().statistics());
  settings_.swd_faults = {};
  device_ = power_up({});
}

std::shared_ptr<UsbDevice> VirtualProbe::power_up(const UsbFaults &faults) {
  auto device = std::make_shared<UsbDevice>(settings_.identity,
                                            settings_.power_up(target_, settings_.swd_faults),
                                            faults, target_, clock_, traffic_, settings_.seed);
  device->set_latency(settings_.latency);
  return device;
}

void VirtualProbe::run_on(Nanoseconds time) {
  target_.clear_pin_edges();
  target_.advance(time);
}

Statistics VirtualProbe::firmware_statistics() const {
  Statistics sum = before_replug_;
  append(sum, device_->function().statistics());
  return sum;
}

std::vector<FlashChange> VirtualProbe::flash_changes() const {
  const auto cells = flash_->cells();
  const std::uint32_t address = part_of(settings_.board).flash_address;
  std::vector<FlashChange> changes;
  std::size_t end = 0;  // of the last change
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] == flash_before_[i]) continue;
    if (changes.empty() || i - end > largest_gap) {
      changes.push_back({address + static_cast<std::uint32_t>(i), 0});
    }
    end = i + 1;
    FlashChange &last = changes.back();
    last.size = address + static_cast<std::uint32_t>(end) - last.address;
  }
  return changes;
}

}  // namespace virtual_usb
