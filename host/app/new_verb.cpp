// Begins a plugin.
#include "plugin_template.hpp"
#include "verb_tools.hpp"

#include <fmt/format.h>

namespace flashhost {

void run_new(const Surroundings &around) {
  const config::NewPlugin &plugin = *around.options.plugin;
  const TemplateSource source = find_templates(std::filesystem::read_symlink("/proc/self/exe"));
  around.begin_work();
  const auto made = make_plugin(source.templates, plugin);
  const std::string text = fmt::format("the {} {}, {} files in {}", plugin.kind, plugin.id,
                                       made.size(), plugin.folder.string());
  const std::vector<std::string> steps = next_steps(source, plugin.folder, plugin.kind);
  if (around.json != nullptr) {
    for (const std::string &step : steps) around.json->row("next", {{"command", step}});
    return done(around, "new", text);
  }
  around.out.line(text + ". It works as it stands, with a simulated board:");
  around.out.line("");
  for (const std::string &step : steps) around.out.line("    " + step);
  around.out.line("");
  around.out.line("Its README.md says what is in which file, and which guide goes with it.");
}

}  // namespace flashhost
