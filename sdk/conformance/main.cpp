// flashhost-conformance: tests whether one plugin keeps the contracts of the SDK's headers.
#include "family/family_bench.hpp"
#include "plugin/guard.hpp"
#include "plugin_under_test.hpp"
#include "run.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

namespace {

using namespace flashhost;

// Prints what is tested before the first test, and what to do about failures after the last.
class Frame final : public testing::EmptyTestEventListener {
 public:
  void OnTestProgramStart(const testing::UnitTest & /*all*/) override {
    const conformance::Run &run = conformance::run();
    fmt::print("{} plugin {}: {}, levels 0 to {}\n", kind_name(run.name.kind), run.name.id,
               run.file.string(), run.level);
  }
  void OnTestStart(const testing::TestInfo & /*test*/) override { conformance::said() = {}; }
  void OnTestEnd(const testing::TestInfo &test) override {
    constexpr std::size_t most = 2000;
    const std::string &lines = conformance::said().all;
    if (!test.result()->Failed() || lines.empty()) return;
    fmt::print("Messages of the plugin during this test{}:\n{}",
               lines.size() > most ? " (the end of it)" : "",
               lines.substr(lines.size() - std::min(most, lines.size())));
  }
  void OnTestProgramEnd(const testing::UnitTest &all) override {
    if (all.Passed()) return;
    fmt::print(
        "\nThe plugin does not keep its contract. Each failure above says what was expected, what "
        "came instead, and\nunder \"the contract\" in which header of the SDK it is promised. One "
        "test alone: --gtest_filter=NAME\n");
  }
};

}  // namespace

int main(int argc, char **argv) {
  install_terminate_handler();
  try {
    conformance::set_up(argc, argv);
    conformance::check_family_case();
  } catch (const Error &error) {
    fmt::print(stderr, "flashhost-conformance: {}\n{}\n", error.what(), error.hint());
    return 2;
  }
  std::vector<std::string> arguments = conformance::test_arguments();
  arguments.insert(arguments.begin(), argv[0]);
  std::vector<char *> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string &argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  int count = static_cast<int>(arguments.size());
  testing::InitGoogleTest(&count, pointers.data());
  testing::UnitTest::GetInstance()->listeners().Append(new Frame);  // GoogleTest deletes it
  return RUN_ALL_TESTS();
}
