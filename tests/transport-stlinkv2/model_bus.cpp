#include "model_bus.hpp"

#include "stlink_transport.hpp"
#include "test_models.hpp"
#include "wire_cost.hpp"

#include <flashhost/error.hpp>

#include <algorithm>

namespace flashhost::stlink::test {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds away = 150ms;

class ModelPipe final : public Pipe {
 public:
  explicit ModelPipe(std::shared_ptr<ModelBoard> board)
      : board_(std::move(board)), address_(board_->address) {}

  Transfer write(std::span<const std::uint8_t> data, Nanoseconds limit) override {
    switch (begin()) {
      case UsbFault::unplug:
      case UsbFault::replug:
        return {UsbStatus::gone, 0};
      case UsbFault::no_reply:
        board_->pass(limit);
        return {UsbStatus::timeout, 0};
      case UsbFault::stall:
        return {UsbStatus::stall, 0};
      default:
        break;
    }
    board_->target.advance(sim::usb_pair / 2 + payload_time(data.size()) + board_->latency);
    board_->firmware->receive(data);
    return {UsbStatus::done, data.size()};
  }

  Transfer read(std::span<std::uint8_t> buffer, Nanoseconds limit) override {
    const UsbFault fault = begin();
    if (fault == UsbFault::unplug || fault == UsbFault::replug) return {UsbStatus::gone, 0};
    const std::size_t size = board_->firmware->reply_size();
    const auto reply = board_->firmware->send(buffer.size());
    if (fault == UsbFault::stall) return {UsbStatus::stall, 0};
    if (!reply || fault == UsbFault::no_reply) {
      board_->pass(limit);
      return {UsbStatus::timeout, 0};
    }
    board_->target.advance(sim::usb_pair / 2 + payload_time(reply->size()) + board_->latency);
    std::ranges::copy(*reply, buffer.begin());
    if (size > buffer.size()) return {UsbStatus::overflow, buffer.size()};
    if (fault == UsbFault::garbage_reply) {
      for (std::uint8_t &byte : buffer.first(reply->size())) byte ^= 0x5B;
    }
    return {UsbStatus::done, fault == UsbFault::short_reply ? reply->size() / 2 : reply->size()};
  }

  UsbStatus clear_stall() override { return here() ? UsbStatus::done : UsbStatus::gone; }
  UsbStatus reset() override {
    if (!here()) return UsbStatus::gone;
    board_->pass(100ms);
    board_->firmware->usb_reset();
    return UsbStatus::done;
  }
  std::size_t packet_size() const override { return 64; }

 private:
  // Only blocks count: a command and its short reply are in the price of a pair.
  static Nanoseconds payload_time(std::size_t bytes) {
    return bytes > 16 ? sim::usb_payload_time(bytes) : Nanoseconds::zero();
  }

  bool here() { return board_->present() && board_->address == address_; }

  UsbFault begin() {
    if (!here()) return UsbFault::unplug;
    if (++board_->transfers != board_->fault.transfer) return UsbFault::none;
    const UsbFault kind = board_->fault.kind;
    if (kind == UsbFault::unplug || kind == UsbFault::replug) {
      board_->plugged = false;
      board_->powered = kind == UsbFault::replug;
      board_->back_at = board_->powered ? board_->now() + away : Nanoseconds::max();
    }
    return kind;
  }

  std::shared_ptr<ModelBoard> board_;
  unsigned address_;
};

}  // namespace

ModelBoard::ModelBoard(const virtual_stlink::FirmwareConfig &firmware_config,
                       machine::Config target_config)
    : flash(flashhost::test::flash_size(target_config.part), 0xFF),
      target(target_config, flash),
      serial(firmware_config.serial),
      product(virtual_stlink::usb_product(firmware_config.hardware)),
      firmware_config_(firmware_config) {
  start_probe();
}

void ModelBoard::start_probe() {
  target.set_nrst(1);
  firmware = std::make_unique<virtual_stlink::Firmware>(firmware_config_, target);
}

bool ModelBoard::present() {
  if (!plugged && now() >= back_at) {
    plugged = true;
    ++address;
    start_probe();
  }
  return plugged;
}

void ModelBoard::plug_in() {
  if (plugged) return;
  if (!powered) target.power_cycle();
  powered = true;
  back_at = {};
}

void ModelBoard::pass(Nanoseconds time) {
  if (powered) {
    target.advance(time);
  } else {
    dark += time;
  }
}

std::vector<FoundProbe> ModelBus::find() {
  if (!board_->present()) return {};
  return {{board_->product,
           board_->serial,
           "bus 1 device " + std::to_string(board_->address),
           {},
           "1-1",
           {}}};
}

std::unique_ptr<Pipe> ModelBus::open(const FoundProbe & /*probe*/) {
  if (!board_->present()) throw Error(Errc::probe, "the probe has just been unplugged");
  return std::make_unique<ModelPipe>(board_);
}

void StlinkRig::start_anew(std::span<const std::uint8_t> flash, UsbFaultAt fault) {
  board_ =
      std::make_shared<ModelBoard>(firmware_, flashhost::test::board_config(part_, board_faults));
  std::ranges::copy(flash, board_->flash.begin());
  board_->target.power_cycle();
  board_->fault = fault;
  board_->latency = latency;
}

void StlinkRig::plug_in() {
  board_->fault = {};
  board_->plug_in();
}

std::unique_ptr<Probe> StlinkRig::open(Host &host) {
  StlinkTransport transport(host, std::make_shared<ModelBus>(board_),
                            std::make_shared<ModelClock>(board_));
  transport.configure(Settings());
  OpenOptions options;
  if (speed_hz != 0) options.speed_hz = speed_hz;
  return transport.open(options);
}

}  // namespace flashhost::stlink::test
