// A folder to begin a plugin in: a copy of one of the SDK's templates under the plugin's own name.
#pragma once

#include "config/cli.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost {

// Where this program's templates are, and where CMake finds its package.
struct TemplateSource {
  std::filesystem::path templates;  // a folder for each kind
  std::filesystem::path prefix;     // of the installed package; in a build tree: where to install
  std::filesystem::path build;      // not empty: the program runs from this build tree
};
[[nodiscard]] TemplateSource find_templates(const std::filesystem::path &executable);

// The templates are written for a plugin called acme: the text with another id in its place. acme:
// the id. ACME and Acme: in capitals, and as a class is named, both without '-' and '_': "my-chip"
// is MYCHIP and MyChip, "8051" is ID8051 and Id8051.
[[nodiscard]] std::string with_id(std::string text, const std::string &id);

// The files that were made. Errc::usage when the id is none, when there is something in the folder
// already, or when there is no template.
[[nodiscard]] std::vector<std::filesystem::path> make_plugin(const std::filesystem::path &templates,
                                                             const config::NewPlugin &plugin);

// The commands that build and try it, one a line. A transport is tried with its server.
[[nodiscard]] std::vector<std::string> next_steps(const TemplateSource &source,
                                                  const std::filesystem::path &folder,
                                                  const std::string &kind);

}  // namespace flashhost
