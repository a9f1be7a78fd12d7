// A simulated board in a folder, and flashhost run on it while a call to the file system fails.
#pragma once

#include "process.hpp"

#include <flashhost/types.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace flashhost::testing {

// No byte of it is erased.
[[nodiscard]] Bytes random_bytes(std::size_t size, unsigned seed);

// The k-th call fails, or none when there is no kind; kinds are those of fault.cpp.
struct CallFault {
  std::string kind;
  unsigned call = 0;
};

struct FaultedRun {
  Outcome outcome;
  std::vector<std::string> calls;  // those that this kind can befall: function and file
  std::chrono::duration<double> seconds{};
};

// Bytes of an image, and where in the flash.
struct Placed {
  std::uint32_t offset;
  Bytes bytes;
};

class HostFaults : public ::testing::Test {
 protected:
  HostFaults();

  // Makes <name>.toml, whose images these are; settings are more lines of [transport.settings].
  void board_file(const std::string &name, const std::vector<Placed> &images,
                  const std::string &settings = "") const;
  [[nodiscard]] FaultedRun run(const std::string &board, const std::vector<std::string> &arguments,
                               const CallFault &fault = {}) const;

  [[nodiscard]] Bytes flash() const { return file("flash.bin"); }
  [[nodiscard]] Bytes file(const std::string &name) const;
  void write(const std::string &name, const Bytes &content) const;

  // What all runs of a sweep start from: everything that is in the folder now.
  void keep_everything();
  void put_everything_back() const;
  // In the folder now, and not kept; without what is in the state folder.
  [[nodiscard]] std::vector<std::string> litter() const;

  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }

 private:
  TemporaryDirectory folder_;
  TemporaryDirectory aside_;  // for what is no business of the program under test
  std::map<std::string, Bytes> kept_;
};

}  // namespace flashhost::testing
