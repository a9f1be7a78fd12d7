// Hosts for plugins under test. There is no file that they could read.
#pragma once

#include <flashhost/error.hpp>
#include <flashhost/host.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace testing {}

namespace flashhost::testing {

// Tests in namespace flashhost go on saying testing::Test for GoogleTest's.
using namespace ::testing;

// Says nothing.
class QuietHost : public Host {
 public:
  void log(Level /*level*/, std::string_view /*text*/) noexcept override {}
  [[nodiscard]] bool enabled(Level /*level*/) const noexcept override { return false; }
  [[nodiscard]] Bytes read_file(const std::string &path) override {
    throw Error(Errc::config, path + ": cannot be read: there are no files in this test");
  }
};

struct LogLine {
  Level level = Level::trace;
  std::string text;
};

// Keeps all that it is told.
class RecordingHost : public QuietHost {
 public:
  // A host whose user wants to see nothing below that.
  explicit RecordingHost(Level lowest = Level::trace) : lowest_(lowest) {}

  void log(Level level, std::string_view text) noexcept override {
    lines.push_back({level, std::string(text)});
  }
  [[nodiscard]] bool enabled(Level level) const noexcept override { return level >= lowest_; }

  // What was said at this level.
  [[nodiscard]] std::vector<std::string> texts(Level level) const {
    return texts_where([level](Level said) { return said == level; });
  }
  // What was said at this level or above.
  [[nodiscard]] std::vector<std::string> texts_from(Level level) const {
    return texts_where([level](Level said) { return said >= level; });
  }

  std::vector<LogLine> lines;

 private:
  template <class Wanted>
  [[nodiscard]] std::vector<std::string> texts_where(Wanted wanted) const {
    std::vector<std::string> result;
    for (const LogLine &line : lines) {
      if (wanted(line.level)) result.push_back(line.text);
    }
    return result;
  }

  Level lowest_;
};

}  // namespace flashhost::testing
