// The verb list: what is installed and connected.
#include "flash/stop.hpp"
#include "verbs.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

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
  for (const NamedFamily &family : load_families(plugins, {})) {
    for (const Part &part : family.family->parts()) {
      throw_if_stopped(session.stop);
      for (const std::string &name : part_names(std::span(&part, 1))) {
        if (session.json != nullptr) {
          session.json->row("chip", {{"name", name},
                                     {"family", family.id},
                                     {"flash", std::to_string(part.chip.flash.size)},
                                     {"ram", std::to_string(part.chip.ram.size)}});
        } else {
          session.out.line(fmt::format("{:<14} {:<6} {:>9} flash {:>8} RAM", name, family.id,
                                       format_size(part.chip.flash.size),
                                       format_size(part.chip.ram.size)));
        }
      }
    }
  }
}

void list_probes(const Session &session, const PluginLoader &plugins) {
  bool any = false;
  const auto show = [&](const std::string &id, Transport &transport) {
    for (const ProbeDescription &probe : transport.list()) {
      any = true;
      if (session.json != nullptr) {
        session.json->row("probe", {{"transport", id},
                                    {"serial", probe.serial},
                                    {"product", probe.product},
                                    {"detail", probe.detail}});
      } else {
        session.out.line(
            fmt::format("{:<10} {:<26} {} {}", id, probe.serial, probe.product, probe.detail));
      }
    }
  };
  if (session.options.config) {
    const config::Config config = board(session);
    const Loaded<Transport> transport = plugins.transport(config.transport.plugin);
    transport.object->configure(config.transport.settings);
    show(transport.id, *transport.object);
  } else {
    for (const Loaded<Transport> &transport : plugins.transports()) {
      throw_if_stopped(session.stop);
      try {
        transport.object->configure(Settings());
        show(transport.id, *transport.object);
      } catch (const Error &error) {
        session.observer.message(Level::warning, fmt::format("{}: {}", transport.id, error.what()));
      }
    }
  }
  if (!any) session.observer.message(Level::info, "no probe is connected");
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
