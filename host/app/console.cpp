#include "console.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(50);
constexpr unsigned widest_bar = 40;

constexpr std::string_view erase_line = "\r\x1b[K";

}  // namespace

std::string progress_bar(std::string_view name, std::uint64_t done, std::uint64_t total,
                         unsigned columns) {
  if (total == 0) return fmt::format("{} ...", name).substr(0, columns);
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const std::string tail =
      fmt::format(" {:3.0f}%  {:.1f} of {:.1f} KiB", share * 100, static_cast<double>(done) / 1024,
                  static_cast<double>(total) / 1024);
  const std::size_t used = name.size() + tail.size() + 4;
  const std::size_t width = columns > used ? std::min<std::size_t>(columns - used, widest_bar) : 0;
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  const std::string bar =
      width < 5 ? ""
                : fmt::format("[{}{}]", std::string(filled, '#'), std::string(width - filled, '.'));
  return fmt::format("{} {}{}", name, bar, tail).substr(0, columns);
}

Console::Console(Host &log, Stream &out, Style style) : log_(log), out_(out), style_(style) {}

Console::~Console() {
  wipe();
}

void Console::step(std::string_view name, std::uint64_t total) {
  name_ = name;
  total_ = total;
  done_ = 0;
  if (style_ == Style::lines) {
    out_.line(name_ + (total == 0 ? "" : " " + format_size(total)));
  }
  if (style_ == Style::bar) draw();
}

void Console::progress(std::uint64_t done) {
  done_ = done;
  if (style_ != Style::bar) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < redraw_interval && done < total_) return;
  draw();
}

void Console::message(Level level, const std::string &text) {
  if (!log_.enabled(level)) return;
  wipe();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    log_.log(level, std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
}

void Console::draw() {
  last_ = std::chrono::steady_clock::now();
  drawn_ = true;
  out_.raw(erase_line);
  out_.text(progress_bar(name_, done_, total_, out_.columns() - 1));
}

void Console::wipe() {
  if (!drawn_) return;
  drawn_ = false;
  out_.raw(erase_line);
}

}  // namespace flashhost
