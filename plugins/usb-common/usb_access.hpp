// Why the device node of a probe cannot be opened, and what to do about it where the program runs.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/surroundings.hpp>

#include <filesystem>
#include <string>

namespace flashhost::usb {

// What decides who may use a USB device here.
struct UsbAccess {
  Surroundings where;                 // without udev it counts as a container, except under WSL
  std::string rule_name;              // the transport's udev rule, "70-flashhost-stlink.rules"
  std::filesystem::path active_rule;  // that udev reads; empty: none of ours
  std::filesystem::path rule;         // the one that was installed with flashhost; empty: not found
};

// root: "/", or a folder in tests. library: the file that this code is in.
[[nodiscard]] UsbAccess usb_access(const std::string &rule_name, const std::filesystem::path &root,
                                   const std::filesystem::path &library);
[[nodiscard]] UsbAccess usb_access(const std::string &rule_name);

// The error for a node that exists, but may not be opened. name: of the probe.
[[nodiscard]] Error no_permission(const std::string &name, const std::filesystem::path &node,
                                  const UsbAccess &access);

// The error for a probe that the system knows, but for which there is no node.
[[nodiscard]] Error no_node(const std::string &name, const std::filesystem::path &node,
                            const UsbAccess &access);

}  // namespace flashhost::usb
