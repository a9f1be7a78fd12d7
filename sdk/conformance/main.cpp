// flashhost-conformance: holds one plugin against the contracts of the SDK's headers.
#include "plugin/guard.hpp"
#include "run.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace {

using namespace flashhost;

// Before the first test: what is tested. After the last: what to do about failures.
class Frame final : public testing::EmptyTestEventListener {
 public:
  void OnTestProgramStart(const testing::UnitTest & /*all*/) override {
    const conformance::Run &run = conformance::run();
    fmt::print("{} plugin {}: {}, levels 0 to {}\n", kind_name(run.name.kind), run.name.id,
               run.file.string(), run.level);
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
  } catch (const Error &error) {
    fmt::print(stderr, "flashhost-conformance: {}\n{}\n", error.what(), error.hint());
    return 2;
  }
  std::vector<std::string> arguments = conformance::test_arguments();
  arguments.insert(arguments.begin(), argv[0]);
  std::vector<char *> pointers;
  for (std::string &argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  int count = static_cast<int>(arguments.size());
  testing::InitGoogleTest(&count, pointers.data());
  testing::UnitTest::GetInstance()->listeners().Append(new Frame);  // GoogleTest deletes it
  return RUN_ALL_TESTS();
}
