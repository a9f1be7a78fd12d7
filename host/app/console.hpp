// Progress for people, on standard error: a bar on a terminal, otherwise a line per step.
#pragma once

#include "flash/observer.hpp"
#include "output/stream.hpp"

#include <chrono>
#include <string>

namespace flashhost {

struct Progress {
  std::string_view name;  // of the step
  std::uint64_t done = 0;
  std::uint64_t total = 0;  // bytes; 0: there is no measure
  std::chrono::nanoseconds elapsed{};
};

// The bar itself, for a screen of so many columns; fits into one line of it:
// "programming             [############............]  50%  0:02 left     16 KiB/s"
// Each field has its place and its width, whatever the step and the share: nothing jumps. Without a
// measure it shows how long the step has taken. A narrow screen has fewer fields.
[[nodiscard]] std::string progress_bar(const Progress &progress, unsigned columns);

class Console : public Observer {
 public:
  enum class Style : std::uint8_t { silent, lines, bar };

  // log gets the messages; out gets the bar or the lines.
  Console(Host &log, Stream &out, Style style);
  ~Console() override;

  void step(std::string_view name, std::uint64_t total) override;
  void progress(std::uint64_t done) override;
  void message(Level level, const std::string &text) override;
  // Keeps the time on the bar going, while nothing else is told. For whoever waits.
  void tick();
  // Removes the bar from the screen: to be called before anything else is written to it.
  void wipe();

 private:
  void draw();

  Host &log_;
  Stream &out_;
  Style style_;
  std::string name_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point begun_;  // the step
  std::chrono::steady_clock::time_point last_;
};

}  // namespace flashhost
