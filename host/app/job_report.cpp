#include "job_report.hpp"

#include "files/files.hpp"
#include "json_lines.hpp"
#include "timeline/text.hpp"

#include <flashhost/text.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace flashhost {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Also where there is no file yet.
bool is_same(const fs::path &a, const fs::path &b) {
  return fs::absolute(a).lexically_normal() == fs::absolute(b).lexically_normal() ||
         files::same_file(a, b);
}

void refuse_if_same(const char *option, const fs::path &file, const fs::path &other,
                    const char *what) {
  if (!is_same(file, other)) return;
  throw Error(Errc::usage, fmt::format("{} {}: this is {}", option, file.string(), what),
              "Name another file.");
}

// Also those that the command line names for nothing: better no job than a lost file.
void refuse_input(const char *option, const fs::path &file, const config::Config &config) {
  for (const fs::path &other : config.board_files) {
    refuse_if_same(option, file, other, "a board file");
  }
  for (const config::ImageConfig &image : config.images) {
    refuse_if_same(option, file, image.file, "an image");
  }
}

json about(const ImageFiles::Source &image) {
  const bool read = !image.format.empty();
  return {{"file", image.file},
          {"bytes", read ? json(image.bytes) : json(nullptr)},
          {"sha256", image.sha256},
          {"format", image.format}};
}

json about(const PluginVersion &plugin) {
  return {{"kind", plugin.kind}, {"id", plugin.id}, {"version", plugin.version}};
}

json about(const FlashReport &report) {
  return {{"image_bytes", report.image_bytes},
          {"programmed_bytes", report.programmed_bytes},
          {"put_back_bytes", report.put_back_bytes},
          {"erased_sectors", report.erased_sectors},
          {"kept_sectors", report.kept_sectors},
          {"mass_erase", report.mass_erase},
          {"unlocked", report.unlocked},
          {"passes", report.passes},
          {"verified", verify_name(report.verified)}};
}

template <class List>
json about_each(const List &list) {
  json all = json::array();
  for (const auto &one : list) all.push_back(about(one));
  return all;
}

}  // namespace

JobReport::JobReport(const config::Options &options, std::string version,
                     timeline::Recorder &recorder)
    : options_(options), version_(std::move(version)), recorder_(recorder) {}

void JobReport::begin(const config::Config &config) {
  board_ = config.board;
  for (const config::ImageConfig &image : config.images) {
    if (options_.verb == config::Verb::erase) break;
    images_.push_back({image.file.string(), 0, {}, {}, {}});
  }
  std::list<TimelineFile> timelines = open_timelines(config);
  open_report(config);
  timelines_ = std::move(timelines);  // only now: a job that has not begun has none
}

void JobReport::open_report(const config::Config &config) {
  if (!options_.report) return;
  refuse_input("--report", *options_.report, config);
  file_.emplace(*options_.report);
}

std::list<JobReport::TimelineFile> JobReport::open_timelines(const config::Config &config) const {
  constexpr const char *option = "--timeline";
  std::list<TimelineFile> timelines;
  for (const fs::path &file : options_.timelines) {
    refuse_input(option, file, config);
    if (options_.report) refuse_if_same(option, file, *options_.report, "the file of --report");
    if (options_.output) refuse_if_same(option, file, *options_.output, "the file of -o");
    for (const TimelineFile &other : timelines) {
      refuse_if_same(option, file, other.name, "named twice");
    }
    timelines.emplace_back(file);
  }
  return timelines;
}

timeline::Recorder *JobReport::begin_timeline() {
  if (timelines_.empty()) return nullptr;
  before_ = std::chrono::steady_clock::now() - start_;
  return &recorder_;
}

void JobReport::uses(PluginVersion plugin) {
  const auto is_known = [&](const PluginVersion &known) {
    return known.kind == plugin.kind && known.id == plugin.id;
  };
  if (std::ranges::none_of(plugins_, is_known)) plugins_.push_back(std::move(plugin));
}

void JobReport::found(const ImageFiles &files) {
  images_ = files.sources();
  for (const ImageFiles::Source &image : images_) {
    uses({"format", image.format, image.format_version});
  }
}

void JobReport::found(const Target &target) {
  probe_ = target.probe_info();
  chip_ = target.chip();
  family_ = target.family_id();
  uses({"family", target.family_id(), target.family_version()});
}

void JobReport::write(int exit_code, const std::string &text, Observer &observer) {
  write_timelines(exit_code);
  write_line(exit_code, text, observer);
}

void JobReport::write_timelines(int exit_code) {
  while (!timelines_.empty()) {
    std::list<TimelineFile> one;
    one.splice(one.begin(), timelines_, timelines_.begin());
    one.front().output.commit(content_for(one.front().name, exit_code));
  }
}

Bytes JobReport::content_for(const fs::path &timeline, int exit_code) const {
  timeline::About job;
  job.flashhost = version_;
  job.verb = config::name_of(options_.verb);
  job.exit_code = exit_code;
  job.before = before_.value_or(std::chrono::steady_clock::now() - start_);
  if (chip_) {
    job.chip = chip_->name;
    job.probe = probe_.product;
    job.firmware = probe_.firmware;
    job.swd_hz = probe_.speed_hz;
  }
  std::string text;
  if (timeline.extension() == ".svg") {
    text = timeline::to_svg(recorder_.timeline(), job);
  } else {
    json object = timeline::to_json(recorder_.timeline(), job);
    object["plugins"] = about_each(plugins_);
    object["flash"] = did_ ? about(*did_) : json(nullptr);
    text = json_text(object) + "\n";
  }
  return {text.begin(), text.end()};
}

void JobReport::write_line(int exit_code, const std::string &text, Observer &observer) {
  if (!file_) return;
  files::LineFile file = std::move(*file_);
  file_.reset();
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
  json line{{"event", "job"},
            {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now))},
            {"seconds", took.count()},
            {"flashhost", version_},
            {"verb", config::name_of(options_.verb)},
            {"board", board_},
            {"probe", nullptr},
            {"chip", nullptr},
            {"images", about_each(images_)},
            {"plugins", about_each(plugins_)},
            {"flash", did_ ? about(*did_) : json(nullptr)},
            {"flash_state", name(observer.flash.get())},
            {"exit_code", exit_code},
            {"text", text}};
  if (chip_) {
    line["probe"] = {
        {"product", probe_.product}, {"serial", probe_.serial}, {"firmware", probe_.firmware}};
    line["chip"] = {{"name", chip_->name},
                    {"family", family_},
                    {"device_id", chip_->device_id},
                    {"revision", chip_->revision},
                    {"unique_id", hex_bytes(chip_->unique_id)}};
    if (!chip_->has_device_id()) line["chip"]["device_id"] = line["chip"]["revision"] = nullptr;
  }
  if (file.append(json_text(line)) == files::LineFile::Before::torn) {
    observer.message(Level::warning,
                     fmt::format("the last line of {} was not complete, as after a crash or on a "
                                 "full disk: it stays so, and the report of this job begins a new "
                                 "line",
                                 options_.report.value_or("").string()));
  }
}

void JobReport::write_failure(const Error &error, Observer &observer) {
  const int code = exit_code(error.code());
  while (!timelines_.empty()) {
    try {
      write_timelines(code);
    } catch (const Error &failure) {
      observer.message(Level::warning, fmt::format("this job has no timeline: {}", failure.what()));
    }
  }
  try {
    write_line(code, error.what(), observer);
  } catch (const Error &failure) {
    observer.message(Level::warning,
                     fmt::format("this job is not in the report: {}", failure.what()));
  }
}

}  // namespace flashhost
