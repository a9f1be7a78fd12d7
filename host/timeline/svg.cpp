#include "output/harmless.hpp"
#include "text.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace flashhost::timeline {

namespace {

using namespace std::chrono_literals;

// All in pixels.
constexpr int width = 1200, left = 100, right = 1180, plot_width = right - left;
constexpr int steps_top = 76, steps_height = 26;
constexpr int lanes_top = steps_top + steps_height + 10, lane_height = 42, lane_pitch = 50;
constexpr int lanes_bottom = lanes_top + static_cast<int>(lane_count) * lane_pitch - 8;
constexpr int table_top = lanes_bottom + 64, row_height = 20;
constexpr int letter = 7;  // of 12 px text, at most on average
constexpr std::size_t line_length = 165;

constexpr const char *style =
    "text{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:12px;fill:#212529}"
    ".t{font-size:19px;font-weight:bold}.b{font-weight:bold}.g{fill:#666e76}.f{fill:#c92a2a}"
    ".r{text-anchor:end}.m{text-anchor:middle}";

constexpr std::array<const char *, lane_count> colors{"#e8590c", "#1971c2", "#2f9e44", "#9c36b5",
                                                      "#868e96"};

// Text from outside, for XML.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : harmless(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

double milliseconds(Nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// 1, 2 or 5 times a power of ten, so that there are at most so many ticks.
Nanoseconds tick_distance(Nanoseconds total, int most) {
  const double least = static_cast<double>(total.count()) / most;
  const double power = std::pow(10.0, std::floor(std::log10(std::max(least, 1.0))));
  for (const int factor : {1, 2, 5}) {
    if (factor * power >= least) return Nanoseconds(std::llround(factor * power));
  }
  return Nanoseconds(std::llround(10 * power));
}

// Of each column of pixels the share that is busy.
std::vector<double> shares(const Intervals &lane, Nanoseconds total) {
  std::vector<double> columns(static_cast<std::size_t>(plot_width), 0.0);
  const double column = static_cast<double>(total.count()) / plot_width;
  for (const Interval &one : lane.all) {
    const auto begin = static_cast<double>(one.begin.count());
    const auto end = static_cast<double>(one.end.count());
    const double density = static_cast<double>(one.busy.count()) / (end - begin);
    const auto first = static_cast<std::size_t>(begin / column);
    for (std::size_t i = first; i < columns.size(); ++i) {
      const double from = static_cast<double>(i) * column;
      if (from >= end) break;
      columns[i] += density * (std::min(end, from + column) - std::max(begin, from)) / column;
    }
  }
  return columns;
}

class Picture {
 public:
  Picture(const Timeline &timeline, const About &about) : timeline_(timeline), about_(about) {}

  std::string text() {
    header();
    if (timeline_.total > 0ns) {
      steps();
      lanes();
      axis();
    } else {
      put(R"(<text x="{}" y="{}">No probe was opened.</text>)", left, steps_top + 18);
    }
    table();
    legend();
    constexpr int margin = 14;
    const int height = y_ + margin;
    return fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}">)"
        "\n<style>{2}</style>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n{3}</svg>\n",
        width, height, style, body_);
  }

 private:
  template <class... Arguments>
  void put(fmt::format_string<Arguments...> format, Arguments &&...arguments) {
    fmt::format_to(std::back_inserter(body_), format, std::forward<Arguments>(arguments)...);
    body_ += '\n';
  }

  [[nodiscard]] double x(Nanoseconds time) const {
    return left + plot_width * static_cast<double>(time.count()) /
                      static_cast<double>(timeline_.total.count());
  }

  void header() {
    std::string what = about_.verb;
    if (!about_.chip.empty()) what += " " + about_.chip;
    if (!about_.probe.empty()) what += " on " + about_.probe;
    put(R"(<text x="20" y="32" class="t">Where the time went: {}</text>)", escaped(what));
    std::string more = format_duration(timeline_.total);
    if (!about_.chip.empty()) {
      more += about_.swd_hz ? fmt::format(", SWD at {} kHz", *about_.swd_hz / 1000)
                            : ", SWD clock not known";
    }
    more += fmt::format(", {} before the probe was open. flashhost {}",
                        format_duration(about_.before), about_.flashhost);
    put(R"(<text x="20" y="54" class="g">{}{}</text>)", escaped(more),
        about_.exit_code == 0
            ? ""
            : fmt::format(R"(<tspan class="f b">. It failed: exit code {}</tspan>)",
                          about_.exit_code));
    if (!timeline_.complete) {
      put(R"(<text x="{}" y="54" class="f r">not complete: memory ran out</text>)", right);
    }
  }

  void steps() {
    int number = 0;
    for (const Step &step : timeline_.steps) {
      ++number;
      const double from = x(step.begin);
      const double wide = x(step.end) - from;
      put(R"(<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" fill="{}"><title>{}</title></rect>)",
          from, steps_top, wide, steps_height, number % 2 == 0 ? "#d0d7de" : "#e7ebef",
          escaped(step.name));
      const std::string short_name = std::to_string(number);
      const std::string name = fmt::format("{} {}", number, step.name);
      const std::string &shown =
          wide > static_cast<double>(name.size()) * letter ? name : short_name;
      if (wide < static_cast<double>(shown.size()) * letter + 2) continue;
      put(R"(<text x="{:.1f}" y="{}" class="m">{}</text>)", from + wide / 2, steps_top + 17,
          escaped(shown));
    }
  }

  void lanes() {
    const Sums sums = timeline_.sums();
    const std::array<Nanoseconds, lane_count> times{sums.flash_busy, sums.wire, sums.usb, sums.host,
                                                    sums.idle};
    for (std::size_t i = 0; i < lane_count; ++i) {
      const int top = lanes_top + static_cast<int>(i) * lane_pitch;
      put(R"(<text x="{}" y="{}" class="b r">{}</text>)", left - 10, top + 18, name_of(i));
      put(R"(<text x="{}" y="{}" class="g r">{:.1f} %</text>)", left - 10, top + 34,
          100 * milliseconds(times[i]) / milliseconds(timeline_.total));
      put(R"(<rect x="{}" y="{}" width="{}" height="{}" fill="#f4f6f8"/>)", left, top, plot_width,
          lane_height);
      curve(i, top + lane_height);
    }
    for (const Step &step : timeline_.steps) {
      put(R"(<path d="M{:.1f} {}V{}" stroke="#adb5bd" stroke-width="0.7"/>)", x(step.begin),
          steps_top, lanes_bottom);
    }
  }

  // The height is the share of a column's time.
  void curve(std::size_t lane, int bottom) {
    std::string path;
    double drawn = bottom;
    const std::vector<double> columns = shares(timeline_.lanes[lane], timeline_.total);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      double height = std::round(2 * std::min(columns[i], 1.0) * lane_height) / 2;
      if (columns[i] > 0) height = std::max(height, 1.0);
      const double y = bottom - height;
      if (y == drawn) continue;
      if (path.empty()) path = fmt::format("M{} {}", left, bottom);
      path += fmt::format("H{}V{:g}", left + static_cast<int>(i), y);
      drawn = y;
    }
    if (path.empty()) return;
    put(R"(<path d="{}H{}V{}Z" fill="{}"/>)", path, right, bottom, colors[lane]);
  }

  void axis() {
    constexpr int most_ticks = 12;
    const Nanoseconds distance = tick_distance(timeline_.total, most_ticks);
    const bool in_seconds = timeline_.total >= 10s;
    for (Nanoseconds at = 0ns; at <= timeline_.total; at += distance) {
      put(R"(<path d="M{0:.1f} {1}v5" stroke="#495057"/><text x="{0:.1f}" y="{2}" class="g m">{3:g}{4}</text>)",
          x(at), lanes_bottom, lanes_bottom + 18, milliseconds(at) / (in_seconds ? 1000 : 1),
          in_seconds ? " s" : " ms");
    }
  }

  [[nodiscard]] static std::string_view name_of(std::size_t lane) {
    return lane == static_cast<std::size_t>(Lane::usb) ? "USB"
                                                       : text_of(static_cast<Lane>(lane)).name;
  }

  // A row of the table, from its second column on.
  void cells(int y, const char *cell_class, const std::vector<std::string> &texts) {
    constexpr int first = 330, distance = 106;
    int x = first;
    for (const std::string &text : texts) {
      put(R"(<text x="{}" y="{}" class="{}">{}</text>)", x, y, cell_class, text);
      x += distance;
    }
  }

  [[nodiscard]] std::string time(Nanoseconds value) const {
    return timeline_.total >= 10s ? fmt::format("{:.2f}", milliseconds(value) / 1000)
                                  : fmt::format("{:.1f}", milliseconds(value));
  }

  void row(const std::string &name, const char *row_class, Nanoseconds total, const Sums &sums) {
    put(R"(<text x="20" y="{}" class="{}">{}</text>)", y_, row_class, escaped(name));
    cells(y_, fmt::format("r {}", row_class).c_str(),
          {time(total), time(sums.flash_only), time(sums.wire), time(sums.usb), time(sums.host),
           time(sums.idle), time(sums.flash_busy), std::to_string(sums.calls),
           fmt::format("{:.1f}", static_cast<double>(sums.bytes) / 1024)});
    y_ += row_height;
  }

  void table() {
    y_ = timeline_.total > 0ns ? table_top : steps_top + 56;
    put(R"(<text x="20" y="{}" class="b">step ({})</text>)", y_,
        timeline_.total >= 10s ? "times in seconds" : "times in milliseconds");
    cells(y_, "r b",
          {"time", "flash only", "wire", "USB", "host", "idle", "flash busy", "calls", "KiB"});
    constexpr int line_gap = 7;
    put(R"(<path d="M20 {}H{}" stroke="#adb5bd"/>)", y_ + line_gap, right);
    y_ += row_height + 4;
    int number = 0;
    for (const Step &step : timeline_.steps) {
      row(fmt::format("{} {}", ++number, step.name), "", step.end - step.begin, step.sums);
    }
    row("all", "b", timeline_.total, timeline_.sums());
    y_ += row_height;
  }

  void legend() {
    for (std::size_t i = 0; i < lane_count; ++i) {
      put(R"(<rect x="20" y="{}" width="12" height="12" fill="{}"/>)", y_ - 10, colors[i]);
      explain(fmt::format("{}: {}.", name_of(i), text_of(static_cast<Lane>(i)).meaning));
    }
    explain(
        "Time = flash only (the job does nothing but wait for the flash) + wire + USB + host + "
        "idle. "
        "The height of a lane is its share of the time at that place.");
    explain(fmt::format(
        "The flash alone would need {} for its commands, by the data sheet's typical times.",
        format_duration(timeline_.flash_expected)));
  }

  void explain(const std::string &text) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = text.size();
      if (end - at > line_length) end = text.rfind(' ', at + line_length);
      put(R"(<text x="40" y="{}">{}</text>)", y_, escaped(text.substr(at, end - at)));
      y_ += row_height - 3;
      at = end + 1;
    }
  }

  const Timeline &timeline_;
  const About &about_;
  std::string body_;
  int y_ = 0;  // of the next line of text
};

}  // namespace

std::string to_svg(const Timeline &timeline, const About &about) {
  return Picture(timeline, about).text();
}

}  // namespace flashhost::timeline
