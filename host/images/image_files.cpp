#include "images/image_files.hpp"

#include "files/files.hpp"
#include "files/sha256.hpp"
#include "flash/stop.hpp"
#include "output/harmless.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

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

std::string path_of(const config::ImageConfig &config) {
  return config.file.string();
}

// The format that is surest; a file with an address, which none recognises, can only be of the one
// that needs an address.
Loaded<Format> recognise(const PluginLoader &plugins, const config::ImageConfig &config,
                         const Bytes &content) {
  const auto head = std::span(content).first(std::min(content.size(), head_size));
  Loaded<Format> best;
  int best_score = 0;
  std::vector<Loaded<Format>> raw;
  std::string asked;
  for (Loaded<Format> &format : plugins.formats()) {
    asked += (asked.empty() ? "" : ", ") + format.id;
    const int score = format.object->recognises(extension_of(config.file), head);
    if (score > best_score) {
      best_score = score;
      best = format;
    }
    if (format.object->needs_address()) raw.push_back(std::move(format));
  }
  if (best.object == nullptr && config.address && raw.size() == 1) best = std::move(raw.front());
  if (best.object == nullptr) {
    throw Error(
        Errc::image,
        fmt::format("{}: none of the installed formats ({}) recognises it", path_of(config), asked),
        raw.empty() ? "Name its format: --format, or image.format in the board file."
                    : fmt::format("If it is a raw binary, name its address: {}@0x08000000. "
                                  "Otherwise name its format: --format, or image.format in "
                                  "the board file.",
                                  config.file.filename().string()));
  }
  return best;
}

Bytes read_content(const config::ImageConfig &config) {
  try {
    return files::read_file(config.file, files::max_image_file_size, Errc::image);
  } catch (const Error &error) {
    // Typed as a verb, perhaps.
    if (config.where != config::command_line ||
        path_of(config).find_first_of("./") != std::string::npos)
      throw;
    throw Error(error.code(), error.what(),
                fmt::format("\"{}\" is no verb, either: `flashhost --help` shows them.",
                            harmless(path_of(config))))
        .see(error.cause());
  }
}

void check_pin(const config::ImageConfig &config, const std::string &sha256) {
  if (!config.sha256 || sha256 == *config.sha256) return;
  throw Error(Errc::image,
              fmt::format("{}: its SHA-256 is {}, but {} pins {}", path_of(config), sha256,
                          config.where, *config.sha256),
              "This is not the file that the board file was written for. Use that one, or "
              "update image.sha256.");
}

ParsedFile parse(const Format &format, const config::ImageConfig &config, const Bytes &content,
                 std::optional<std::uint32_t> address, const std::stop_token &stop) {
  ParsedFile parsed;
  try {
    parsed = format.parse(content, {address, stop});
  } catch (const Error &error) {
    if (error.code() == Errc::interrupted) throw;
    throw error.in(path_of(config)).see(Cause::bad_input);
  }
  if (parsed.segments.empty()) {
    throw Error(
        Errc::image, fmt::format("{}: it holds no data: nothing would be written", path_of(config)),
        "Most likely its build failed or was cut off, or the wrong sections were selected (objcopy "
        "-j). Build it again, or remove it from the images.")
        .see(Cause::bad_input);
  }
  return parsed;
}

}  // namespace

ImageFiles::ImageFiles(const PluginLoader &plugins, const config::Config &config,
                       std::stop_token stop, bool for_report)
    : for_report_(for_report), stop_(std::move(stop)) {
  if (config.images.empty()) {
    throw Error(Errc::usage, "no firmware file is named",
                "Name it: flashhost app.elf; or add an [[image]] to the board file. `flashhost "
                "--help` shows all verbs and options.");
  }
  files_.reserve(config.images.size());
  for (const config::ImageConfig &image : config.images) {
    throw_if_stopped(stop_);
    load(plugins, image);
  }
  if (waiting_.empty()) image_ = merge(std::move(files_), stop_);
}

void ImageFiles::load(const PluginLoader &plugins, const config::ImageConfig &config) {
  Bytes content = read_content(config);
  std::string sha256;
  if (for_report_ || config.sha256) sha256 = files::sha256(content);
  check_pin(config, sha256);
  const Loaded<Format> format =
      config.format ? plugins.format(*config.format) : recognise(plugins, config, content);
  format.object->configure(config.settings);
  sources_.push_back(
      {path_of(config), content.size(), std::move(sha256), format.id, format.version});
  files_.push_back({config.file.filename().string(), {}});
  if (config.address || !format.object->needs_address()) {
    ParsedFile &parsed = files_.back().content;
    parsed = parse(*format.object, config, content, config.address, stop_);
    if (!parsed.made_for.empty()) made_for_.push_back({path_of(config), parsed.made_for});
  } else {
    waiting_.push_back({files_.size() - 1, config, std::move(content), format});
  }
}

void ImageFiles::check_made_for(const std::string &chip,
                                const std::vector<std::string> &names) const {
  for (const MadeFor &file : made_for_) {
    const auto fits = [&](const std::string &name) { return begins_with(name, file.chips); };
    if (fits(chip) || std::any_of(names.begin(), names.end(), fits)) continue;
    throw Error(Errc::image,
                fmt::format("{}: it says that it is for {}, but the chip is {}", file.file,
                            file.chips, chip),
                "Take the file that was built for this chip, or look whether the right board is "
                "connected.")
        .see(Cause::wrong_chip);
  }
}

const Image &ImageFiles::image(const Chip &chip, Observer &observer) {
  place(chip.flash, observer);
  std::vector<FlashAlias> touched;
  for (const FlashAlias &alias : chip.aliases) {
    if (image_.touches(alias.range)) touched.push_back(alias);
  }
  if (touched.empty()) return image_;
  moved_ = without_aliases(image_, chip);
  if (aliases_ == touched) return moved_;
  aliases_ = touched;
  for (const FlashAlias &alias : touched) {
    observer.message(
        Level::info,
        fmt::format("{} is the same memory as {}: what the image has there goes to {}",
                    format_range(alias.range), format_range({alias.address, alias.range.size}),
                    hex(alias.address)));
  }
  return moved_;
}

void ImageFiles::place(const MemoryRange &flash, Observer &observer) {
  if (waiting_.empty() || start_ == flash.address) return;
  for (const Waiting &file : waiting_) {
    files_[file.index].content =
        parse(*file.format.object, file.config, file.bytes, flash.address, stop_);
    observer.message(Level::info,
                     fmt::format("{} says no address: it goes to the start of the flash, {} "
                                 "({}@ADDRESS names another)",
                                 harmless(path_of(file.config)), hex(flash.address),
                                 harmless(file.config.file.filename().string())));
  }
  image_ = merge(files_, stop_);
  start_ = flash.address;
}

std::optional<Loaded<Format>> output_format(const PluginLoader &plugins,
                                            const std::filesystem::path &file,
                                            const std::string &id) {
  std::optional<Loaded<Format>> best;
  std::string writable;
  if (!id.empty()) {
    best = plugins.format(id);
  } else {
    const std::string extension = extension_of(file);
    if (extension.empty()) return std::nullopt;
    int best_score = 0;
    for (Loaded<Format> &format : plugins.formats()) {
      if (format.object->writer() != nullptr)
        writable += (writable.empty() ? "" : ", ") + format.id;
      const int score = format.object->recognises(extension, {});
      if (score <= best_score) continue;
      best_score = score;
      best = std::move(format);
    }
    if (!best) {
      throw Error(Errc::usage,
                  fmt::format("{}: no format has the extension .{}", file.string(), extension),
                  fmt::format("Name the format with --format: {}; or give the file another "
                              "extension, such as .hex or .bin.",
                              writable));
    }
  }
  if (best->object->writer() == nullptr) {
    throw Error(
        Errc::usage,
        fmt::format("{}: the format {} can be read, but not written", file.string(), best->id),
        "Give the file another extension, such as .hex for Intel HEX or .bin for a raw "
        "binary.");
  }
  best->object->configure({});
  return best;
}

}  // namespace flashhost
