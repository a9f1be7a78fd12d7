#include "run.hpp"

#include "plugin/search_path.hpp"

#include <flashhost/error.hpp>
#include <flashhost/machine/models.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <set>

namespace flashhost::conformance {

namespace {

Run &the_run() {
  static Run run;
  return run;
}

std::vector<std::string> &arguments_for_tests() {
  static std::vector<std::string> arguments;
  return arguments;
}

constexpr const char *help_after_options =
    "Levels: 0 the file (descriptor, exports, loading), 1 facts (what the plugin says), 2 "
    "behaviour\n"
    "(what it does on simulated boards, on a target, or with damaged files).\n"
    "Everything that begins with --gtest_ goes to GoogleTest: --gtest_filter=*Erase* for some of "
    "the\n"
    "tests, --gtest_list_tests for their names.\n"
    "Families are tested on chip models (model-<id>.so): those beside the plugin, in --model-dir, "
    "in\n"
    "FLASHHOST_PLUGIN_PATH and in the installed folder of plugins.\n"
    "Keys of the case file, beside [settings]; plugin-authors.md of the documentation explains "
    "them:\n"
    "  family     chips, order_codes, statuses, unique_id, revision, without, permanent\n"
    "  format     extension, address, sample, expected, entry_point, malformed, checksum, trailer\n"
    "  transport  serial, scratch, unmapped, server\n"
    "Exit codes: 0 the plugin passed, 1 a test failed, 2 wrong arguments, case file or plugin "
    "file.";

PluginName name_of(const std::filesystem::path &file) {
  const std::string name = file.filename().string();
  if (const auto parsed = parse_plugin_file(name)) {
    if (parsed->kind != PluginKind::model) return *parsed;
    throw Error(Errc::usage, fmt::format("{} is a chip model, not a plugin of the host", name),
                "A model is tested with the family of its chips: flashhost-conformance "
                "family-ID.so --model-dir FOLDER, where FOLDER contains the model.");
  }
  throw Error(Errc::usage, fmt::format("{} is not the name of a plugin's file", name),
              "It has to be <kind>-<id>.so, where kind is transport, family or format.");
}

std::vector<std::filesystem::path> folders_of_models(std::vector<std::filesystem::path> named,
                                                     const std::filesystem::path &plugin) {
  named.push_back(plugin.parent_path());
  const std::vector<std::filesystem::path> others = plugin_search_path({});
  named.insert(named.end(), others.begin(), others.end());
  return named;
}

}  // namespace

const Run &run() {
  return the_run();
}

void set_up(int argc, char **argv) {
  CLI::App app("Does a plugin of flashhost keep the contracts of the SDK's headers?",
               "flashhost-conformance");
  Run &run = the_run();
  std::string file, case_file, junit;
  std::vector<std::filesystem::path> model_folders;
  app.add_option("PLUGIN", file, "The plugin: <kind>-<id>.so")->required();
  app.add_option("--case", case_file, "Case file (TOML): what the kit must know about the plugin");
  app.add_option("--level", run.level, "Highest level to be tested")
      ->check(CLI::Range(0, highest_level))
      ->capture_default_str();
  app.add_option("--junit", junit, "Write the results to this file, as JUnit XML");
  app.add_option("--model-dir", model_folders, "Folder with chip models; may be repeated")
      ->allow_extra_args(false);
  app.add_flag("--all", run.every_part, "Test a family on every part, not on one of each sort");
  app.footer(help_after_options);
  std::vector<char *> own;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (i > 0 && argument.starts_with("--gtest_")) {
      arguments_for_tests().emplace_back(argument);
    } else {
      own.push_back(argv[i]);
    }
  }
  try {
    app.parse(static_cast<int>(own.size()), own.data());
  } catch (const CLI::CallForHelp &help) {
    std::exit(app.exit(help));  // NOLINT(concurrency-mt-unsafe)
  } catch (const CLI::ParseError &error) {
    throw Error(Errc::usage, error.what(), "flashhost-conformance --help says more.");
  }
  if (!junit.empty()) arguments_for_tests().push_back("--gtest_output=xml:" + junit);
  run.file = std::filesystem::absolute(file);
  run.name = name_of(run.file);
  run.model_folders = folders_of_models(std::move(model_folders), run.file);
  if (!case_file.empty()) {
    run.given = load_case(case_file, run.name.kind);
  } else if (run.name.kind != PluginKind::family && run.level > 0) {
    throw Error(Errc::usage, fmt::format("a {} needs a case file", kind_name(run.name.kind)),
                "Give it with --case; or --level 0 looks at the plugin's file alone.");
  }
}

std::vector<std::string> test_arguments() {
  return arguments_for_tests();
}

std::vector<std::string> ids_of(PluginKind kind, int level) {
  if (run().name.kind != kind || level > run().level) return {};
  return id_of_any_kind();
}

std::vector<std::string> id_of_any_kind() {
  return {run().name.id};
}

void not_tried(const std::string &what) {
  static std::set<std::string> said;
  if (said.insert(what).second) fmt::print("not tried: {}\n", what);
  testing::Test::RecordProperty("not_tried", what);
}

std::string test_name(const testing::TestParamInfo<std::string> &info) {
  std::string name = info.param;
  for (char &c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

}  // namespace flashhost::conformance
