// Makes a folder for a new plugin: a copy of one of the SDK's templates under the plugin's own
// name.
#pragma once

#include "config/cli.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost {

// Where this program's templates are, and where CMake finds flashhost's package.
struct TemplateSource {
  std::filesystem::path templates;  // a folder for each kind
  std::filesystem::path prefix;  // of the installed package, or where a build tree will install it
  std::filesystem::path build;   // not empty: the program runs from this build tree
};
[[nodiscard]] TemplateSource find_templates(const std::filesystem::path &executable);

// The templates are written for a plugin called acme: replaces that name by the id. acme becomes
// the id; ACME and Acme the id in capitals and as a class name, both without '-' and '_': "my-chip"
// is MYCHIP and MyChip, "8051" is ID8051 and Id8051.
[[nodiscard]] std::string with_id(std::string text, const std::string &id);

// Returns the files that were made. Errc::usage when the id is not valid, when the folder already
// contains something, or when there is no template.
[[nodiscard]] std::vector<std::filesystem::path> make_plugin(const std::filesystem::path &templates,
                                                             const config::NewPlugin &plugin);

// The commands that build and try the plugin, one per element: the first block of commands in its
// README, with this folder and this installation in place of /where/flashhost/is and flashhost.
[[nodiscard]] std::vector<std::string> next_steps(const TemplateSource &source,
                                                  const std::filesystem::path &folder,
                                                  const std::string &readme);

}  // namespace flashhost
