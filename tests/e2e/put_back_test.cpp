// erase = "mass" where more is in the flash than the image covers: it is put back.
#include "board.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PutBack : public Board {
 protected:
  PutBack() {
    put(0, firmware(128 * kib, 1));
    image(0, firmware(100 * kib + 333, 2));
  }

  // A run that is killed when it says that it has programmed `after` bytes.
  void kill_a_run(std::uint64_t after, const std::vector<std::string> &arguments = mass()) {
    bool sent = false;
    std::vector<std::string> words = {"--json"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const Outcome outcome =
        run_watched(command(words), environment(), [&](const std::string &line, pid_t pid) {
          const auto key = line.find("\"done_bytes\":");
          if (sent || key == std::string::npos || std::stoull(line.substr(key + 13)) < after) {
            return;
          }
          sent = true;
          ::kill(pid, SIGKILL);
        });
    ASSERT_EQ(outcome.exit_code, 128 + SIGKILL) << outcome.err;
    ASSERT_TRUE(flash() != wanted());
    ASSERT_TRUE(journal_is_there());
  }
  [[nodiscard]] bool journal_is_there() const {
    const std::filesystem::directory_iterator entries(directory.path() / "state" / "flashhost");
    return std::any_of(begin(entries), end(entries),
                       [](const auto &entry) { return entry.path().extension() == ".journal"; });
  }
  [[nodiscard]] bool has_vectors() const {
    const Bytes now = flash();
    return std::any_of(now.begin(), now.begin() + 8,
                       [](std::uint8_t byte) { return byte != 0xFF; });
  }
  // For the command line, where it replaces the image of the board file.
  [[nodiscard]] std::string image_at(const std::string &name, std::size_t offset,
                                     const Bytes &bytes) const {
    const std::filesystem::path file = directory.path() / name;
    std::ofstream(file, std::ios::binary) << std::string(bytes.begin(), bytes.end());
    return fmt::format("{}@{:#010x}", file.string(), flash_base + offset);
  }
  static Bytes over_the_old_one(std::size_t offset, const Bytes &bytes) {
    Bytes all = firmware(128 * kib, 1);
    std::copy(bytes.begin(), bytes.end(), all.begin() + static_cast<std::ptrdiff_t>(offset));
    return all;
  }
  static std::vector<std::string> mass() { return {"-v", "--erase", "mass"}; }
};

TEST_F(PutBack, AllThatTheImageDoesNotCoverIsThereAtTheEnd) {
  const Outcome outcome = flashhost(mass());
  expect_done(outcome);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("27 KiB in 27 sectors outside the image are put back after the mass "
                              "erase: 3.5 s of flash time; sector erases would take 4.7 s"),
                    HasSubstr("128 KiB programmed, 27 KiB of it put back, "),
                    HasSubstr("model: 0 page erases, 1 mass erases")));
  EXPECT_FALSE(journal_is_there());
}

TEST_F(PutBack, IsNoMatterOfAuto) {
  const Outcome outcome = flashhost({"-v"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("0 mass erases"), Not(HasSubstr("put back"))));
}

TEST_F(PutBack, IsPlannedWithoutAChange) {
  const Outcome outcome = flashhost({"plan", "--erase", "mass"});
  expect_untouched(outcome, 0);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("27 sectors  put back"),
                                 HasSubstr("27 KiB in 27 sectors outside the image are put back")));
}

TEST_F(PutBack, IsVerifiedInAnyCase) {
  const Outcome outcome = flashhost({"--erase", "mass", "--verify", "none"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("\nverifying\n"));
}

TEST_F(PutBack, IsNotDoneWithoutPreserve) {
  const Outcome outcome = flashhost({"--erase", "mass", "--no-preserve"});
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("would destroy content outside the image"),
                                 HasSubstr("preserve = true")));
}

TEST_F(PutBack, OfFlashThatTheChipDoesNotClaimOnlyWhereTheUserKnowsIt) {
  settings += "faults = [\"flash_size_register=0x0040\"]\n";  // 64 KiB of a die that holds 128
  const Bytes app = firmware(40 * kib, 5);
  const std::string file = image_at("app.bin", 0, app);
  const Outcome outcome = flashhost({"flash", file, "--erase", "mass"});
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("beyond the 64 KiB of flash that the chip claims"),
                                 HasSubstr("--flash-size")));
  const Outcome second = flashhost({"flash", file, "--erase", "mass", "--flash-size", "128K"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_TRUE(flash() == over_the_old_one(0, app));
}

TEST_F(PutBack, IsCompletedAfterAKillHoweverTheNextRunErases) {
  for (const char *next : {"auto", "sectors", "mass"}) {
    SCOPED_TRACE(next);
    std::filesystem::remove(directory.path() / "flash.bin");
    for (const std::uint64_t after : {1ULL, 40'000ULL, 40'000ULL}) {
      ASSERT_NO_FATAL_FAILURE(kill_a_run(after));
    }
    EXPECT_FALSE(has_vectors());
    expect_done(flashhost({"--erase", next}));
    EXPECT_FALSE(journal_is_there());
  }
}

TEST_F(PutBack, IsCompletedByARunWithAnotherImage) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run(50'000));
  const Bytes other = firmware(5000, 5);
  const Outcome outcome = flashhost({"flash", image_at("other.bin", 0x1a000, other)});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Bytes expected = over_the_old_one(0x1a000, other);
  const Bytes found = flash();
  constexpr std::ptrdiff_t behind_the_first_image = 101 * kib;
  EXPECT_TRUE(std::equal(found.begin() + behind_the_first_image, found.end(),
                         expected.begin() + behind_the_first_image));
}

TEST_F(PutBack, ANextRunDoesNotEraseAllAgainWhereThatIsSlower) {
  ASSERT_NO_FATAL_FAILURE(kill_a_run(110'000));
  const Outcome outcome = flashhost(mass());
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr(" page erases, 0 mass erases"));
}

// As of a boot loader, which must not start before all of it is there.
TEST_F(PutBack, ABootSectorIsTheLastToComeBack) {
  const Bytes app = firmware(60 * kib, 5);
  const std::string file = image_at("app.bin", 0x8000, app);
  ASSERT_NO_FATAL_FAILURE(kill_a_run(90'000, {"--erase", "mass", "flash", file}));
  EXPECT_FALSE(has_vectors());
  const Outcome outcome = flashhost({"flash", file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(flash() == over_the_old_one(0x8000, app));
}

}  // namespace
}  // namespace flashhost::testing
