#include "usb_access.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <string_view>
#include <system_error>

namespace flashhost::usb {

namespace fs = std::filesystem;

namespace {

constexpr const char *rule_group = "plugdev";
constexpr const char *reload =
    "sudo udevadm control --reload && sudo udevadm trigger --action=change --subsystem-match=usb";

// The kernel's HID driver has nodes of its own, whose major number differs from computer to
// computer.
bool is_hidraw(const fs::path &node) {
  return node.filename().string().starts_with("hidraw");
}

std::string reload_for(const fs::path &node) {
  return std::string(reload) + (is_hidraw(node) ? " --subsystem-match=hidraw" : "");
}

std::string container_flags(const fs::path &node) {
  return is_hidraw(node) ? "--device " + node.string()
                         : "--device-cgroup-rule='c 189:* rmw' -v /dev/bus/usb:/dev/bus/usb";
}

bool is_there(const fs::path &path) {
  std::error_code error;
  return fs::exists(path, error);
}

fs::path first_of(const fs::path &root, const std::string &rule_name,
                  std::initializer_list<const char *> folders) {
  for (const char *folder : folders) {
    const fs::path file = root / folder / rule_name;
    if (is_there(file)) return file;
  }
  return {};
}

std::string user_name(uid_t id) {
  const passwd *user = ::getpwuid(id);  // NOLINT(concurrency-mt-unsafe)
  return user != nullptr ? user->pw_name : fmt::format("{}", id);
}

std::string group_name(gid_t id) {
  const group *found = ::getgrgid(id);  // NOLINT(concurrency-mt-unsafe)
  return found != nullptr ? found->gr_name : fmt::format("{}", id);
}

std::string rule_hint(const std::string &group, const fs::path &node, const UsbAccess &access) {
  if (access.active_rule.empty()) {
    const std::string from = access.rule.empty()
                                 ? fmt::format("{}, from flashhost's sources", access.rule_name)
                                 : access.rule.string();
    return fmt::format("Install the udev rule {}: sudo cp {} /etc/udev/rules.d/ && {}", from,
                       access.rule.empty() ? access.rule_name : access.rule.string(),
                       reload_for(node));
  }
  if (group == rule_group) {
    return fmt::format(
        "The udev rule {} lets the user in who sits at this computer, and the group {}: sudo "
        "adduser $USER {}, then log in again.",
        access.active_rule.string(), rule_group, rule_group);
  }
  return fmt::format("The udev rule {} is there, but was not applied to this device: {}",
                     access.active_rule.string(), reload_for(node));
}

std::string container_hint(const fs::path &node, const UsbAccess &access) {
  return fmt::format(
      "This is a container, which must be given the device: docker run {} ..., or the same with "
      "podman. Owner and mode of the device node come from the computer around it, where the udev "
      "rule {} belongs.",
      container_flags(node), access.rule_name);
}

constexpr const char *wsl_hint =
    "Under WSL, Windows must hand over the device: usbipd attach --wsl --busid BUSID, where usbipd "
    "list shows the BUSID. ";

}  // namespace

UsbAccess usb_access(const std::string &rule_name, const fs::path &root, const fs::path &library) {
  UsbAccess result;
  result.rule_name = rule_name;
  result.where = surroundings(root);
  if (!result.where.wsl && !is_there(root / "run/udev")) result.where.container = true;
  result.active_rule = first_of(root, rule_name,
                                {"etc/udev/rules.d", "run/udev/rules.d",
                                 "usr/local/lib/udev/rules.d", "usr/lib/udev/rules.d"});
  for (fs::path folder = library; folder.has_relative_path() && result.rule.empty();
       folder = folder.parent_path()) {
    result.rule = first_of(folder, rule_name, {"lib/udev/rules.d"});
  }
  return result;
}

UsbAccess usb_access(const std::string &rule_name) {
  static const int here = 0;
  Dl_info info{};
  const bool known = ::dladdr(&here, &info) != 0 && info.dli_fname != nullptr;
  return usb_access(rule_name, "/", known ? info.dli_fname : "");
}

Error no_permission(const std::string &name, const fs::path &node, const UsbAccess &access) {
  std::string text = fmt::format("no permission to use {}", name);
  std::string group;
  struct stat status{};
  if (::stat(node.c_str(), &status) == 0) {
    constexpr unsigned permissions = 07777;
    group = group_name(status.st_gid);
    text +=
        fmt::format(": {} belongs to the user {} and the group {}, with mode {:04o}", node.string(),
                    user_name(status.st_uid), group, status.st_mode & permissions);
  }
  const std::string hint =
      access.where.container ? container_hint(node, access) : rule_hint(group, node, access);
  return Error(Errc::probe, text, (access.where.wsl ? wsl_hint : "") + hint)
      .see(Cause::which_probe);
}

Error no_node(const std::string &name, const fs::path &node, const UsbAccess &access) {
  const std::string hint = access.where.container
                               ? container_hint(node, access)
                               : std::string("Plug it in again; is udev running?");
  return Error(Errc::probe, fmt::format("{} has no device node {}", name, node.string()),
               (access.where.wsl ? wsl_hint : "") + hint)
      .see(Cause::which_probe);
}

}  // namespace flashhost::usb
