// One job on a simulated board, seen through a probe that may go wrong.
#pragma once

#include "board.hpp"
#include "faulty_probe.hpp"
#include "flash/flash_job.hpp"
#include "temporary_folder.hpp"

#include <flashhost/error.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace flashhost::testing {

using TemporaryFolder = bench::QuickFolder;

struct JobResult {
  bool connected = false;
  bool good = false;           // it says that it succeeded
  bool reached = false;        // every fault was
  Errc code = Errc::internal;  // of the error otherwise, with its texts
  std::string what;
  std::string hint;
  FlashState flash = FlashState::unchanged;  // as the job said
  std::string messages;                      // one a line
  FlashReport report;
  std::uint64_t calls = 0;
  Nanoseconds time{};         // of the probe's clock
  std::uint64_t changes = 0;  // FaultyProbe::changes_since
  std::uint64_t in_vain = 0;  // FaultyProbe::calls_in_vain
};

using Work = std::function<FlashReport(Target &, Observer &)>;

struct Job {
  Work work;
  std::vector<Fault> faults;        // calls are counted by each on its own
  std::function<void()> on_attach;  // by each attach while the probe is gone
  TargetOptions target = {};
  // Puts something between the board's probe and the job, if it is there.
  std::function<std::unique_ptr<Probe>(std::unique_ptr<Probe>)> probe = {};
  std::vector<NamedFamily> families = {};  // instead of those that are installed
};

[[nodiscard]] const std::vector<NamedFamily> &installed_families();

// Connects with every family that is installed, and does the work.
[[nodiscard]] JobResult run(Board &board, const Job &job);

}  // namespace flashhost::testing
