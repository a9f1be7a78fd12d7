// The transport's USB and clock on a virtual ST-Link in the same process: no libusb, and time is
// the model's.
#pragma once

#include "bus.hpp"
#include "firmware.hpp"
#include "target.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flashhost::stlink::test {

enum class UsbFault : std::uint8_t {
  none,
  unplug,    // the device is gone, for good
  replug,    // it is gone and back after a while, under another address
  no_reply,  // a transfer takes for ever
  stall,
  short_reply,    // half of the bytes
  garbage_reply,  // the right length, the wrong bytes
};

struct UsbFaultAt {
  UsbFault kind = UsbFault::none;
  std::uint64_t transfer = 0;  // counted from 1
};

// A board with a probe that outlives what is done to it over USB.
class ModelBoard {
 public:
  explicit ModelBoard(const virtual_stlink::FirmwareConfig &firmware = {},
                      target_model::Config target = {});

  std::vector<std::uint8_t> flash;
  target_model::Target target;
  virtual_stlink::Firmware firmware;
  std::string serial;
  UsbFaultAt fault;
  std::uint64_t transfers = 0;
  unsigned address = 2;   // on the bus
  Nanoseconds back_at{};  // after being unplugged
  bool plugged = true;

  [[nodiscard]] bool present();  // at this moment; a probe that is due to come back does
};

class ModelBus final : public Bus {
 public:
  explicit ModelBus(std::shared_ptr<ModelBoard> board) : board_(std::move(board)) {}
  std::vector<FoundProbe> find() override;
  std::unique_ptr<Pipe> open(const FoundProbe &probe) override;

 private:
  std::shared_ptr<ModelBoard> board_;
};

class ModelClock final : public Clock {
 public:
  explicit ModelClock(std::shared_ptr<ModelBoard> board) : board_(std::move(board)) {}
  Nanoseconds now() override { return board_->target.now(); }
  void sleep(Nanoseconds time) override { board_->target.advance(time); }

 private:
  std::shared_ptr<ModelBoard> board_;
};

}  // namespace flashhost::stlink::test
