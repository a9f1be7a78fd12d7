// A stream, and what was written to it.
#pragma once

#include "output/stream.hpp"

#include <flashhost/descriptor.hpp>

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
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("no pipe");
    reader_ = Descriptor(ends[0]);
    writer_ = Descriptor(ends[1]);
    stream_.emplace(ends[1], std::chrono::milliseconds(1));
  }

  [[nodiscard]] Stream &stream() { return *stream_; }
  // All until now.
  [[nodiscard]] const std::string &text() {
    char buffer[1000];
    for (ssize_t count = 0; (count = ::read(reader_.number(), buffer, sizeof buffer)) > 0;) {
      text_.append(buffer, static_cast<std::size_t>(count));
    }
    return text_;
  }
  // As if nobody read: what is written now is lost.
  void fill() {
    ::fcntl(writer_.number(), F_SETPIPE_SZ, 4096);
    const std::string page(4096, '.');
    while (::write(writer_.number(), page.data(), page.size()) > 0) {
    }
  }
  void forget() {
    static_cast<void>(text());
    text_.clear();
  }

 private:
  Descriptor reader_, writer_;
  std::optional<Stream> stream_;
  std::string text_;
};

}  // namespace flashhost
