#include "plugin_template.hpp"

#include "config/words.hpp"
#include "files/files.hpp"
#include "files/folder.hpp"
#include "files/output_file.hpp"
#include "gates/plugin_id.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <string_view>
#include <utility>

namespace flashhost {

namespace fs = std::filesystem;

namespace {

constexpr const char *source_folder_key = "CMAKE_HOME_DIRECTORY:INTERNAL=";
// The indentation of commands in a template's README.
constexpr const char *command_indent = "    ";
constexpr const char *prefix_option = " -DCMAKE_PREFIX_PATH=/where/flashhost/is";

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

char capital(char c) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}

// A name in C++ must not start with a digit.
bool starts_with_digit(const std::string &id) {
  return std::isdigit(static_cast<unsigned char>(id.front())) != 0;
}

std::string in_capitals(const std::string &id) {
  std::string name = starts_with_digit(id) ? "ID" : "";
  for (const char c : id) {
    if (is_plain(c)) name += capital(c);
  }
  return name;
}

std::string as_class(const std::string &id) {
  std::string name = starts_with_digit(id) ? "Id" : "";
  bool begins = true;
  for (const char c : id) {
    if (is_plain(c)) name += begins ? capital(c) : c;
    begins = !is_plain(c);
  }
  return name;
}

void replace_all(std::string &text, std::string_view from, const std::string &to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Quotes a path so that a shell takes it as one word.
std::string as_word(const fs::path &path) {
  std::string text = path.string();
  const bool plain = std::ranges::all_of(text, [](char c) {
    return is_plain(c) || std::string_view("/._-+").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  replace_all(text, "'", "'\\''");
  return "'" + text + "'";
}

// The source folder of the build tree that the file CMakeCache.txt belongs to.
fs::path source_of(const fs::path &build) {
  const Bytes bytes =
      files::read_file(build / "CMakeCache.txt", files::max_other_file_size, Errc::usage);
  const std::string text(bytes.begin(), bytes.end());
  const std::size_t at = text.find(source_folder_key);
  if (at == std::string::npos) return {};
  const std::size_t from = at + std::string_view(source_folder_key).size();
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

TemplateSource find_templates(const fs::path &executable) {
  const fs::path prefix = executable.parent_path().parent_path();
  std::error_code error;
  if (!fs::exists(prefix / "CMakeCache.txt", error)) {
    return {prefix / "share/flashhost/template", prefix, {}};
  }
  const fs::path source = source_of(prefix);
  if (source.empty()) return {prefix / "share/flashhost/template", prefix, {}};
  return {source / "sdk/template", prefix / "installed", prefix};
}

std::string with_id(std::string text, const std::string &id) {
  // All in one pass, since the id itself may contain one of these words.
  const std::array<std::pair<std::string_view, std::string>, 3> words{
      {{"acme", id}, {"Acme", as_class(id)}, {"ACME", in_capitals(id)}}};
  std::string done;
  for (std::size_t at = 0; at < text.size();) {
    const auto *word = std::ranges::find_if(
        words, [&](const auto &row) { return text.compare(at, row.first.size(), row.first) == 0; });
    if (word == words.end()) {
      done += text[at++];
    } else {
      done += word->second;
      at += word->first.size();
    }
  }
  return done;
}

std::vector<fs::path> make_plugin(const fs::path &templates, const config::NewPlugin &plugin) {
  if (!valid_plugin_id(plugin.id)) {
    throw Error(Errc::usage, fmt::format("{} is no id of a plugin", config::in_quotes(plugin.id)),
                std::string(plugin_id_rule));
  }
  const fs::path from = templates / plugin.kind;
  std::error_code error;
  if (!fs::is_directory(from, error)) {
    throw Error(Errc::usage, fmt::format("there is no template at {}", from.string()),
                "It comes with the development files: package flashhost-dev, component dev.");
  }
  const std::vector<fs::path> sources = files::files_below(from, Errc::usage);
  files::make_empty_folder(plugin.folder);
  std::vector<fs::path> made;
  try {
    for (const fs::path &source : sources) {
      const Bytes content =
          files::read_file(from / source, files::max_other_file_size, Errc::usage);
      const std::string text = with_id({content.begin(), content.end()}, plugin.id);
      const fs::path name = with_id(source.string(), plugin.id);
      if (name.has_parent_path()) files::make_folder(plugin.folder / name.parent_path());
      files::OutputFile(plugin.folder / name).commit(Bytes(text.begin(), text.end()));
      made.push_back(name);
    }
  } catch (...) {
    // A partly made plugin would prevent the next attempt.
    for (const fs::path &name : made) fs::remove(plugin.folder / name, error);
    throw;
  }
  return made;
}

std::vector<std::string> next_steps(const TemplateSource &source, const fs::path &folder,
                                    const std::string &readme) {
  const bool found_by_itself = source.prefix == "/usr" || source.prefix == "/usr/local";
  std::vector<std::string> steps;
  if (!source.build.empty()) {
    steps.push_back(fmt::format("cmake --install {} --prefix {}", as_word(source.build),
                                as_word(source.prefix)));
  }
  steps.push_back("cd " + as_word(folder));
  bool inside = false;
  std::istringstream lines(readme);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(command_indent)) {
      if (inside) break;
      continue;
    }
    inside = true;
    std::string step = line.substr(std::string_view(command_indent).size());
    replace_all(step, prefix_option,
                found_by_itself ? "" : " -DCMAKE_PREFIX_PATH=" + as_word(source.prefix));
    if (!found_by_itself) {
      const std::string program = as_word(source.prefix / "bin/flashhost") + " ";
      if (step.starts_with("flashhost ")) step.replace(0, step.find(' ') + 1, program);
      replace_all(step, " -- flashhost ", " -- " + program);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace flashhost
