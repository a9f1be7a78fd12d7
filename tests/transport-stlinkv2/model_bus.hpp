// The transport's USB and clock on a virtual ST-Link in the same process: no libusb, and time is
// the model's.
#pragma once

#include "bus.hpp"
#include "firmware.hpp"
#include "test_models.hpp"

#include <flashhost/machine/target.hpp>

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
                      machine::Config target = flashhost::test::board_config());

  std::vector<std::uint8_t> flash;
  machine::Target target;
  std::unique_ptr<virtual_stlink::Firmware> firmware;  // new whenever the probe gets power
  std::string serial;
  std::uint16_t product;
  UsbFaultAt fault;
  std::uint64_t transfers = 0;
  unsigned address = 2;   // on the bus
  Nanoseconds back_at{};  // after being unplugged
  bool plugged = true;
  bool powered = true;
  Nanoseconds dark{};  // time without power

  [[nodiscard]] bool present();  // at this moment; a probe that is due to come back does
  void plug_in();                // after unplug
  [[nodiscard]] Nanoseconds now() const { return target.now() + dark; }
  void pass(Nanoseconds time);

 private:
  void start_probe();
  virtual_stlink::FirmwareConfig firmware_config_;
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
  Nanoseconds now() override { return board_->now(); }
  void sleep(Nanoseconds time) override { board_->pass(time); }

 private:
  std::shared_ptr<ModelBoard> board_;
};

}  // namespace flashhost::stlink::test
