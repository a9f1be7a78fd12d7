#include "images/image_files.hpp"

#include "files/files.hpp"
#include "files/sha256.hpp"
#include "flash/stop.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace flashhost {

namespace {

constexpr std::size_t head_size = 4096;

std::string extension_of(const std::filesystem::path &file) {
  std::string extension = file.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

Loaded<Format> recognise(const PluginLoader &plugins, const std::filesystem::path &file,
                         const Bytes &content) {
  const auto head = std::span(content).first(std::min(content.size(), head_size));
  Loaded<Format> best;
  int best_score = 0;
  std::string asked;
  for (Loaded<Format> &format : plugins.formats()) {
    asked += (asked.empty() ? "" : ", ") + format.id;
    const int score = format.object->recognises(extension_of(file), head);
    if (score > best_score) {
      best_score = score;
      best = std::move(format);
    }
  }
  if (best.object == nullptr) {
    throw Error(
        Errc::image,
        fmt::format("{}: no format plugin recognises it (asked: {})", file.string(), asked),
        "Name the format in the board file: image.format. For a raw binary that is \"bin\", "
        "with image.address.");
  }
  return best;
}

ImageFile load_file(const PluginLoader &plugins, const config::ImageConfig &config,
                    const std::stop_token &stop) {
  const Bytes content = files::read_file(config.file, files::max_image_file_size, Errc::image);
  if (config.sha256) {
    const std::string found = files::sha256(content);
    if (found != *config.sha256) {
      throw Error(Errc::image,
                  fmt::format("{}: its SHA-256 is {}, but {} pins {}", config.file.string(), found,
                              config.where, *config.sha256),
                  "This is not the file that the board file was written for. Use that one, or "
                  "update image.sha256.");
    }
  }
  const Loaded<Format> format =
      config.format ? plugins.format(*config.format) : recognise(plugins, config.file, content);
  format.object->configure(config.settings);
  ParsedFile parsed;
  try {
    parsed = format.object->parse(content, {config.address, stop});
  } catch (const Error &error) {
    if (error.code() == Errc::interrupted) throw;
    throw error.in(config.file.string()).see(Cause::bad_input);
  }
  if (parsed.segments.empty()) {
    throw Error(
        Errc::image,
        fmt::format("{}: it holds no data: nothing would be written", config.file.string()),
        "Most likely its build failed or was cut off, or the wrong sections were selected (objcopy "
        "-j). Build it again, or remove it from the images.")
        .see(Cause::bad_input);
  }
  return {config.file.filename().string(), std::move(parsed)};
}

}  // namespace

Image load_image(const PluginLoader &plugins, const config::Config &config,
                 const std::vector<std::string> &files, const std::stop_token &stop) {
  std::vector<config::ImageConfig> wanted = config.images;
  if (!files.empty()) {
    wanted.clear();
    for (const std::string &file : files) wanted.push_back(config::command_line_image(file));
  }
  if (wanted.empty()) {
    throw Error(Errc::usage, "there is no image to work with",
                "Name a file on the command line, or add an [[image]] to the board file.");
  }
  std::vector<ImageFile> parsed;
  parsed.reserve(wanted.size());
  for (const config::ImageConfig &image : wanted) {
    throw_if_stopped(stop);
    parsed.push_back(load_file(plugins, image, stop));
  }
  return merge(std::move(parsed), stop);
}

std::optional<Loaded<Format>> output_format(const PluginLoader &plugins,
                                            const std::filesystem::path &file) {
  const std::string extension = extension_of(file);
  if (extension.empty()) return std::nullopt;
  std::optional<Loaded<Format>> best;
  int best_score = 0;
  for (Loaded<Format> &format : plugins.formats()) {
    const int score = format.object->recognises(extension, {});
    if (score <= best_score) continue;
    best_score = score;
    best = std::move(format);
  }
  if (best && best->object->writer() == nullptr) {
    throw Error(
        Errc::usage,
        fmt::format("{}: the format {} can be read, but not written", file.string(), best->id),
        "Give the file another extension: .hex for Intel HEX, .bin for a raw binary.");
  }
  return best;
}

}  // namespace flashhost
