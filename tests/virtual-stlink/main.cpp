// virtual-stlink: any program, on ST-Link probes that do not exist.
#include "bus.hpp"
#include "child.hpp"
#include "options.hpp"
#include "run_report.hpp"
#include "summary.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace {

using namespace virtual_stlink;

constexpr auto tend_interval = std::chrono::milliseconds(2);
constexpr int usage_error = 2;
constexpr int own_failure = 125;  // as programs do that run others
constexpr int cannot_start = 127;

void report(const Options &options, const std::vector<VirtualProbe *> &probes, int exit_code) {
  if (options.summary == "json") {
    fmt::print(stderr, "{}", summary_json(probes, exit_code));
    return;
  }
  if (options.summary != "text") {
    std::ofstream file(options.summary);
    file << summary_json(probes, exit_code);
    if (!file.flush()) throw std::runtime_error("cannot write the summary to " + options.summary);
    return;
  }
  for (VirtualProbe *probe : probes) fmt::print(stderr, "{}", summary_text(*probe));
}

void run_on(const Options &options, const std::vector<VirtualProbe *> &probes) {
  if (options.run_time == Nanoseconds::zero()) return;
  for (VirtualProbe *probe : probes) {
    probe->run_on(options.run_time);
    for (const std::string &line :
         flashhost::sim::describe_run(probe->target().pin_edges(), options.run_time)) {
      fmt::print(stderr, "virtual-stlink: {}\n", line);
    }
  }
}

int run(const Options &options) {
  std::vector<std::unique_ptr<VirtualProbe>> owned;
  std::vector<VirtualProbe *> probes;
  for (const ProbeSettings &settings : options.probes) {
    owned.push_back(std::make_unique<VirtualProbe>(settings));
    probes.push_back(owned.back().get());
  }
  int exit_code = 0;
  {
    Bus bus(probes);
    for (VirtualProbe *probe : probes) probe->start();
    Child child(options.command);
    for (;;) {
      const std::optional<int> ended = child.wait(tend_interval);
      bus.tend();
      if (!ended) continue;
      exit_code = *ended;
      break;
    }
  }
  run_on(options, probes);
  report(options, probes, exit_code);
  return exit_code;
}

}  // namespace

int main(int argc, char **argv) {
  try {
    require_preload(argv);
    return run(parse_options(argc, argv));
  } catch (const std::invalid_argument &problem) {
    fmt::print(stderr, "virtual-stlink: {}\n", problem.what());
    return usage_error;
  } catch (const std::exception &problem) {
    fmt::print(stderr, "virtual-stlink: {}\n", problem.what());
    const bool starting = std::string(problem.what()).starts_with("cannot start");
    return starting ? cannot_start : own_failure;
  }
}
