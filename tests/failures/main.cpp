// failure-tests [--row=NN] [options of GoogleTest]: all rows of the catalogue, or one. A row
// without a test is a failure.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

int main(int argc, char **argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--row=")) {
      std::fprintf(stderr, "failure-tests: unknown option %s\n", argv[i]);
      return 2;
    }
    GTEST_FLAG_SET(filter, "*Row" + word.substr(6) + "*");
  }
  const int result = RUN_ALL_TESTS();
  if (::testing::UnitTest::GetInstance()->test_to_run_count() > 0) return result;
  std::fputs("failure-tests: there is no such row\n", stderr);
  return 1;
}
