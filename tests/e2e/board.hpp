// A simulated board on a test's desk: a board file, a state file, and the program run on them.
#pragma once

#include "process.hpp"

#include <flashhost/types.hpp>

#include <gtest/gtest.h>

#include <optional>

namespace flashhost::testing {

inline constexpr std::uint32_t flash_base = 0x08000000;
inline constexpr std::size_t kib = 1024;

// size bytes that depend on seed and have no erased halfword; they start with plausible vectors.
[[nodiscard]] Bytes firmware(std::size_t size, std::uint32_t seed = 1);

// How much longer than the flash's own time a job took, by its last line under -v.
[[nodiscard]] double ratio_of(const std::string &text);

class Board : public ::testing::Test {
 protected:
  Board();

  // What the flash holds before the first run; the rest is erased.
  void put(std::uint32_t offset, const Bytes &bytes);
  // Adds a raw binary [[image]] at flash_address + offset.
  void image(std::uint32_t offset, const Bytes &bytes);
  void image_file(const std::string &name, const std::string &content,
                  const std::string &extra = "");

  // Writes the board file and runs flashhost on it.
  Outcome flashhost(const std::vector<std::string> &arguments = {}, const Environment &more = {});
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string> &arguments);
  [[nodiscard]] Environment environment(const Environment &more = {}) const;

  [[nodiscard]] Bytes content(const std::string &name) const;  // of a file on the desk
  [[nodiscard]] Bytes flash() const { return content("flash.bin"); }
  // What must be in the flash after a good run: the old content with the images over it.
  [[nodiscard]] Bytes wanted() const;
  void expect_done(const Outcome &outcome) const;  // exit 0 and flash() == wanted()
  void expect_untouched(const Outcome &outcome, int exit_code) const;

  std::string chip = "STM32F103CB";
  std::size_t flash_size = 128 * 1024;
  std::uint32_t flash_address = flash_base;
  // Lines of [transport.settings]. What most tests flash is no program that could run.
  std::string settings = "run_time = \"0s\"\n";
  std::string family;         // the [family] section's lines
  std::string flash_options;  // the [flash] section's lines
  TemporaryDirectory directory;

 private:
  void write_board_file() const;

  Bytes before_;
  struct Placed {
    std::uint32_t offset;
    Bytes bytes;
  };
  std::vector<Placed> placed_;
  std::string images_;
  int count_ = 0;
};

}  // namespace flashhost::testing
