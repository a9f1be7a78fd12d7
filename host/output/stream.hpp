// Standard output or standard error. Everything that the program says goes through two of these.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

namespace flashhost {

// Nothing here throws, raises a signal (SIGPIPE and SIGXFSZ are ignored, see
// secure_standard_streams) or needs memory: programming must not end because nobody listens. What
// could not be written is lost; that it was lost is remembered.
// [any thread] Texts of several threads may mix, but nothing else happens.
class Stream {
 public:
  // patience: how long one call may wait for a reader who does not read; without: for ever.
  explicit Stream(int descriptor, std::optional<std::chrono::milliseconds> patience = {}) noexcept;
  Stream(const Stream &) = delete;
  Stream &operator=(const Stream &) = delete;
  ~Stream() = default;

  // Made harmless; newlines and tabs are layout.
  void text(std::string_view text) noexcept;
  // One line, made harmless: newlines within it as well.
  void line(std::string_view text) noexcept;
  // As it is. For what the program itself draws, and for bytes that were asked for.
  void raw(std::string_view bytes) noexcept;

  // errno of the first write that failed; 0: nothing was lost.
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] bool is_terminal() const noexcept;
  [[nodiscard]] unsigned columns() const noexcept;  // of the terminal; 80 where that is unknown

 private:
  class Buffer;
  void write(std::string_view bytes,
             std::optional<std::chrono::steady_clock::time_point> until) noexcept;
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> until() const noexcept;

  int descriptor_;
  std::optional<std::chrono::milliseconds> patience_;
  std::atomic<int> error_ = 0;
  std::atomic<bool> within_line_ = false;  // the last byte that was taken was no newline
};

}  // namespace flashhost
