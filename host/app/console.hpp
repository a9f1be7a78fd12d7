// Progress for people, on standard error: a bar on a terminal, otherwise a line per step.
#pragma once

#include "flash/observer.hpp"
#include "output/stream.hpp"

#include <chrono>
#include <string>

namespace flashhost {

// The bar itself, "programming  [#####.....]  50%  21.2 of 42.4 KiB"; at most `columns` wide.
[[nodiscard]] std::string progress_bar(std::string_view name, std::uint64_t done,
                                       std::uint64_t total, unsigned columns);

class Console final : public Observer {
 public:
  enum class Style : std::uint8_t { silent, lines, bar };

  // log gets the messages; out gets the bar or the lines.
  Console(Host &log, Stream &out, Style style);
  ~Console() override;

  void step(std::string_view name, std::uint64_t total) override;
  void progress(std::uint64_t done) override;
  void message(Level level, const std::string &text) override;
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
  std::chrono::steady_clock::time_point last_;
};

}  // namespace flashhost
