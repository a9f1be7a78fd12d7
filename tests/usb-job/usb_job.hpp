// Jobs through a transport and a virtual probe in this process. UsbJob: an image of 699 bytes over
// an older one, on an STM32F103C4.
#pragma once

#include "flash/image.hpp"
#include "hosts.hpp"
#include "temporary_folder.hpp"

#include <flashhost/probe.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flashhost::testing {

enum class UsbFault : std::uint8_t {
  none,
  unplug,    // the device is gone, for good
  replug,    // it is gone and back after a while, under another address
  no_reply,  // a transfer takes for ever
  late_reply,
  stall,
  short_reply,    // half of the bytes
  garbage_reply,  // the right length, the wrong bytes
  wrong_echo,     // the reply names another command
};

struct UsbFaultAt {
  UsbFault kind = UsbFault::none;
  std::uint64_t transfer = 0;  // counted from 1
};

// A board on a virtual probe. Time is the model's.
class UsbRig {
 public:
  UsbRig() = default;
  UsbRig(const UsbRig &) = delete;
  UsbRig &operator=(const UsbRig &) = delete;
  virtual ~UsbRig() = default;

  // Another board with this at the start of its flash, and a probe that will have the fault.
  virtual void start_anew(std::span<const std::uint8_t> flash, UsbFaultAt fault) = 0;
  // After the probe was unplugged for good. From now on there are no faults.
  virtual void plug_in() = 0;
  [[nodiscard]] virtual std::span<const std::uint8_t> flash() const = 0;
  [[nodiscard]] virtual std::uint64_t transfers() const = 0;  // of this board
  [[nodiscard]] virtual Nanoseconds now() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Probe> open(Host &host) = 0;

  // Of the boards that start_anew makes.
  std::vector<std::string> board_faults;
  Nanoseconds latency{};       // by which each USB transfer is late
  std::uint32_t speed_hz = 0;  // of SWD; 0: the transport's choice
  int millivolts = 0;          // as the board file says; 0: nothing
};

struct JobEnd {
  std::string error;       // empty: the job says that it succeeded
  bool connected = false;  // it got as far as that
  std::vector<std::string> warnings;
  Nanoseconds duration{};
};

// Flashes the image on the rig's board. The journal is a folder of its own.
[[nodiscard]] JobEnd flash(UsbRig &rig, Host &host, const std::string &family, const Image &image,
                           const std::filesystem::path &journal, bool compress = true);

// A small job, the same again and again.
class UsbJob {
 public:
  // The bytes that a job may change: whole pages.
  static constexpr std::size_t touched = 3072;
  static constexpr const char *part = "STM32F103C4";

  // rig outlives it; its boards have that part.
  explicit UsbJob(UsbRig &rig);
  UsbJob(const UsbJob &) = delete;
  UsbJob &operator=(const UsbJob &) = delete;
  ~UsbJob() = default;

  // Another board, with the older image.
  void start_anew(UsbFaultAt fault = {});
  // Flashes. True when the job says that it succeeded.
  [[nodiscard]] bool run();

  // The touched bytes and a page behind them.
  [[nodiscard]] Bytes flash() const;
  [[nodiscard]] const Bytes &before() const { return before_; }
  [[nodiscard]] const Bytes &wanted() const { return wanted_; }
  // Of the last run.
  [[nodiscard]] bool connected() const { return end_.connected; }
  [[nodiscard]] Nanoseconds duration() const { return end_.duration; }
  [[nodiscard]] const std::string &last_error() const { return end_.error; }
  [[nodiscard]] std::vector<std::string> messages() const { return host_.texts_from(Level::info); }

 private:
  UsbRig &rig_;
  const bench::QuickFolder folder_;
  Image image_;
  Bytes before_, wanted_;
  RecordingHost host_{Level::info};
  JobEnd end_;
};

}  // namespace flashhost::testing
