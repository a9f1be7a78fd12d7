// One probe with the board at its other end, and what it remembers for the summary.
#pragma once

#include "flash_storage.hpp"
#include "usb_device.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace virtual_usb {

struct ProbeSettings {
  // The firmware of a probe that has just got power.
  using PowerUp = std::function<std::unique_ptr<Function>(flashhost::machine::Target &,
                                                          const flashhost::sim::SwdFaults &)>;
  UsbIdentity identity;
  PowerUp power_up;
  UsbFaults faults;
  flashhost::sim::SwdFaults swd_faults;
  flashhost::machine::Config board;
  std::string state_file;     // empty: the flash lives in memory
  std::string firmware_file;  // what a new flash holds
  double pace = 1;
  std::uint64_t seed = 1;
  Nanoseconds latency{};  // UsbDevice::set_latency
};

struct FlashChange {
  std::uint32_t address = 0;
  std::uint32_t size = 0;
};

class VirtualProbe {
 public:
  // Throws flashhost::Error or std::invalid_argument for settings that do not do.
  explicit VirtualProbe(const ProbeSettings &settings);

  void start() { clock_.start(target_.now()); }
  // All below but settings() only with this mutex held.
  [[nodiscard]] std::mutex &mutex() { return mutex_; }
  // That which is plugged in now, or was last.
  [[nodiscard]] const std::shared_ptr<UsbDevice> &device() const { return device_; }
  [[nodiscard]] bool due_back() const;  // unplugged, and it is time to come back
  void plug_in();                       // a new device(); the board had power all the time
  void run_on(Nanoseconds time);        // the board alone

  [[nodiscard]] const ProbeSettings &settings() const { return settings_; }
  [[nodiscard]] const UsbTraffic &traffic() const { return traffic_; }
  [[nodiscard]] flashhost::machine::Target &target() { return target_; }
  [[nodiscard]] const ModelClock &clock() const { return clock_; }
  [[nodiscard]] ModelClock &clock() { return clock_; }
  [[nodiscard]] Nanoseconds powered() const { return target_.now() - power_on_; }
  [[nodiscard]] Statistics firmware_statistics() const;
  [[nodiscard]] std::vector<FlashChange> flash_changes() const;
  [[nodiscard]] std::span<std::uint8_t> flash() const { return flash_->cells(); }

 private:
  [[nodiscard]] std::shared_ptr<UsbDevice> power_up(const UsbFaults &faults);

  ProbeSettings settings_;
  std::unique_ptr<flashhost::sim::FlashStorage> flash_;
  std::vector<std::uint8_t> flash_before_;
  flashhost::machine::Target target_;
  Nanoseconds power_on_{};
  ModelClock clock_;
  UsbTraffic traffic_;
  std::shared_ptr<UsbDevice> device_;
  Statistics before_replug_;
  std::mutex mutex_;
};

}  // namespace virtual_usb
