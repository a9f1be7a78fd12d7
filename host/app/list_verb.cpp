// The verb list: what is installed and connected.
#include "flash/stop.hpp"
#include "output/harmless.hpp"
#include "probe_choice.hpp"
#include "verbs.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace flashhost {

namespace {

void list_plugins(const Session &session, const PluginLoader &plugins) {
  for (const PluginRow &row : plugins.list()) {
    const std::string name =
        row.name.id.empty() ? row.file.filename().string()
                            : fmt::format("{:<10} {:<10}", kind_name(row.name.kind), row.name.id);
    if (session.json != nullptr) {
      session.json->row("plugin",
                        {{"file", row.file.string()},
                         {"kind", row.name.id.empty() ? "" : std::string(kind_name(row.name.kind))},
                         {"id", row.name.id},
                         {"version", row.version},
                         {"summary", row.summary},
                         {"problem", row.problem}});
    } else if (row.problem.empty()) {
      session.out.line(fmt::format("{} {:<7} {}", name, row.version, row.summary));
    } else {
      session.out.line(fmt::format("{} refused: {}", name, row.problem));
      if (!row.remedy.empty()) session.out.line(fmt::format("{:21} {}", "", row.remedy));
    }
  }
}

void list_chips(const Session &session, const PluginLoader &plugins) {
  bool any = false;
  const bool named = !session.options.changes.overrides.empty();
  const auto wanted = named ? board(session).family : config::FamilyConfig();
  for (const NamedFamily &family : load_families(plugins, wanted)) {
    for (const Part &part : family.family->parts()) {
      throw_if_stopped(session.stop);
      for (const std::string &name : part_names(std::span(&part, 1))) {
        if (!contains(name, session.options.text)) continue;
        any = true;
        if (session.json != nullptr) {
          session.json->row("chip", {{"name", name},
                                     {"family", family.id},
                                     {"flash_bytes", part.chip.flash.size},
                                     {"ram_bytes", part.chip.ram.size}});
        } else {
          session.out.line(fmt::format("{:<14} {:<6} {:>9} flash {:>8} RAM", name, family.id,
                                       format_size(part.chip.flash.size),
                                       format_size(part.chip.ram.size)));
        }
      }
    }
  }
  if (!any) {
    session.observer.message(
        Level::info, fmt::format("no chip's name contains \"{}\"", harmless(session.options.text)));
  }
}

void list_probes(const Session &session, const PluginLoader &plugins) {
  const config::TransportConfig wanted = board(session).transport;
  std::vector<FoundProbe> found = ProbeFinder(plugins, wanted, session).find();
  if (!wanted.plugin) {
    std::erase_if(found, [](const FoundProbe &probe) { return probe.description.simulated; });
  }
  for (const auto &[transport, probe] : found) {
    const std::string port = probe.usb.empty() ? "" : "usb:" + probe.usb;
    std::string holder;
    if (!probe.node.empty()) {
      if (const auto user = files::user_of(probe.node)) holder = to_text(*user);
    }
    if (session.json != nullptr) {
      session.json->row("probe", {{"transport", transport.id},
                                  {"serial", probe.serial},
                                  {"usb", probe.usb},
                                  {"product", probe.product},
                                  {"detail", probe.detail},
                                  {"problem", probe.problem},
                                  {"holder", holder}});
    } else {
      std::string about = probe.product;
      if (!probe.detail.empty()) about += ", " + probe.detail;
      if (!probe.problem.empty()) about += ": " + probe.problem;
      if (!holder.empty()) about += ", in use: " + harmless(holder);
      session.out.line(
          fmt::format("{:<10} {:<26} {:<10} {}", transport.id, probe.serial, port, about));
    }
  }
  if (found.empty()) session.observer.message(Level::info, "no probe is connected");
}

}  // namespace

void run_list(const Session &session) {
  const PluginLoader plugins = plugin_loader(session);
  switch (session.options.list) {
    case config::ListSubject::plugins:
      return list_plugins(session, plugins);
    case config::ListSubject::chips:
      return list_chips(session, plugins);
    case config::ListSubject::probes:
      return list_probes(session, plugins);
  }
}

}  // namespace flashhost
