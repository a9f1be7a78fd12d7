// The verb new: makes a folder with a new plugin.
#include "files/files.hpp"
#include "plugin_template.hpp"
#include "verbs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace flashhost {

void run_new(const Session &session) {
  const config::NewPlugin plugin = session.options.plugin.value_or(config::NewPlugin{});
  const TemplateSource source = find_templates(std::filesystem::read_symlink("/proc/self/exe"));
  session.begin_work();
  const auto made = make_plugin(source.templates, plugin);
  const std::string text = fmt::format("the {} {}, {} files in {}", plugin.kind, plugin.id,
                                       made.size(), plugin.folder.string());
  const Bytes readme =
      files::read_file(plugin.folder / "README.md", files::max_other_file_size, Errc::usage);
  const std::vector<std::string> steps =
      next_steps(source, plugin.folder, {readme.begin(), readme.end()});
  if (session.json != nullptr) {
    for (const std::string &step : steps) session.json->row("next", {{"command", step}});
    return session.json->done("new", text);
  }
  session.out.line(text + ". It works as it stands, with a simulated board:");
  session.out.line("");
  for (const std::string &step : steps) session.out.line("    " + step);
  session.out.line("");
  session.out.line("Its README.md says what is in which file, and which guide goes with it.");
}

}  // namespace flashhost
