// The report of a job, for who keeps a log of a production: one JSON object in a line of the file
// of
// --report. docs/report.md lists its fields.
#pragma once

#include "config/cli.hpp"
#include "config/config.hpp"
#include "files/line_file.hpp"
#include "flash/flash_job.hpp"
#include "flash/target.hpp"
#include "images/image_files.hpp"

#include <flashhost/error.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace flashhost {

struct PluginVersion {
  std::string kind, id, version;
};

// Gets to know what the verbs find, and is written at the end. Without --report it writes nothing.
// [one thread]
class JobReport {
 public:
  // options must outlive it. version: of flashhost.
  JobReport(const config::Options &options, std::string version);

  // Opens the file. Errc::usage when it is an image or a board file, or cannot be added to.
  void begin(const config::Config &config);
  void uses(PluginVersion plugin);
  void found(const ImageFiles &files);
  void found(const Target &target);
  void did(const FlashReport &report) { did_ = report; }

  [[nodiscard]] bool is_due() const { return file_.has_value(); }
  // Adds the line; observer is told when an earlier line was torn. At most once: later calls do
  // nothing. Errc::usage when it cannot be written.
  void write(int exit_code, const std::string &text, Observer &observer);
  // The same for a job that failed; if it cannot be written, observer is told.
  void write_failure(const Error &error, Observer &observer);

 private:
  const config::Options &options_;
  std::string version_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::optional<files::LineFile> file_;  // empty: not asked for, not begun, or written
  std::string board_;
  std::vector<PluginVersion> plugins_;
  std::vector<ImageFiles::Source> images_;
  ProbeInfo probe_;
  std::optional<Chip> chip_;  // and probe_ is known
  std::string family_;
  std::optional<FlashReport> did_;
};

}  // namespace flashhost
