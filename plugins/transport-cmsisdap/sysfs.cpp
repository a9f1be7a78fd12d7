#include "sysfs.hpp"

#include <fstream>
#include <system_error>

namespace flashhost::cmsisdap {

namespace fs = std::filesystem;

namespace {

constexpr const char *hid_class = "sys/class/hidraw";

}  // namespace

std::string Sysfs::text(const std::string &device, const char *attribute) const {
  std::ifstream file(root_ / "sys/bus/usb/devices" / device / attribute);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string Sysfs::hid_node(const std::string &interface) const {
  std::error_code error;
  for (fs::directory_iterator entry(root_ / hid_class, error), end; !error && entry != end;
       entry.increment(error)) {
    // .../1-2.3/1-2.3:1.0/0003:0D28:0204.0001/hidraw/hidraw3
    std::error_code no_link;
    const std::string target = fs::read_symlink(entry->path(), no_link).string();
    if (target.find("/" + interface + "/") != std::string::npos) {
      return "/dev/" + entry->path().filename().string();
    }
  }
  return {};
}

Bytes Sysfs::report_descriptor(const std::string &hid_node) const {
  // HID 1.11 has no limit; the kernel has this one.
  constexpr std::size_t most = 4096;
  std::ifstream file(root_ / hid_class / fs::path(hid_node).filename() / "device/report_descriptor",
                     std::ios::binary);
  Bytes descriptor(most);
  file.read(reinterpret_cast<char *>(descriptor.data()), most);  // NOLINT
  descriptor.resize(static_cast<std::size_t>(file.gcount()));
  return descriptor;
}

}  // namespace flashhost::cmsisdap
