#include "flash_storage.hpp"

#include "firmware_file.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace flashhost::sim {

namespace {

constexpr std::uint8_t erased = 0xFF;

std::vector<std::uint8_t> new_flash(const std::string &firmware, std::uint32_t bytes) {
  std::vector<std::uint8_t> cells(bytes, erased);
  if (!firmware.empty()) load_firmware(firmware, cells);
  return cells;
}

[[noreturn]] void fail(const std::string &file, const char *what, int error_number) {
  throw Error(
      Errc::config,
      fmt::format("transport sim: state_file {} {}: {}", file, what, std::strerror(error_number)),
      "The folder must exist, and file and folder must be writable.");
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

bool write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

// Complete or not at all: written beside it under another name first. Losing the race against
// another program that makes the same file is fine.
void create(const std::string &file, std::span<const std::uint8_t> cells) {
  std::string draft = file + ".XXXXXX";
  const Descriptor descriptor(::mkstemp(draft.data()));
  if (descriptor.number() < 0) fail(file, "cannot be created", errno);
  int failure = 0;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (!write_all(descriptor.number(), cells) || ::fchmod(descriptor.number(), 0666 & ~mask) != 0 ||
      ::fsync(descriptor.number()) != 0 ||
      (::link(draft.c_str(), file.c_str()) != 0 && errno != EEXIST)) {
    failure = errno;
  }
  ::unlink(draft.c_str());
  if (failure != 0) fail(file, "cannot be created", failure);
}

class MemoryFlash final : public FlashStorage {
 public:
  explicit MemoryFlash(std::vector<std::uint8_t> cells) : cells_(std::move(cells)) {}
  [[nodiscard]] std::span<std::uint8_t> cells() override { return cells_; }

 private:
  std::vector<std::uint8_t> cells_;
};

class FileFlash final : public FlashStorage {
 public:
  FileFlash(const std::string &file, std::uint32_t bytes)
      : descriptor_(::open(file.c_str(), O_RDWR | O_CLOEXEC)), bytes_(bytes) {
    if (descriptor_.number() < 0) fail(file, "cannot be opened", errno);
    if (::flock(descriptor_.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) fail(file, "cannot be locked", errno);
      throw Error(
          Errc::probe,
          fmt::format("the simulated board is in use by another program (state_file {})", file),
          "Wait until that program ends, or give this board a state_file of its own.");
    }
    check_size(file);
    map_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_.number(), 0);
    if (map_ == MAP_FAILED) fail(file, "cannot be mapped", errno);
  }
  FileFlash(const FileFlash &) = delete;
  FileFlash &operator=(const FileFlash &) = delete;
  ~FileFlash() override { ::munmap(map_, bytes_); }
  [[nodiscard]] std::span<std::uint8_t> cells() override {
    return {static_cast<std::uint8_t *>(map_), bytes_};
  }

 private:
  void check_size(const std::string &file) const {
    struct stat status{};
    if (::fstat(descriptor_.number(), &status) != 0) fail(file, "cannot be examined", errno);
    if (!S_ISREG(status.st_mode)) {
      throw Error(Errc::config,
                  fmt::format("transport sim: state_file {} is no regular file", file));
    }
    if (status.st_size == bytes_) return;
    throw Error(
        Errc::config,
        fmt::format("transport sim: state_file {} has {}, but the chip's flash has {}", file,
                    format_size(static_cast<std::uint64_t>(status.st_size)), format_size(bytes_)),
        "It belongs to another chip. Give this one a state_file of its own, or delete the "
        "file to start with a new flash.");
  }

  Descriptor descriptor_;
  std::uint32_t bytes_;
  void *map_ = nullptr;
};

}  // namespace

std::unique_ptr<FlashStorage> open_flash(const std::string &state_file, const std::string &firmware,
                                         std::uint32_t bytes) {
  if (state_file.empty()) return std::make_unique<MemoryFlash>(new_flash(firmware, bytes));
  if (::access(state_file.c_str(), F_OK) != 0 && errno == ENOENT) {
    create(state_file, new_flash(firmware, bytes));
  }
  return std::make_unique<FileFlash>(state_file, bytes);
}

}  // namespace flashhost::sim
