// Standard output or standard error. All output of the program goes through two of these.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

namespace flashhost {

// Nothing here throws, raises a signal (SIGPIPE and SIGXFSZ are ignored, see
// secure_standard_streams) or allocates memory: programming must not stop because nobody reads the
// output. What cannot be written is lost, and error() remembers that.
// [any thread] Texts of several threads may be mixed; that is all.
class Stream {
 public:
  // patience: how long one call may wait for a reader; empty: without limit.
  explicit Stream(int descriptor, std::optional<std::chrono::milliseconds> patience = {}) noexcept;
  Stream(const Stream &) = delete;
  Stream &operator=(const Stream &) = delete;
  ~Stream() = default;

  // Writes the text made harmless; newlines and tabs stay.
  void text(std::string_view text) noexcept;
  // Writes one line made harmless, including newlines within it.
  void line(std::string_view text) noexcept;
  // Writes the bytes unchanged: for the program's own bar, and for data that the user asked for.
  void raw(std::string_view bytes) noexcept;

  // errno of the first write that failed; 0: nothing was lost.
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] bool is_terminal() const noexcept;
  [[nodiscard]] unsigned columns() const noexcept;  // of the terminal; 80 if unknown

 private:
  class Buffer;
  void write(std::string_view bytes,
             std::optional<std::chrono::steady_clock::time_point> until) noexcept;
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> until() const noexcept;

  int descriptor_;
  std::optional<std::chrono::milliseconds> patience_;
  std::atomic<int> error_ = 0;
  std::atomic<bool> within_line_ = false;  // the last byte written was not a newline
};

}  // namespace flashhost
