#include "hid_pipe.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

namespace flashhost::cmsisdap {

std::unique_ptr<HidPipe> HidPipe::open(const std::string &node, std::size_t report) {
  Device device(hid_open_path(node.c_str()));
  if (device == nullptr) {
    static_cast<void>(hid_exit());  // frees its error text
    return {};
  }
  return std::unique_ptr<HidPipe>(new HidPipe(std::move(device), node, report));
}

UsbStatus HidPipe::failure() const {
  std::error_code error;
  return std::filesystem::exists(node_, error) ? UsbStatus::failed : UsbStatus::gone;
}

// The kernel has a limit of its own, five seconds.
UsbStatus HidPipe::send(std::span<const std::uint8_t> request, Nanoseconds /*limit*/) {
  Bytes report(1 + report_);  // begins with the report's number, 0: there is only one
  std::copy_n(request.begin(), std::min(request.size(), report_), report.begin() + 1);
  return hid_write(device_.get(), report.data(), report.size()) < 0 ? failure() : UsbStatus::done;
}

Transfer HidPipe::receive(std::span<std::uint8_t> buffer, Nanoseconds limit) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  const int length =
      hid_read_timeout(device_.get(), buffer.data(), buffer.size(), static_cast<int>(milliseconds));
  // The kernel ends reading when the device is gone, and for little else.
  if (length < 0) return {UsbStatus::gone, 0};
  if (length == 0) return {UsbStatus::timeout, 0};
  return {UsbStatus::done, static_cast<std::size_t>(length)};
}

}  // namespace flashhost::cmsisdap
