// The host's end of the loader against a simulated board: whose clock judges the flash, what an
// algorithm that knows nothing of the agent gets, and what a missing CRC unit costs.
#include "firmware.hpp"
#include "flash/crc32.hpp"
#include "flash/flash_job.hpp"
#include "flash/loader_client.hpp"
#include "forwarding_probe.hpp"
#include "job.hpp"
#include "random.hpp"
#include "tests/loader/algorithm/algorithm.inc"

#include <flashhost/cortex_m.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace flashhost::testing {
namespace {

using bench::ForwardingProbe;

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t kib = 1024;

FlashReport write_image(Target &target, Observer &observer, const Bytes &content, bool compress) {
  const TemporaryFolder journals;
  FlashOptions options;
  options.journal_directory = journals.path();
  options.compress = compress;
  const Image image = merge({{"image", {{{flash_base, content}}, std::nullopt}}});
  return flash(target, image, options, observer, {});
}

FlashReport write_firmware(Target &target, Observer &observer, std::uint32_t size) {
  return write_image(target, observer, firmware(size, 2), true);
}

// A host or a probe that is late: for `stall`, before every `every`-th access.
class StallingProbe final : public ForwardingProbe {
 public:
  enum class Meanwhile : std::uint8_t { target_stands_still, target_runs };
  StallingProbe(std::unique_ptr<Probe> probe, Meanwhile meanwhile)
      : ForwardingProbe(std::move(probe)), meanwhile_(meanwhile) {}

  [[nodiscard]] Nanoseconds now() override { return ForwardingProbe::now() + late_; }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    if (++calls_ % every == 0) {
      if (meanwhile_ == Meanwhile::target_runs) {
        sleep(stall);
      } else {
        late_ += stall;
      }
    }
    ForwardingProbe::read_memory(address, out, width);
  }

 private:
  static constexpr int every = 3;
  static constexpr Nanoseconds stall = 3s;
  Meanwhile meanwhile_;
  int calls_ = 0;
  Nanoseconds late_{};
};

JobResult stalling_job(const std::vector<std::string> &faults, StallingProbe::Meanwhile meanwhile) {
  Board board({.part = "STM32F103C4", .faults = faults}, firmware(8 * kib, 1));
  Job job;
  job.work = [](Target &target, Observer &observer) {
    return write_firmware(target, observer, 8 * kib);
  };
  job.probe = [meanwhile](std::unique_ptr<Probe> probe) {
    return std::make_unique<StallingProbe>(std::move(probe), meanwhile);
  };
  return run(board, job);
}

class Stalls : public ::testing::TestWithParam<StallingProbe::Meanwhile> {};

TEST_P(Stalls, OfTheHostDoNotMakeAHealthyFlashSlow) {
  const JobResult result = stalling_job({}, GetParam());
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_EQ(result.messages, "");
}

TEST_P(Stalls, OfTheHostDoNotHideAStuckFlash) {
  const JobResult result = stalling_job({"stuck_busy"}, GetParam());
  EXPECT_FALSE(result.good);
  EXPECT_THAT(result.what + result.messages, HasSubstr("6 times the datasheet's maximum: BSY: "));
}

// While the target runs on, nobody looks before it is done.
TEST(SlowFlash, IsSeenByAHostThatIsLate) {
  const JobResult result =
      stalling_job({"flash_time=4x"}, StallingProbe::Meanwhile::target_stands_still);
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_THAT(result.messages, HasSubstr("takes longer than the datasheet's maximum of"));
}

INSTANTIATE_TEST_SUITE_P(WhileTheTarget, Stalls,
                         ::testing::Values(StallingProbe::Meanwhile::target_stands_still,
                                           StallingProbe::Meanwhile::target_runs),
                         [](const auto &param) {
                           return param.param == StallingProbe::Meanwhile::target_runs
                                      ? "Runs"
                                      : "StandsStill";
                         });

TEST(SlowFlash, IsJudgedByTheTimeThatItTakes) {
  for (const auto &[faults, slow] : std::vector<std::pair<std::string, bool>>{
           {"flash_time=maximum", false}, {"flash_time=0.9x", false}, {"flash_time=1.2x", true}}) {
    Board board({.part = "STM32F103C4", .faults = {faults}}, firmware(4 * kib, 1));
    Job job;
    job.work = [](Target &target, Observer &observer) {
      return write_firmware(target, observer, 4 * kib);
    };
    const JobResult result = run(board, job);
    EXPECT_TRUE(result.good) << result.what;
    EXPECT_EQ(result.messages.find("takes longer") != std::string::npos, slow) << faults;
  }
}

class MissingCrcUnit : public ::testing::TestWithParam<const char *> {};

TEST_P(MissingCrcUnit, MakesAJobAtMostHalfAsLongAgain) {
  const bool f4 = std::string_view(GetParam()).starts_with("STM32F4");
  for (const std::uint32_t size : {8 * kib, f4 ? 256 * kib : 120 * kib}) {
    Nanoseconds times[2] = {};
    for (const bool dead : {false, true}) {
      BoardSpec spec;
      spec.part = GetParam();
      if (dead) spec.faults = {"crc_unit_dead"};
      Board board(spec, firmware(size, 1));
      Job job;
      job.work = [&](Target &target, Observer &observer) {
        return write_firmware(target, observer, size);
      };
      const JobResult result = run(board, job);
      ASSERT_TRUE(result.good) << result.what;
      EXPECT_EQ(result.messages, "");
      times[dead ? 1 : 0] = result.time;
    }
    EXPECT_LE(times[1], 3 * times[0] / 2)
        << size << " bytes: " << times[1] / 1ms << " ms, " << times[0] / 1ms << " ms with the unit";
  }
}

INSTANTIATE_TEST_SUITE_P(Of, MissingCrcUnit, ::testing::Values("STM32F103CB", "STM32F407VE"),
                         [](const auto &param) { return std::string(param.param); });

// Counts the bytes that are written.
class CountingProbe final : public ForwardingProbe {
 public:
  CountingProbe(std::unique_ptr<Probe> probe, std::uint64_t &bytes)
      : ForwardingProbe(std::move(probe)), bytes_(bytes) {}
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    bytes_ += data.size();
    ForwardingProbe::write_memory(address, data, width);
  }

 private:
  std::uint64_t &bytes_;
};

// As a compiler makes it: some of it has stood there before, some bytes are more frequent.
Bytes compressible(std::size_t size) {
  Bytes bytes = firmware(size, 2);
  for (std::size_t at = 1024; at < size; ++at) {
    const std::size_t phrase = at / 48;
    if (phrase % 2 == 0) bytes[at] = bytes[at - 48 * (1 + phrase % 17)];
  }
  return bytes;
}

// Each byte may be any.
Bytes incompressible(std::size_t size) {
  Bytes bytes = test::Random(1).bytes(size);
  std::ranges::copy(firmware(smallest_firmware, 2), bytes.begin());
  return bytes;
}

struct Sent {
  std::uint64_t bytes = 0;
  JobResult result;
};

Sent send_over(const BoardSpec &spec, const Bytes &content, bool compress) {
  Board board(spec, firmware(kib, 1));
  Sent sent;
  Job job;
  job.work = [&](Target &target, Observer &observer) {
    return write_image(target, observer, content, compress);
  };
  job.probe = [&](std::unique_ptr<Probe> probe) {
    return std::make_unique<CountingProbe>(std::move(probe), sent.bytes);
  };
  sent.result = run(board, job);
  EXPECT_TRUE(sent.result.good) << sent.result.what;
  EXPECT_EQ(sent.result.messages, "");
  Bytes found = board.flash();
  found.resize(content.size());
  EXPECT_TRUE(found == content);
  return sent;
}

constexpr std::uint32_t slow = 480'000;

TEST(Compression, IsUsedWhereTheLinkIsSlowerThanTheFlash) {
  const Bytes content = compressible(64 * kib);
  const BoardSpec spec{.part = "STM32F407VG", .faults = {}, .speed_hz = slow};
  const Sent plain = send_over(spec, content, false), packed = send_over(spec, content, true);
  EXPECT_LT(packed.bytes, plain.bytes * 3 / 4);
  EXPECT_LT(packed.result.time, plain.result.time * 4 / 5);
}

TEST(Compression, IsNotUsedWhereItGainsNothing) {
  const BoardSpec fast{.part = "STM32F407VG", .faults = {}},
      slow_f4{.part = "STM32F407VG", .faults = {}, .speed_hz = slow},
      slow_f1{.part = "STM32F103CB", .faults = {}, .speed_hz = 950'000};
  const struct {
    const char *why;
    const BoardSpec &spec;
    Bytes content;
  } rows[] = {{"the link is fast", fast, compressible(64 * kib)},
              {"it does not get smaller", slow_f4, incompressible(64 * kib)},
              {"the flash is slower", slow_f1, compressible(32 * kib)},
              {"it is less than the code that unpacks", slow_f4, compressible(2 * kib)}};
  for (const auto &[why, spec, content] : rows) {
    SCOPED_TRACE(why);
    const Sent plain = send_over(spec, content, false), packed = send_over(spec, content, true);
    EXPECT_EQ(packed.bytes, plain.bytes);
    EXPECT_EQ(packed.result.time, plain.result.time);
  }
}

// Their codes take the target as long as those of large blocks.
TEST(Compression, OfSmallBlocksIsNeitherSlowerNorMakesTheFlashLookSlow) {
  constexpr std::size_t gap = 128;
  for (const char *part : {"STM32G071RB", "STM32L476RE", "STM32F407VG"}) {
    SCOPED_TRACE(part);
    Bytes content = compressible(24 * kib);
    std::size_t piece = 16;
    for (std::size_t at = 12 * kib; at + piece + gap < content.size(); at += piece + gap) {
      piece = piece >= 512 ? 16 : 2 * piece;
      std::fill_n(content.begin() + static_cast<std::ptrdiff_t>(at + piece), gap,
                  std::uint8_t{0xFF});
    }
    const BoardSpec spec{.part = part, .faults = {}, .speed_hz = slow};
    const Sent plain = send_over(spec, content, false), packed = send_over(spec, content, true);
    EXPECT_LE(packed.bytes, plain.bytes);
    EXPECT_LE(packed.result.time, plain.result.time * 101 / 100);
  }
}

// The code that unpacks is overwritten when it is there.
class OverwritingProbe final : public ForwardingProbe {
 public:
  using ForwardingProbe::ForwardingProbe;
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    ForwardingProbe::write_memory(address, data, width);
    constexpr std::size_t fields = 8;  // unpack, unpacked
    if (data.size() != fields) return;
    std::uint32_t entry = 0;
    std::memcpy(&entry, data.data(), sizeof entry);
    entry_ = entry & ~1U;
  }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    ForwardingProbe::read_memory(address, out, width);
    if (entry_ == 0 || out.size() != 8) return;
    const Bytes returns_nothing{0x00, 0x20, 0x70, 0x47};  // movs r0, #0; bx lr
    ForwardingProbe::write_memory(std::exchange(entry_, 0), returns_nothing, Width::word);
  }

 private:
  std::uint32_t entry_ = 0;
};

TEST(Compression, IsGivenUpWhereSomethingElseComesOut) {
  const Bytes content = compressible(64 * kib);
  Board board({.part = "STM32F407VG", .faults = {}, .speed_hz = slow}, firmware(kib, 1));
  Job job;
  job.work = [&](Target &target, Observer &observer) {
    return write_image(target, observer, content, true);
  };
  job.probe = [](std::unique_ptr<Probe> probe) {
    return std::make_unique<OverwritingProbe>(std::move(probe));
  };
  const JobResult result = run(board, job);
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_EQ(result.report.passes, 2);
  Bytes found = board.flash();
  found.resize(content.size());
  EXPECT_TRUE(found == content);
}

// All that is said, with its level.
class Listener final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level level, const std::string &text) override {
    (level >= Level::info ? said : whispered) += text + "\n";
  }
  std::string said;
  std::string whispered;
};

// What code running on the target cannot redirect: the core has no VTOR.
class NoVtor final : public ForwardingProbe {
 public:
  using ForwardingProbe::ForwardingProbe;
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    if (address != cortex_m::vtor) return ForwardingProbe::read_memory(address, out, width);
    std::ranges::fill(out, std::uint8_t{0});
  }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    if (address != cortex_m::vtor) ForwardingProbe::write_memory(address, data, width);
  }
};

constexpr std::uint32_t page = 256;

LoaderCode algorithm() {
  namespace blob = algorithm_blob;
  LoaderCode code;
  code.code = blob::code;
  code.init = blob::init;
  code.uninit = blob::uninit;
  code.erase_sector = blob::erase_sector;
  code.program_page = blob::program_page;
  code.static_base = blob::data;
  code.zero_data = 252;
  code.clock_hz = 8'000'000;
  code.stack_size = 512;
  code.page_size = page;
  code.per_function = true;
  code.ticks = false;
  code.limits = {10ms, 500ms, 0ns, 100ms};
  return code;
}

enum class Vectors : std::uint8_t { redirected, fixed };

class AlgorithmOfOthers : public ::testing::TestWithParam<Vectors> {
 protected:
  // Erases and programs the first sectors with it, checks them, and finishes.
  JobResult write(const LoaderCode &code, const std::vector<std::string> &faults = {},
                  std::uint32_t unit = page) {
    board_ = std::make_unique<Board>(BoardSpec{.part = "STM32F103C4", .faults = faults},
                                     firmware(8 * kib, 1));
    Job job;
    job.work = [&](Target &target, Observer &) {
      target.prepare();
      Chip chip = target.chip();
      chip.program_maximum *= unit / chip.program_unit;
      chip.program_unit = unit;
      LoaderClient client(target.probe(), chip, code, listener_, {});
      client.start();
      const Nanoseconds from = target.elapsed();
      try {
        use(client, chip);
      } catch (const Error &) {
        took_ = target.elapsed() - from;
        throw;
      }
      return FlashReport{};
    };
    job.probe = [](std::unique_ptr<Probe> probe) -> std::unique_ptr<Probe> {
      if (GetParam() == Vectors::redirected) return probe;
      return std::make_unique<NoVtor>(std::move(probe));
    };
    return run(*board_, job);
  }

  void use(LoaderClient &client, const Chip &chip) {
    const Bytes data = pattern(2 * kib, 3);
    for (std::size_t i = 0; i < 2; ++i) {
      client.submit(FH_OP_ERASE, chip.sectors[i].address, chip.sectors[i].size, {},
                    chip.sectors[i].erase_maximum);
    }
    for (std::uint32_t at = 0; at < data.size(); at += client.payload()) {
      const std::uint32_t size = std::min<std::uint32_t>(client.payload(), 2 * kib - at);
      client.submit(FH_OP_PROGRAM, flash_base + at, size, std::span(data).subspan(at, size),
                    chip.program_maximum * (size / page));
    }
    EXPECT_EQ(client.query(FH_OP_CRC, {{flash_base, 2 * kib}}).at(0).value, loader_crc(data));
    client.finish();
    Bytes found = board_->flash();
    found.resize(data.size());
    EXPECT_TRUE(found == data);
  }

  Listener listener_;
  std::unique_ptr<Board> board_;
  Nanoseconds took_{};
};

TEST_P(AlgorithmOfOthers, Writes) {
  const JobResult result = write(algorithm());
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_EQ(listener_.said, "");
}

TEST_P(AlgorithmOfOthers, MayBeSilentForAsLongAsItSays) {
  const JobResult result = write(algorithm(), {"flash_time=5.5x"});  // 220 ms for a page erase
  EXPECT_TRUE(result.good) << result.what;
}

TEST_P(AlgorithmOfOthers, IsGivenUpWhereItHangs) {
  LoaderCode code = algorithm();
  code.limits.init = 5s;  // which has returned
  const JobResult result = write(code, {"stuck_busy"});
  EXPECT_FALSE(result.good);
  EXPECT_THAT(result.what, HasSubstr("longer than its own limit"));
  EXPECT_LT(took_, 1s);
}

TEST_P(AlgorithmOfOthers, IsGivenUpWhereItsUnInitHangs) {
  Bytes broken(std::begin(algorithm_blob::code), std::end(algorithm_blob::code));
  const Bytes branch_to_itself{0xFE, 0xE7};
  std::ranges::copy(branch_to_itself, broken.begin() + algorithm_blob::uninit);
  LoaderCode code = algorithm();
  code.code = broken;
  code.limits.init = 300ms;
  code.limits.erase_sector = 1h;
  const JobResult result = write(code);
  EXPECT_FALSE(result.good);
  EXPECT_THAT(result.what, HasSubstr("UnInit or Init of the flash algorithm has not returned "
                                     "within 8"));  // some 800 ms: twice, and the agent's share
  EXPECT_LT(took_, 1s);
}

TEST_P(AlgorithmOfOthers, IsNotWaitedForOnceTheCoreHasStopped) {
  Bytes broken(std::begin(algorithm_blob::code), std::end(algorithm_blob::code));
  const Bytes undefined{0x00, 0xDE};
  std::ranges::copy(undefined, broken.begin() + algorithm_blob::erase_sector);
  LoaderCode code = algorithm();
  code.code = broken;
  code.limits.erase_sector = 1h;
  const JobResult result = write(code);
  EXPECT_FALSE(result.good);
  EXPECT_THAT(result.what, AllOf(HasSubstr("HardFault"), HasSubstr("undefined instruction")));
  EXPECT_LT(took_, 1s);
}

TEST_P(AlgorithmOfOthers, MustFitTheUnitInWhichTheChipIsPlanned) {
  const JobResult result = write(algorithm(), {}, page / 2);
  EXPECT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::internal);
  EXPECT_THAT(result.what, HasSubstr("the flash algorithm wants pages of"));
}

TEST_P(AlgorithmOfOthers, MustSayHowFastTheCoreRuns) {
  LoaderCode code = algorithm();
  code.clock_hz = 0;
  const JobResult result = write(code);
  EXPECT_EQ(result.code, Errc::internal);
  EXPECT_THAT(result.what, HasSubstr("how fast the core runs"));
}

INSTANTIATE_TEST_SUITE_P(WhereTheVectorsAre, AlgorithmOfOthers,
                         ::testing::Values(Vectors::redirected, Vectors::fixed),
                         [](const auto &param) {
                           return param.param == Vectors::fixed ? "Fixed" : "Redirected";
                         });

TEST(CrcUnitMessage, IsGivenWhereTheUnitIsMissing) {
  for (const bool dead : {false, true}) {
    BoardSpec spec;
    if (dead) spec.faults = {"crc_unit_dead"};
    Board board(spec, firmware(kib, 1));
    Listener listener;
    Job job;
    job.work = [&](Target &target, Observer &) {
      target.prepare();
      LoaderClient client(target.probe(), target.chip(), target.family().loader(target.chip()),
                          listener, {});
      client.start();
      client.finish();
      return FlashReport{};
    };
    EXPECT_TRUE(run(board, job).good);
    if (dead) {
      EXPECT_THAT(listener.said, HasSubstr("the family's function gives wrong CRCs"));
    } else {
      EXPECT_EQ(listener.said, "");
      EXPECT_THAT(listener.whispered, HasSubstr("lets the family's function compute CRCs"));
    }
  }
}

}  // namespace
}  // namespace flashhost::testing
