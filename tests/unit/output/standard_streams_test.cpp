#include "output/standard_streams.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>

namespace flashhost {
namespace {

// Each in a process of its own, whose exit code tells: 0 is right.
void in_a_process_of_its_own(const std::function<int()> &check, int code = 0) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(::_exit(check()), ::testing::ExitedWithCode(code), "");
}

bool is_end_of_file(int descriptor) {
  char byte = 0;
  return ::read(descriptor, &byte, 1) == 0;
}

TEST(StandardStreamsDeathTest, ThatAreClosedReadAsEmptyAndCannotBeWritten) {
  in_a_process_of_its_own([] {
    for (const int descriptor : {0, 1, 2}) ::close(descriptor);
    secure_standard_streams();
    for (const int descriptor : {0, 1, 2}) {
      if (!is_end_of_file(descriptor)) return 1;
      if (::write(descriptor, "x", 1) >= 0 || errno != EBADF) return 2;
    }
    return ::open("/", O_RDONLY | O_CLOEXEC) > 2 ? 0 : 3;
  });
}

TEST(StandardStreamsDeathTest, ThatAreOpenStayAsTheyAre) {
  in_a_process_of_its_own([] {
    int ends[2];
    if (::pipe(ends) != 0 || ::dup2(ends[1], 1) != 1) return 1;
    ::close(2);
    secure_standard_streams();
    char byte = 0;
    if (::write(1, "x", 1) != 1 || ::read(ends[0], &byte, 1) != 1) return 2;
    return byte == 'x' ? 0 : 3;
  });
}

TEST(StandardStreamsDeathTest, ThatCannotBeReplacedEndTheProgram) {
  in_a_process_of_its_own(
      [] {
        ::close(1);
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_NOFILE, &none);
        secure_standard_streams();
        return 0;
      },
      10);
}

TEST(StandardStreamsDeathTest, RaiseNoSignalWhereNobodyReads) {
  in_a_process_of_its_own([] {
    secure_standard_streams();
    int ends[2];
    if (::pipe(ends) != 0) return 1;
    ::close(ends[0]);
    if (::write(ends[1], "x", 1) >= 0 || errno != EPIPE) return 2;
    return ::raise(SIGXFSZ);
  });
}

}  // namespace
}  // namespace flashhost
