// What is written about a job at its end. --report, for who keeps a log of a production: one JSON
// object in a line of its file (docs/report.md). --timeline, for who asks where the time goes: a
// file of its own (docs/timeline.md).
#pragma once

#include "config/cli.hpp"
#include "config/config.hpp"
#include "files/line_file.hpp"
#include "files/output_file.hpp"
#include "flash/flash_job.hpp"
#include "flash/target.hpp"
#include "images/image_files.hpp"
#include "timeline/recorder.hpp"

#include <flashhost/error.hpp>

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <vector>

namespace flashhost {

struct PluginVersion {
  std::string kind, id, version;
};

// Gets to know what the verbs find, and is written at the end. Without those options it writes
// nothing.
// [one thread]
class JobReport {
 public:
  // options and recorder must outlive it. version: of flashhost.
  JobReport(const config::Options &options, std::string version, timeline::Recorder &recorder);

  // Opens the files. Errc::usage when one is an image or a board file, or cannot be written.
  void begin(const config::Config &config);
  void uses(PluginVersion plugin);
  void found(const ImageFiles &files);
  void found(const Target &target);
  // The probe is open. Where to record to; null: no timeline is asked for.
  [[nodiscard]] timeline::Recorder *begin_timeline();
  void did(const FlashReport &report) { did_ = report; }

  [[nodiscard]] bool is_due() const { return file_.has_value() || !timelines_.empty(); }
  // Writes the timelines and adds the line; observer is told when an earlier line was torn. Each at
  // most once: later calls do nothing. Errc::usage when one cannot be written.
  void write(int exit_code, const std::string &text, Observer &observer);
  // The same for a job that failed; what cannot be written is told to observer.
  void write_failure(const Error &error, Observer &observer);

 private:
  struct TimelineFile {
    explicit TimelineFile(const std::filesystem::path &file) : name(file), output(file) {}
    std::filesystem::path name;
    files::OutputFile output;
  };

  void open_report(const config::Config &config);
  [[nodiscard]] std::list<TimelineFile> open_timelines(const config::Config &config) const;
  void write_timelines(int exit_code);
  void write_line(int exit_code, const std::string &text, Observer &observer);
  [[nodiscard]] Bytes content_for(const std::filesystem::path &timeline, int exit_code) const;

  const config::Options &options_;
  std::string version_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::optional<files::LineFile> file_;  // empty: not asked for, not begun, or written
  std::list<TimelineFile> timelines_;    // the same
  timeline::Recorder &recorder_;
  std::optional<Nanoseconds> before_;  // from start_ until the probe was open; empty: it is not
  std::string board_;
  std::vector<PluginVersion> plugins_;
  std::vector<ImageFiles::Source> images_;
  ProbeInfo probe_;
  std::optional<Chip> chip_;  // and probe_ is known
  std::string family_;
  std::optional<FlashReport> did_;
};

}  // namespace flashhost
