// A whole job through the transport and a virtual probe, in this process: an image of 699 bytes
// over an older one, on an STM32F103C4.
#pragma once

#include "model_bus.hpp"

#include <flashhost/family.hpp>
#include <flashhost/host.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace flashhost::stlink::test {

class Messages final : public Host {
 public:
  void log(Level level, std::string_view text) noexcept override {
    if (level >= Level::info) lines.emplace_back(text);
  }
  [[nodiscard]] bool enabled(Level level) const noexcept override { return level >= Level::info; }
  [[nodiscard]] Bytes read_file(const std::string & /*path*/) override { return {}; }
  std::vector<std::string> lines;
};

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
  [[nodiscard]] const std::vector<std::string> &messages() const { return host_.lines; }

 private:
  struct Image;

  std::filesystem::path directory_;
  std::unique_ptr<Image> image_;
  Bytes before_, wanted_;
  std::shared_ptr<ModelBoard> board_;
  Messages host_;
  std::string last_error_;
  bool connected_ = false;
  Nanoseconds duration_{};
};

}  // namespace flashhost::stlink::test
