#include "files/device_lock.hpp"

#include "files/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace flashhost::files {

namespace {

constexpr std::size_t most_of_proc = std::size_t{1} << 20;

std::string text_of(const std::filesystem::path &file) {
  try {
    const Bytes bytes = read_file(file, most_of_proc, Errc::probe);
    return {bytes.begin(), bytes.end()};
  } catch (const Error &) {
    return {};  // the process has ended, or belongs to another user
  }
}

Process process_of(pid_t id) {
  std::string name = text_of(fmt::format("/proc/{}/comm", id));
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return {id, std::move(name)};
}

// proc(5), /proc/locks: "1: FLOCK  ADVISORY  WRITE 1234 00:05:678 0 EOF". The numbers of the device
// may be others than fstat's on file systems that stand on others.
std::optional<Process> locker_of(const Descriptor &file) {
  struct stat facts{};
  if (system().fstat(file.number(), &facts) != 0) return {};
  const std::string inode = fmt::format(":{}", facts.st_ino);
  const std::string place_of_file =
      fmt::format("{:02x}:{:02x}{}", major(facts.st_dev), minor(facts.st_dev), inode);
  std::optional<Process> likely;
  std::istringstream lines(text_of("/proc/locks"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, kind, mode, type, place;
    pid_t id = 0;
    if (!(words >> number >> kind >> mode >> type >> id >> place) || kind != "FLOCK") continue;
    if (place == place_of_file) return process_of(id);
    if (place.ends_with(inode)) likely = process_of(id);
  }
  return likely;
}

Descriptor open_device(const std::filesystem::path &device) {
  return Descriptor(retry([&] {
    return system().openat(AT_FDCWD, device.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  }));
}

}  // namespace

std::string to_text(const Process &process) {
  const std::string name = process.name.empty() ? "another program" : process.name;
  return process.id > 0 ? fmt::format("{} (process {})", name, process.id) : name;
}

DeviceLock::DeviceLock(const std::filesystem::path &device) {
  device_ = open_device(device);
  if (!device_) return;
  if (retry([&] { return system().flock(device_.number(), LOCK_EX | LOCK_NB); }) == 0) return;
  if (errno == EWOULDBLOCK) holder_ = locker_of(device_).value_or(Process());
  device_ = Descriptor();
}

std::optional<Process> user_of(const std::filesystem::path &device) {
  if (const Descriptor file = open_device(device)) {
    if (auto locker = locker_of(file)) return locker;
  }
  const std::string wanted = device.string();
  std::vector<std::string> processes;
  if (system().list("/proc", processes) != 0) return {};
  for (const std::string &name : processes) {
    pid_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size() || id == ::getpid()) continue;
    const std::string folder = "/proc/" + name + "/fd";
    std::vector<std::string> open;
    if (system().list(folder.c_str(), open) != 0) continue;
    const bool uses = std::ranges::any_of(open, [&](const std::string &number) {
      return system().readlink(fmt::format("{}/{}", folder, number).c_str()) == wanted;
    });
    if (uses) return process_of(id);
  }
  return {};
}

}  // namespace flashhost::files
