// The transport's USB and clock on a virtual ST-Link in the same process: no libusb, and time is
// the model's.
#pragma once

#include "bus.hpp"
#include "firmware.hpp"
#include "test_models.hpp"
#include "usb_job.hpp"

#include <flashhost/machine/target.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flashhost::stlink::test {

using testing::UsbFault;
using testing::UsbFaultAt;

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
  Nanoseconds latency{};  // of each transfer, more than usual
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

class StlinkRig final : public testing::UsbRig {
 public:
  explicit StlinkRig(const virtual_stlink::FirmwareConfig &firmware = {},
                     std::string part = testing::UsbJob::part)
      : firmware_(firmware), part_(std::move(part)) {}

  void start_anew(std::span<const std::uint8_t> flash, UsbFaultAt fault) override;
  void plug_in() override;
  [[nodiscard]] std::span<const std::uint8_t> flash() const override { return board_->flash; }
  [[nodiscard]] std::uint64_t transfers() const override { return board_->transfers; }
  [[nodiscard]] Nanoseconds now() const override { return board_->now(); }
  [[nodiscard]] std::unique_ptr<Probe> open(Host &host) override;
  [[nodiscard]] ModelBoard &board() { return *board_; }

 private:
  virtual_stlink::FirmwareConfig firmware_;
  std::string part_;
  std::shared_ptr<ModelBoard> board_;
};

}  // namespace flashhost::stlink::test
