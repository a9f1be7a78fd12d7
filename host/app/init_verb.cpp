// The verb init: writes a board file for what is connected.
#include "board_file_text.hpp"
#include "consent.hpp"
#include "files/output_file.hpp"
#include "output/harmless.hpp"
#include "probe_choice.hpp"
#include "verbs.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace flashhost {

namespace {

namespace fs = std::filesystem;

void name_probe(config::TransportConfig &transport, const FoundProbe &probe, NamedBy by) {
  const ProbeDescription &description = probe.description;
  transport.plugin = probe.transport.id;
  transport.serial.reset();
  transport.usb.reset();
  if (by == NamedBy::serial) transport.serial = description.serial;
  if (by == NamedBy::usb) transport.usb = description.usb;
}

std::string remark_on(const FoundProbe &probe, NamedBy by) {
  switch (by) {
    case NamedBy::serial:
      return "This one and no other. Without this line: the only one that is plugged in.";
    case NamedBy::usb:
      return fmt::format("The one at this USB port, since {}.",
                         probe.description.serial.empty()
                             ? "it has no serial number"
                             : fmt::format("another probe has its serial number {}, too",
                                           probe.description.serial));
    case NamedBy::transport:
      break;
  }
  return "Nothing tells it from others of its kind: it has to be the only one.";
}

// Of several probes the one that the user means; with --yes connecting names them.
void choose_probe(const PluginLoader &plugins, config::TransportConfig &transport,
                  const Session &session) {
  ProbeFinder finder(plugins, transport, session);
  const std::vector<FoundProbe> all = finder.find();
  const std::vector<FoundProbe> fitting = finder.fitting(all);
  if (fitting.size() < 2 || session.options.yes) return;
  std::vector<std::string> choices;
  choices.reserve(fitting.size());
  for (const auto &[plugin, probe] : fitting) {
    choices.push_back(fmt::format("{} {}{}{}", probe.product, probe.serial,
                                  probe.usb.empty() ? "" : " at usb:" + probe.usb,
                                  probe.problem.empty() ? "" : ": " + probe.problem));
  }
  const FoundProbe &chosen = fitting[ask_which(session, "Which probe", choices, Proposal::none)];
  name_probe(transport, chosen, named_by(chosen, all));
}

// The probe that was used, in words of the board file. A port that was asked for stays.
void describe_probe(const PluginLoader &plugins, BoardFacts &facts, const Session &session) {
  config::TransportConfig &transport = facts.config.transport;
  ProbeFinder finder(plugins, transport, session);
  const std::vector<FoundProbe> all = finder.find();
  const std::vector<FoundProbe> fitting = finder.fitting(all);
  if (fitting.size() != 1) {
    throw Error(Errc::probe, "the probes that are plugged in have changed meanwhile",
                "No board file was written: run it again.");
  }
  const FoundProbe &probe = fitting.front();
  const NamedBy by = named_by(probe, all);
  const bool stays_at_port = transport.usb && by == NamedBy::serial;
  facts.probe = probe.description.product;
  facts.probe_remark =
      stays_at_port ? "Whichever is plugged in at this USB port." : remark_on(probe, by);
  name_probe(transport, probe, stays_at_port ? NamedBy::usb : by);
}

void choose_chip(const ChipNames &names, BoardFacts &facts, const Session &session) {
  std::optional<std::string> &chip = facts.config.family.chip;
  facts.chip_remark = names.remark;
  if (!names.common.empty()) chip = names.common;
  if (names.parts.size() < 2 && chip) return;
  if (names.parts.empty()) return;
  std::vector<std::string> choices = names.parts;
  choices.insert(choices.begin(), chip ? *chip + ": leave it at that" : "leave it open");
  const std::size_t place =
      ask_which(session, "Which chip is on the board", choices, Proposal::first);
  if (place == 0) return;
  chip = choices[place];
  facts.chip_remark.clear();
}

// As it stands in a board file in this folder.
std::string path_from(const fs::path &folder, const fs::path &file) {
  const bool moves = file.is_relative() && !folder.empty();
  return config::literal_path(moves ? fs::proximate(file, folder).string() : file.string());
}

std::optional<config::FileArgument> choose_image(const Session &session) {
  const auto &named = session.options.board_file.image;
  if (named) return named;
  const std::string answer = ask(session, "Firmware file (may be left out)", "");
  if (answer.empty()) return std::nullopt;
  return config::parse_file_argument(answer);
}

std::string how_to_use(const fs::path &file, bool has_image) {
  const std::string option =
      file == config::default_board_file ? "" : fmt::format(" -c {}", harmless(file.string()));
  return fmt::format("`flashhost{}{}` uses it", option, has_image ? "" : " FILE");
}

}  // namespace

void run_init(const Session &session) {
  const fs::path &file = session.options.board_file.file;
  require_answers(session);
  session.begin_work();
  files::OutputFile output(file, files::Older::refused);
  BoardFacts facts;
  config::Config &config = facts.config;
  // Paths among a plugin's settings start from the new file's folder.
  config = config::parse_config("", file.string(), file.parent_path(), session.options.changes);
  session.report.begin(config);
  const bool chip_is_given = config.family.chip.has_value();

  const PluginLoader plugins = plugin_loader(session);
  choose_probe(plugins, config.transport, session);
  ChipNames names;
  {
    const auto target = connect_target(plugins, config, session);
    const Chip &chip = target->chip();
    facts.chip = chip.name;
    config.family.plugin = target->family_id();
    names = chip_names(chip, target->family().parts(),
                       config.family.flash_size ? FlashSize::given : FlashSize::found);
    describe_probe(plugins, facts, session);
    target->release();
  }
  if (chip_is_given) {
    config.family.chip = facts.chip;
  } else {
    choose_chip(names, facts, session);
  }
  const std::string chip = config.family.chip.value_or(facts.chip);
  if (config.board.empty()) config.board = ask(session, "Name of the board", chip);
  if (const auto image = choose_image(session)) {
    config.images.emplace_back();
    config.images.back().file = path_from(file.parent_path(), image->file);
    config.images.back().address = image->address;
  }

  const std::string text = board_file_text(facts);
  static_cast<void>(config::parse_config(text, file.string(), file.parent_path(), {}));
  output.commit(Bytes(text.begin(), text.end()));
  done(session, "init",
       fmt::format("{}: {} on {}; {}", harmless(file.string()), chip, facts.probe,
                   how_to_use(file, !config.images.empty())));
}

}  // namespace flashhost
