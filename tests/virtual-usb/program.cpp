#include "program.hpp"

#include "bus.hpp"
#include "child.hpp"
#include "run_report.hpp"
#include "summary.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace virtual_usb {

namespace {

constexpr auto tend_interval = std::chrono::milliseconds(2);
constexpr int usage_error = 2;
constexpr int own_failure = 125;  // as programs do that run others
constexpr int cannot_start = 127;

using Probes = std::vector<VirtualProbe *>;

void report(const std::string &program, const CommonOptions &options, const Probes &probes,
            int exit_code) {
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
  for (VirtualProbe *probe : probes) fmt::print(stderr, "{}", summary_text(program, *probe));
}

void run_on(const std::string &program, double seconds, const Probes &probes) {
  if (seconds <= 0) return;
  const auto time = std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds));
  for (VirtualProbe *probe : probes) {
    probe->run_on(time);
    for (const std::string &line :
         flashhost::sim::describe_run(probe->target().pin_edges(), time)) {
      fmt::print(stderr, "{}: {}\n", program, line);
    }
  }
}

std::vector<ProbeSettings> settings_of(Product &product, CommonOptions &options) {
  while (options.serials.size() < options.probes) {
    options.serials.push_back(product.default_serial(options.serials.size() + 1));
  }
  product.take_faults(options.faults);
  std::vector<ProbeSettings> all = one_for_each(common_settings(options), options);
  for (std::size_t i = 0; i < all.size(); ++i) {
    product.complete(all[i], options.serials[i], i + 1);
  }
  return all;
}

int run(const std::string &program, const CommonOptions &options,
        const std::vector<ProbeSettings> &settings) {
  std::vector<std::unique_ptr<VirtualProbe>> owned;
  Probes probes;
  for (const ProbeSettings &one : settings) {
    owned.push_back(std::make_unique<VirtualProbe>(one));
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
  run_on(program, options.run_time, probes);
  report(program, options, probes, exit_code);
  return exit_code;
}

// Prints help or what is wrong and leaves the program, with 0 or 2.
CommonOptions parse(Product &product, const ProgramText &text, int argc, const char *const *argv) {
  CLI::App app(text.purpose, text.name);
  CommonOptions options;
  declare_bus(app, options, text.serials);
  product.declare(app);
  declare_board_and_run(app, options);
  app.footer([&] { return fault_help(product.fault_help()) + "Example: " + text.example; });
  app.positionals_at_end();
  try {
    app.parse(argc, argv);
    return options;
  } catch (const CLI::ParseError &problem) {
    std::exit(app.exit(problem) == 0 ? 0 : usage_error);
  }
}

}  // namespace

int run_program(Product &product, int argc, char **argv) {
  const ProgramText text = product.text();
  try {
    require_preload(argv);
    CommonOptions options = parse(product, text, argc, argv);
    const std::vector<ProbeSettings> settings = settings_of(product, options);
    return run(text.name, options, settings);
  } catch (const std::invalid_argument &problem) {
    fmt::print(stderr, "{}: {}\n", text.name, problem.what());
    return usage_error;
  } catch (const std::exception &problem) {
    fmt::print(stderr, "{}: {}\n", text.name, problem.what());
    const bool starting = std::string(problem.what()).starts_with("cannot start");
    return starting ? cannot_start : own_failure;
  }
}

}  // namespace virtual_usb
