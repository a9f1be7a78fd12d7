#include "files.hpp"

#include "words.hpp"

#include <flashhost/text.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace flashhost::config {

namespace {

class File {
 public:
  // Without waiting: opening a pipe that nobody writes to would otherwise block.
  explicit File(const std::filesystem::path &file)
      : descriptor_(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::string hint_for(int error) {
  if (error == ENOENT)
    return "Relative paths in a board file start from its folder, those on the command line from "
           "the current one.";
  if (error == EACCES) return "Its mode, or that of a folder above it, forbids reading.";
  return {};
}

}  // namespace

Bytes read_file(const std::filesystem::path &file, std::size_t limit, Errc code) {
  const std::string name = printable(file.string());
  const auto fail = [&](int error) {
    throw Error(code,
                fmt::format("cannot read {}: {}", name, std::generic_category().message(error)),
                hint_for(error));
  };
  const File input(file);
  struct stat status{};
  if (input.descriptor() < 0) fail(errno);
  if (::fstat(input.descriptor(), &status) != 0) fail(errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error(code,
                fmt::format("cannot read {}: it is {}, not a file", name, kind_of(status.st_mode)));
  }
  const auto refuse_size = [&](const std::string &size) {
    throw Error(code, fmt::format("{} has {}; at most {} are read", name, size, format_size(limit)),
                "Is this the right file?");
  };
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limit) refuse_size(format_size(size));

  Bytes bytes(size + 1);  // one more, to see the end
  std::size_t filled = 0;
  for (;;) {
    const ssize_t count = ::read(input.descriptor(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    if (filled > limit) refuse_size("more than " + format_size(limit));
    if (filled == bytes.size()) bytes.resize(std::min(2 * filled, limit + 1));  // it grew meanwhile
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace flashhost::config
