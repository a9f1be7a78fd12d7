#include "job_report.hpp"

#include "files/files.hpp"
#include "json_lines.hpp"

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

void refuse_if_same(const fs::path &report, const fs::path &other, const char *what) {
  if (!is_same(report, other)) return;
  throw Error(Errc::usage, fmt::format("--report {}: this is {}", report.string(), what),
              "Name another file for the report.");
}

json about(const ImageFiles::Source &image) {
  const bool read = !image.sha256.empty();
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

JobReport::JobReport(const config::Options &options, std::string version)
    : options_(options), version_(std::move(version)) {}

void JobReport::begin(const config::Config &config) {
  board_ = config.board;
  for (const config::ImageConfig &image : config.images) {
    if (options_.verb == config::Verb::erase) break;
    images_.push_back({image.file.string(), 0, {}, {}, {}});
  }
  if (!options_.report) return;
  for (const fs::path &file : config.board_files) {
    refuse_if_same(*options_.report, file, "a board file");
  }
  for (const config::ImageConfig &image : config.images) {
    refuse_if_same(*options_.report, image.file, "an image");
  }
  file_.emplace(*options_.report);
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
  try {
    write(exit_code(error.code()), error.what(), observer);
  } catch (const Error &failure) {
    observer.message(Level::warning,
                     fmt::format("this job is not in the report: {}", failure.what()));
  }
}

}  // namespace flashhost
