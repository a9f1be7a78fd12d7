#include "flash_storage.hpp"

#include "firmware_file.hpp"
#include "regular_file.hpp"

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
#include <filesystem>
#include <utility>
#include <vector>

namespace flashhost::sim {

namespace {

constexpr std::uint8_t erased = 0xFF;

std::vector<std::uint8_t> new_flash(const std::string &firmware, std::uint32_t bytes,
                                    std::uint32_t address) {
  std::vector<std::uint8_t> cells(bytes, erased);
  if (!firmware.empty()) load_firmware(firmware, cells, address);
  return cells;
}

constexpr const char *setting = "state_file";

bool write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

// Creates the file complete or not at all: writes it under another name first. If another program
// creates the same file at the same time, that one is used.
void create(const std::string &file, std::span<const std::uint8_t> cells) {
  // A short name, since the file's own name may already have the maximum length.
  std::string draft = std::filesystem::path(file).replace_filename(".flash.XXXXXX").string();
  const Descriptor descriptor(::mkstemp(draft.data()));
  if (!descriptor) fail(setting, file, "cannot be created", errno);
  int failure = 0;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (!write_all(descriptor.number(), cells) || ::fchmod(descriptor.number(), 0666 & ~mask) != 0 ||
      ::fsync(descriptor.number()) != 0 ||
      (::link(draft.c_str(), file.c_str()) != 0 && errno != EEXIST)) {
    failure = errno;
  }
  ::unlink(draft.c_str());
  if (failure != 0) fail(setting, file, "cannot be created", failure);
}

// Call create first. Another program may have removed the file again.
Descriptor open_made(const std::string &file) {
  Descriptor descriptor = open_regular(setting, file, O_RDWR);
  if (!descriptor) fail(setting, file, "cannot be opened", ENOENT);
  return descriptor;
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
  FileFlash(Descriptor descriptor, const std::string &file, std::uint32_t bytes)
      : descriptor_(std::move(descriptor)), bytes_(bytes) {
    if (::flock(descriptor_.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) fail(setting, file, "cannot be locked", errno);
      throw Error(
          Errc::probe,
          fmt::format("the simulated board is in use by another program (state_file {})", file),
          "Wait until that program ends, or give this board a state_file of its own.");
    }
    check_size(file);
    map_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_.number(), 0);
    if (map_ == MAP_FAILED) fail(setting, file, "cannot be mapped", errno);
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
    if (::fstat(descriptor_.number(), &status) != 0) {
      fail(setting, file, "cannot be examined", errno);
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
                                         std::uint32_t bytes, std::uint32_t address) {
  if (state_file.empty()) return std::make_unique<MemoryFlash>(new_flash(firmware, bytes, address));
  Descriptor descriptor = open_regular(setting, state_file, O_RDWR);
  if (!descriptor) {
    create(state_file, new_flash(firmware, bytes, address));
    return std::make_unique<FileFlash>(open_made(state_file), state_file, bytes);
  }
  return std::make_unique<FileFlash>(std::move(descriptor), state_file, bytes);
}

}  // namespace flashhost::sim
