// A job on a simulated board, seen through a probe that may go wrong.
#pragma once

#include "faulty_probe.hpp"
#include "flash/flash_job.hpp"
#include "plugin/plugin_loader.hpp"

#include <flashhost/error.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace flashhost::testing {

struct JobResult {
  bool connected = false;
  bool good = false;           // it says that it succeeded
  bool reached = false;        // the fault
  Errc code = Errc::internal;  // of the error otherwise, with its texts
  std::string what;
  std::string hint;
  std::string messages;  // one a line
  std::uint64_t calls = 0;
  Nanoseconds time{};         // of the probe's clock
  std::uint64_t changes = 0;  // FaultyProbe::changes_since
  std::uint64_t in_vain = 0;  // FaultyProbe::calls_in_vain
};

// Gone with its content at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path &path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class JobOnBoard : public ::testing::Test {
 protected:
  JobOnBoard();

  using Work = std::function<void(Target &, Observer &)>;
  // After a success in spite of a lost probe the target must have been left tidy.
  JobResult run(Fault fault, const Work &work);
  // Flashes image_.
  JobResult job(Fault fault);

  void start_anew();
  [[nodiscard]] Bytes now() const;  // what the flash holds
  [[nodiscard]] std::filesystem::path journals() const { return folder_.path() / "journal"; }

  Image image_;
  Bytes before_;
  Bytes wanted_;
  // Called by each attach while the probe is gone.
  std::function<void()> on_attach_;
  std::stop_source stop_;

 private:
  TemporaryFolder folder_;
  PluginLoader plugins_;
  std::shared_ptr<Family> family_;
};

}  // namespace flashhost::testing
