// A stream, and what was written to it.
#pragma once

#include "output/stream.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace flashhost {

class Screen {
 public:
  Screen() {
    if (::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
    stream_.emplace(ends_[1], std::chrono::milliseconds(1));
  }
  ~Screen() {
    for (const int end : ends_) ::close(end);
  }
  Screen(const Screen &) = delete;
  Screen &operator=(const Screen &) = delete;

  [[nodiscard]] Stream &stream() { return *stream_; }
  // All until now.
  [[nodiscard]] const std::string &text() {
    char buffer[1000];
    for (ssize_t count = 0; (count = ::read(ends_[0], buffer, sizeof buffer)) > 0;) {
      text_.append(buffer, static_cast<std::size_t>(count));
    }
    return text_;
  }
  // As if nobody read: what is written now is lost.
  void fill() {
    ::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
    const std::string page(4096, '.');
    while (::write(ends_[1], page.data(), page.size()) > 0) {
    }
  }
  void forget() {
    static_cast<void>(text());
    text_.clear();
  }

 private:
  int ends_[2] = {-1, -1};
  std::optional<Stream> stream_;
  std::string text_;
};

}  // namespace flashhost
