// The verbs of the command line. Each throws Error; main turns that into an exit code.
#pragma once

#include "config/cli.hpp"
#include "console.hpp"
#include "json_lines.hpp"
#include "output/stream.hpp"
#include "plugin/host_log.hpp"

#include <functional>
#include <stop_token>

namespace flashhost {

struct Surroundings {
  const config::Options &options;
  const Log &log;
  Stream &out;  // standard output, for results
  Observer &observer;
  Console *console = nullptr;  // one of both is there
  JsonLines *json = nullptr;
  std::stop_token stop;
  // To be called before the first thing that an end of the program on the spot would leave behind:
  // from then on a signal asks for a safe stop. Errc::interrupted when one has come already.
  std::function<void()> begin_work;
};

void run_flash(const Surroundings &around);
void run_plan(const Surroundings &around);
void run_verify(const Surroundings &around);
void run_erase(const Surroundings &around);
void run_read(const Surroundings &around);
void run_info(const Surroundings &around);
void run_reset(const Surroundings &around);
void run_list(const Surroundings &around);
void run_new(const Surroundings &around);

}  // namespace flashhost
