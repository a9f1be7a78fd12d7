#include "output/stream.hpp"

#include "output/harmless.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace flashhost {

namespace {

using Clock = std::chrono::steady_clock;
using Until = std::optional<Clock::time_point>;

// Returns 0 when the descriptor takes bytes or is broken (write then reports the error), else
// errno.
int wait_for_room(int descriptor, const Until &until) noexcept {
  for (;;) {
    int timeout = -1;
    if (until) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now());
      timeout = static_cast<int>(std::max<std::int64_t>(0, left.count()));
    }
    pollfd event{descriptor, POLLOUT, 0};
    const int ready = ::poll(&event, 1, timeout);
    if (ready > 0) return 0;
    if (ready == 0) return ETIMEDOUT;
    if (errno != EINTR) return errno;
  }
}

}  // namespace

// Collects characters, so that a line that is not very long is one write.
class Stream::Buffer {
 public:
  explicit Buffer(Stream &stream) noexcept : stream_(stream), until_(stream.until()) {}
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer() { flush(); }

  void append(std::string_view bytes) noexcept {
    if (size_ + bytes.size() > bytes_.size()) flush();
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + size_);
    size_ += bytes.size();
  }
  void append_harmless(std::string_view text, std::string_view layout) noexcept {
    while (!text.empty()) {
      const HarmlessCharacter character = harmless_character(text, layout);
      append(character.shown());
      text.remove_prefix(character.taken);
    }
  }

 private:
  void flush() noexcept {
    stream_.write({bytes_.data(), size_}, until_);
    size_ = 0;
  }

  Stream &stream_;
  Until until_;
  std::array<char, PIPE_BUF> bytes_{};
  std::size_t size_ = 0;
};

Stream::Stream(int descriptor, std::optional<std::chrono::milliseconds> patience) noexcept
    : descriptor_(descriptor), patience_(patience) {}

void Stream::text(std::string_view text) noexcept {
  Buffer(*this).append_harmless(text, "\n\t");
}

void Stream::line(std::string_view text) noexcept {
  Buffer buffer(*this);
  // The last line was cut off: the next one must not look like its rest.
  if (error_ != 0 && within_line_) buffer.append("\n");
  buffer.append_harmless(text, "\t");
  buffer.append("\n");
}

void Stream::raw(std::string_view bytes) noexcept {
  write(bytes, until());
}

Until Stream::until() const noexcept {
  if (!patience_) return {};
  return Clock::now() + *patience_;
}

void Stream::write(std::string_view bytes, Until until) noexcept {
  while (!bytes.empty()) {
    int problem = until ? wait_for_room(descriptor_, until) : 0;
    if (problem == 0) {
      // After poll has reported room, a write of at most PIPE_BUF bytes does not block.
      const std::size_t size = until ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
      const ssize_t count = ::write(descriptor_, bytes.data(), size);
      if (count > 0) {
        within_line_ = bytes[static_cast<std::size_t>(count) - 1] != '\n';
        bytes.remove_prefix(static_cast<std::size_t>(count));
        continue;
      }
      problem = count == 0 ? EIO : errno;  // an error, so as not to loop for ever
      if (problem == EINTR) continue;
      // The descriptor is non-blocking, perhaps set so by another program on the same terminal.
      if (problem == EAGAIN) problem = wait_for_room(descriptor_, until);
      if (problem == 0) continue;
    }
    int none = 0;
    error_.compare_exchange_strong(none, problem);
    return;
  }
}

bool Stream::is_terminal() const noexcept {
  return ::isatty(descriptor_) != 0;
}

unsigned Stream::columns() const noexcept {
  winsize size{};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace flashhost
