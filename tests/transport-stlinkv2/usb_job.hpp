// A whole job through the transport and a virtual probe, in this process: an image of 699 bytes
// over an older one, on an STM32F103C4.
#pragma once

#include "hosts.hpp"
#include "model_bus.hpp"
#include "temporary_folder.hpp"

#include <flashhost/family.hpp>

#include <memory>
#include <string>
#include <vector>

namespace flashhost::stlink::test {

class UsbJob {
 public:
  // The bytes that a job may change: whole pages.
  static constexpr std::size_t touched = 3072;

  UsbJob();
  UsbJob(const UsbJob &) = delete;
  UsbJob &operator=(const UsbJob &) = delete;
  ~UsbJob();

  // Another board, with the older image.
  void start_anew(const virtual_stlink::FirmwareConfig &firmware = {});
  // Plugs the probe in and flashes. True when the job says that it succeeded.
  [[nodiscard]] bool run(UsbFaultAt fault = {});

  // The touched bytes and a page behind them.
  [[nodiscard]] Bytes flash() const;
  [[nodiscard]] const Bytes &before() const { return before_; }
  [[nodiscard]] const Bytes &wanted() const { return wanted_; }
  [[nodiscard]] ModelBoard &board() { return *board_; }
  // Of the last run.
  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] Nanoseconds duration() const { return duration_; }
  [[nodiscard]] const std::string &last_error() const { return last_error_; }
  [[nodiscard]] std::vector<std::string> messages() const { return host_.texts_from(Level::info); }

 private:
  struct Image;

  const bench::QuickFolder folder_;
  std::unique_ptr<Image> image_;
  Bytes before_, wanted_;
  std::shared_ptr<ModelBoard> board_;
  testing::RecordingHost host_{Level::info};
  std::string last_error_;
  bool connected_ = false;
  Nanoseconds duration_{};
};

}  // namespace flashhost::stlink::test
