// What Linux has read from USB devices and keeps in sysfs: it can be had without opening a device,
// so without a permission and without disturbing another program.
#pragma once

#include <flashhost/types.hpp>

#include <filesystem>
#include <string>

namespace flashhost::cmsisdap {

class Sysfs {
 public:
  // root: "/", or a folder in tests.
  explicit Sysfs(std::filesystem::path root = "/") : root_(std::move(root)) {}

  // A text of a device or interface: text("1-2.3", "product"), text("1-2.3:1.0", "interface").
  // Empty: there is none.
  [[nodiscard]] std::string text(const std::string &device, const char *attribute) const;
  // The node of a HID interface, "/dev/hidraw3"; empty: it has none.
  [[nodiscard]] std::string hid_node(const std::string &interface) const;
  // Of the HID device with this node; empty: it cannot be read.
  [[nodiscard]] Bytes report_descriptor(const std::string &hid_node) const;

 private:
  std::filesystem::path root_;
};

}  // namespace flashhost::cmsisdap
