// A family at work on a simulated board, driven as the host does it.
#pragma once

#include "bench/sim_board.hpp"
#include "bench/watching_probe.hpp"
#include "family/family_bench.hpp"
#include "flash/direct_access.hpp"
#include "flash/flash_access.hpp"
#include "flash/target.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace flashhost::conformance {

// Collects what the host's code tells its user.
class Told final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level level, const std::string &text) override;

  std::string warnings;  // one a line
  std::string all;
};

// Registers of a board by address, read without any probe.
using Registers = std::map<std::uint32_t, std::uint32_t>;

struct Written {
  std::uint32_t address = 0;
  Bytes data;
  unsigned width = 4;
};
using Writes = std::vector<Written>;

// The two ways in which the host writes flash: by the loader, or by accesses of the probe.
struct Way {
  std::optional<Width> direct;  // empty: the loader
};
[[nodiscard]] std::string in_words(const Way &way);

// A board, a probe on it and the host's Target, connected to it. Throws with the reason when that
// is not possible.
class Session {
 public:
  // content: initial content of the flash.
  Session(const machine::Config &config, Bytes content);
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  // Ends any earlier session and opens a new probe on the same board, in its present state.
  Target &connect(const TargetOptions &options = {});
  Target &connect_with(const NamedFamily &family, const TargetOptions &options);
  Target &prepared(const TargetOptions &options = {});
  // Call prepare first. Starts the loader, or the direct path. Throws the host's error when that
  // fails.
  [[nodiscard]] std::unique_ptr<FlashAccess> start(const Way &way);
  // One whole operation: start, act, finish.
  void with(const Way &way, const std::function<void(FlashAccess &)> &act);
  [[nodiscard]] std::vector<Way> ways();
  // Calls `with` for each way in turn, preparing again before each; failures name the way.
  void by_each_way(const std::function<void(FlashAccess &)> &act);

  [[nodiscard]] Target &target() { return *target_; }
  [[nodiscard]] Probe &probe() { return target_->probe(); }
  [[nodiscard]] const Chip &chip() const { return target_->chip(); }
  [[nodiscard]] bench::SimBoard &board() { return board_; }
  [[nodiscard]] Told &told() { return told_; }
  [[nodiscard]] bench::WatchingProbe::Hooks &hooks() { return hooks_; }
  [[nodiscard]] std::unique_ptr<Probe> fresh_probe();

  // A word, read without the probe. Empty when the board does not answer.
  [[nodiscard]] std::optional<std::uint32_t> word(std::uint32_t address);
  bool set_word(std::uint32_t address, std::uint32_t value);
  // The registers that the model names for showing whether a debugger has tidied up.
  [[nodiscard]] Registers tidy_registers();
  // The status of the controller of a flash address; empty while the bus stalls.
  [[nodiscard]] std::optional<std::uint32_t> status_now(std::uint32_t address) {
    return status_now(chip(), address);
  }
  [[nodiscard]] std::optional<std::uint32_t> status_now(const Chip &chip, std::uint32_t address);
  [[nodiscard]] std::vector<std::uint8_t> special_content();
  // The writes that `act` makes through the probe, so that they can be repeated without it.
  [[nodiscard]] Writes writes_of(const std::function<void()> &act);
  void replay(const Writes &writes);
  // The first difference between the flash and `wanted`, in words; empty: none.
  [[nodiscard]] std::string difference(const Bytes &wanted) const;

 private:
  ListeningHost host_;
  Told told_;
  bench::WatchingProbe::Hooks hooks_;
  bench::SimBoard board_;
  std::unique_ptr<Target> target_;
};

class FamilyOnBoard : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] static const std::string &part() { return GetParam(); }
  [[nodiscard]] static Family &family() { return *tested_family().family; }
  // The initial content of boards if a test gives none: no byte of it is erased.
  [[nodiscard]] static Bytes old_content();
  // A selection of sectors: the first, the last, one of each size, those around borders of banks.
  [[nodiscard]] static std::vector<Sector> chosen_sectors(const Chip &chip);
  // Compares the time that the model's flash was busy with the time in the family's facts. May
  // differ by a tenth, since the model rounds.
  static void expect_about(Nanoseconds busy, Nanoseconds reported);
};

// Tests on boards that are in order: the plugin must not warn.
class FamilyOnAGoodBoard : public FamilyOnBoard {
 protected:
  void TearDown() override {
    EXPECT_EQ(said().warnings, "") << "the plugin warns about a board that is in order";
  }
};

// content, changed at an address of the chip's flash.
[[nodiscard]] Bytes with_bytes(const Chip &chip, Bytes content, std::uint32_t address,
                               const Bytes &data);
[[nodiscard]] Bytes erased(const Chip &chip, Bytes content, MemoryRange range);

}  // namespace flashhost::conformance

#define FLASHHOST_PARTS_SUITE(fixture, parts)             \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(fixture); \
  INSTANTIATE_TEST_SUITE_P(Level2, fixture, testing::ValuesIn(parts), test_name)
#define FLASHHOST_PER_PART_SUITE(fixture) FLASHHOST_PARTS_SUITE(fixture, parts_to_drive())
