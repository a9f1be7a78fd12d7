#include "run_report.hpp"

#include <fmt/format.h>

#include <chrono>
#include <map>

namespace flashhost::sim {

std::vector<std::string> describe_run(std::span<const machine::PinEdge> edges, Nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  std::map<std::string, std::size_t> toggles;
  for (const machine::PinEdge &edge : edges) ++toggles[edge.pin];
  std::vector<std::string> lines;
  lines.reserve(toggles.size() + 1);
  for (const auto &[pin, count] : toggles) {
    lines.push_back(fmt::format("{} toggled {} time{} in {:.1f} s", pin, count,
                                count == 1 ? "" : "s", seconds));
  }
  if (lines.empty()) {
    lines.push_back(
        fmt::format("the firmware ran for {:.1f} s and changed no output pin", seconds));
  }
  return lines;
}

}  // namespace flashhost::sim
