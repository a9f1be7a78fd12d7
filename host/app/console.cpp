#include "console.hpp"

#include "output/harmless.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace flashhost {

namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(50);
constexpr auto tick_interval = std::chrono::milliseconds(200);
constexpr std::size_t widest_bar = 40;
constexpr std::size_t narrowest_bar = 10;
constexpr std::size_t name_width = 24;  // the longest is "erasing and programming"

constexpr std::string_view erase_line = "\r\x1b[K";

// " 0:03", at most "99:59".
std::string clock(double seconds) {
  const auto whole = static_cast<unsigned>(std::min(seconds, 5999.0));
  return fmt::format("{:>3}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string progress_bar(const Progress &progress, unsigned columns) {
  const bool measured = progress.total != 0;
  const double share =
      measured
          ? std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total))
          : 0;
  const double seconds = std::chrono::duration<double>(progress.elapsed).count();
  const double rate = seconds > 0 ? static_cast<double>(progress.done) / seconds : 0;
  const bool has_rate = measured && rate > 0;
  const double rest = has_rate ? (1 - share) * static_cast<double>(progress.total) / rate : 0;

  std::vector<std::string> fields;
  fields.push_back(measured ? fmt::format("{:>4.0f}%", share * 100) : std::string(5, ' '));
  fields.push_back(!measured  ? clock(seconds) + std::string(5, ' ')
                   : has_rate ? clock(rest) + " left"
                              : std::string(11, ' '));
  fields.push_back(has_rate ? fmt::format("{:>7.0f} KiB/s", std::min(rate / 1024, 9'999'999.0))
                            : std::string(13, ' '));
  std::string line = fmt::format("{:<{}.{}}", progress.name, name_width, name_width);
  std::string tail;
  constexpr std::size_t brackets = 2;
  for (const std::string &field : fields) {
    // A bar says more than the rate, which comes last.
    const std::size_t bar = &field == &fields.back() ? brackets + narrowest_bar : 0;
    if (line.size() + tail.size() + field.size() + bar <= columns) tail += field;
  }
  const std::size_t used = line.size() + tail.size() + brackets;
  const std::size_t width = columns > used ? std::min<std::size_t>(columns - used, widest_bar) : 0;
  if (width >= narrowest_bar) {
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
    line += fmt::format("[{}{}]", std::string(filled, '#'),
                        std::string(width - filled, measured ? '.' : ' '));
  }
  return (line + tail).substr(0, columns);
}

Console::Console(Host &log, Stream &out, Style style) : log_(log), out_(out), style_(style) {}

Console::~Console() {
  wipe();
}

void Console::step(std::string_view name, std::uint64_t total) {
  name_ = harmless(std::string(name));
  total_ = total;
  begun_ = std::chrono::steady_clock::now();
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

void Console::tick() {
  if (drawn_ && std::chrono::steady_clock::now() - last_ >= tick_interval) draw();
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
  // In the last column, the cursor may already be in the next line.
  out_.text(progress_bar({name_, done_, total_, last_ - begun_}, out_.columns() - 1));
}

void Console::wipe() {
  if (!drawn_) return;
  drawn_ = false;
  out_.raw(erase_line);
}

}  // namespace flashhost
