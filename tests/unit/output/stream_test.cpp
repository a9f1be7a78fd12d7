#include "output/stream.hpp"

#include "output/lost_output.hpp"

#include <flashhost/descriptor.hpp>
#include <flashhost/error.hpp>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

namespace flashhost {
namespace {

using ::testing::HasSubstr;

// A pipe that does not wait when it is full; its smallest size.
class Pipe : public ::testing::Test {
 protected:
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    reader_ = Descriptor(ends[0]);
    writer_ = Descriptor(ends[1]);
    ::fcntl(ends[1], F_SETPIPE_SZ, 4096);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::signal(SIGPIPE, SIG_IGN);
  }

  [[nodiscard]] int writer() const { return writer_.number(); }
  void do_not_wait() const { ::fcntl(writer(), F_SETFL, O_NONBLOCK); }
  void close_reader() { reader_.close(); }
  // All that is in it.
  [[nodiscard]] std::string read() const {
    std::string text;
    char buffer[1000];
    for (ssize_t count = 0; (count = ::read(reader_.number(), buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
  }
  // Reads size bytes, as slowly as they come.
  [[nodiscard]] std::string read(std::size_t size) const {
    std::string text;
    while (text.size() < size) {
      pollfd event{reader_.number(), POLLIN, 0};
      ::poll(&event, 1, -1);
      text += read();
    }
    return text;
  }

 private:
  Descriptor reader_, writer_;
};

using AStream = Pipe;

TEST_F(AStream, MakesTextHarmlessButLeavesItsLayout) {
  Stream stream(writer());
  stream.text("a\x1b[2J\tb\nc\xc2\x9b\n");
  EXPECT_EQ(read(), "a\\x1b[2J\tb\nc\\u{9b}\n");
}

TEST_F(AStream, LetsNoNewlineIntoALine) {
  Stream stream(writer());
  stream.line("file\nerror: all is lost");
  EXPECT_EQ(read(), "file\\x0aerror: all is lost\n");
}

TEST_F(AStream, DrawsAsItIsTold) {
  Stream stream(writer());
  stream.raw("\r\x1b[K");
  EXPECT_EQ(read(), "\r\x1b[K");
  EXPECT_EQ(stream.error(), 0);
}

TEST_F(AStream, WritesAllOfALongTextToASlowReader) {
  for (const bool waits : {true, false}) {
    if (!waits) do_not_wait();
    const std::string text(100'000, 'x');
    std::string found;
    std::thread reader([&] { found = read(3 * text.size() + 1); });
    Stream stream(writer());
    stream.text(text);
    stream.raw(text);
    stream.line(text);
    reader.join();
    EXPECT_EQ(found, text + text + text + "\n");
    EXPECT_EQ(stream.error(), 0);
  }
}

TEST_F(AStream, RemembersTheFirstErrorAndGoesOn) {
  Stream full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  full.text("lost");
  EXPECT_EQ(full.error(), ENOSPC);

  close_reader();
  Stream nobody(writer());
  nobody.line("lost");
  EXPECT_EQ(nobody.error(), EPIPE);

  Stream none(-1);
  none.raw("lost");
  EXPECT_EQ(none.error(), EBADF);
}

TEST_F(AStream, WithPatienceWaitsForNobodyForEver) {
  Stream stream(writer(), std::chrono::milliseconds(1));
  stream.text(std::string(10'000, 'x'));
  EXPECT_EQ(stream.error(), ETIMEDOUT);
  EXPECT_EQ(read(), std::string(4096, 'x'));
  stream.raw("again");
  EXPECT_EQ(read(), "again");
  EXPECT_EQ(stream.error(), ETIMEDOUT) << "the first one counts";
}

TEST_F(AStream, StartsANewLineAfterOneThatWasCutOff) {
  Stream stream(writer(), std::chrono::milliseconds(1));
  stream.line(std::string(10'000, 'x'));
  EXPECT_EQ(read(), std::string(4096, 'x'));
  stream.line("whole");
  EXPECT_EQ(read(), "\nwhole\n");
  stream.line("whole");
  EXPECT_EQ(read(), "whole\n");
}

TEST_F(AStream, IsNoTerminalAndHas80ColumnsWhereItIsAPipe) {
  const Stream stream(writer());
  EXPECT_FALSE(stream.is_terminal());
  EXPECT_EQ(stream.columns(), 80U);
}

TEST_F(AStream, ThatLostSomethingIsAnErrorThatSaysWhy) {
  Stream stream(writer());
  EXPECT_NO_THROW(throw_if_lost(stream));
  close_reader();
  stream.line("lost");
  try {
    throw_if_lost(stream);
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(exit_code(error.code()), 2);
    EXPECT_STREQ(error.what(), "standard output could not be written: Broken pipe");
    EXPECT_THAT(error.hint(), HasSubstr("ended too early"));
  }
}

}  // namespace
}  // namespace flashhost
