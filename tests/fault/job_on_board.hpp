// The main job of the sweeps: an image over an older one, with bytes around it that must stay.
#pragma once

#include "firmware.hpp"
#include "job.hpp"
#include "left_behind.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stop_token>

namespace flashhost::testing {

// What is on the board, and what shall be there.
struct Scenario {
  BoardSpec board;
  TargetOptions target = {};
  FlashOptions options = {};
  Bytes before;
  std::vector<Segment> segments;
  MemoryRange plan;  // nothing outside of it may change

  [[nodiscard]] Image image() const;
  [[nodiscard]] Bytes wanted() const;
};

// flash, from its start, with the segments over it.
[[nodiscard]] Bytes overlaid(Bytes flash, const std::vector<Segment> &segments);

// Flash that works much faster than it should, so that little time goes by in waiting: still some
// round trips of the probe for an erase.
inline constexpr const char *fast_f1 = "flash_time=0.1x";
inline constexpr const char *fast_f4 = "flash_time=0.02x";

inline constexpr std::uint32_t old_marker = 0x01D01D01, new_marker = 0x0E30E30E;

// Boot sector and two more, the last in part; old firmware in all of them, and data behind.
[[nodiscard]] Scenario f1_scenario();
// Boot sector and the next, both in part.
[[nodiscard]] Scenario f4_scenario();
// The same, but each erase takes longer than the probe goes on asking a chip that is busy.
[[nodiscard]] Scenario slow_f4_scenario();

// The same, but of the second sector only bits have to be cleared, among others that must stay.
[[nodiscard]] Scenario clearing_f4_scenario();

// The same behind a slow link, with so much to program that it is sent compressed.
[[nodiscard]] Scenario packed_f4_scenario();

// By a mass erase, after which all that the image does not cover is put back.
[[nodiscard]] Scenario putting_back(Scenario scenario);

// An F0 and an F3 have the scenario of the F1. Two are of boards whose rest is put back.
enum class Series : std::uint8_t {
  f0,
  f1,
  f3,
  f4,
  f4_clear,
  f4_packed,
  g0,
  g0b,
  l4,
  f1_put_back,
  g0_put_back
};
[[nodiscard]] Scenario scenario_of(Series series);
[[nodiscard]] std::string name_of(Series series);

class JobOnBoard : public ::testing::Test {
 protected:
  explicit JobOnBoard(Scenario scenario = f1_scenario());

  // On the board as it is. A lost probe must not be the reason to leave the target untidy.
  JobResult run(Fault fault, const Work &work);
  // Flashes the image.
  JobResult job(Fault fault);

  // Another board, and no journal.
  void start_anew();
  [[nodiscard]] Bytes now() const { return board_->flash(); }
  [[nodiscard]] std::filesystem::path journals() const { return folder_.path() / "journal"; }
  [[nodiscard]] bool outside_is_untouched() const;
  [[nodiscard]] Board &board() { return *board_; }
  // Of what the board was before the first job.
  [[nodiscard]] std::string left_behind();

  Scenario scenario_;
  Image image_;
  Bytes before_;
  Bytes wanted_;
  // Called by each attach while the probe is gone.
  std::function<void()> on_attach_;
  std::stop_source stop_;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Board> board_;
  Registers registers_;
};

}  // namespace flashhost::testing
