// One fault at the 1st, 2nd, ... n-th probe call of a whole job, until the job no longer reaches
// it. After each: a success means that every byte is right; after anything else the bytes outside
// the image are untouched and a run without faults succeeds.
#include "faulty_probe.hpp"
#include "flash/flash_job.hpp"
#include "plugin/plugin_loader.hpp"
#include "sim_probe.hpp"

#include <flashhost/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace flashhost::testing {
namespace {

constexpr std::uint32_t flash_base = 0x08000000;
constexpr std::uint32_t swd_speed = 4'000'000;
constexpr std::size_t flash_size = 16 * 1024;
constexpr const char *part = "STM32F103C4";

class NullHost final : public Host {
 public:
  void log(Level, std::string_view) noexcept override {}
  [[nodiscard]] bool enabled(Level) const noexcept override { return false; }
};

class NullObserver final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level, const std::string &) override {}
};

Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 25);
  }
  return bytes;
}

class Sweep : public ::testing::TestWithParam<FaultKind> {
 protected:
  Sweep()
      : plugins_({FLASHHOST_PLUGINS},
                 [](const std::string &) { return std::make_unique<NullHost>(); }),
        family_(plugins_.family("f1").object) {
    std::string name = (std::filesystem::temp_directory_path() / "flashhost-sweep-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    before_ = pattern(3000, 1);
    before_.resize(flash_size, 0xFF);
    const Bytes code = pattern(1500, 2);
    const Bytes data = pattern(99, 3);
    image_ = merge({{"image", {{{flash_base, code}, {flash_base + 2345, data}}, std::nullopt}}});
    wanted_ = before_;
    std::copy(code.begin(), code.end(), wanted_.begin());
    std::copy(data.begin(), data.end(), wanted_.begin() + 2345);
  }
  ~Sweep() override { std::filesystem::remove_all(directory_); }

  // True when the job says that it succeeded.
  bool job(Fault fault, bool &reached) {
    sim::SimSettings settings;
    settings.model.part = part;
    settings.flash_bytes = flash_size;
    settings.state_file = directory_ / "flash.bin";
    NullHost host;
    NullObserver observer;
    auto probe = std::make_unique<FaultyProbe>(
        std::make_unique<sim::SimProbe>(host, settings, swd_speed), fault);
    FaultyProbe &faulty = *probe;
    bool good = false;
    Target target(std::move(probe), {{"f1", family_}}, {}, observer);
    try {
      target.connect();
      connected_ = true;
      FlashOptions options;
      options.journal_directory = directory_ / "journal";
      static_cast<void>(flash(target, image_, options, observer, {}));
      good = true;
      if (fault.kind == FaultKind::vanishes) expect_tidy(faulty.real());
    } catch (const Error &error) {
      last_error_ = error.what();
    }
    reached = faulty.reached();
    return good;
  }

  // Flash locked, nothing caught, no debugger, the core running.
  void expect_tidy(Probe &probe) {
    constexpr std::uint32_t flash_cr = 0x40022010, dbgmcu_cr = 0xE0042004;
    EXPECT_EQ(probe.read_word(flash_cr), 0x80U);
    EXPECT_EQ(probe.read_word(dbgmcu_cr), 0U);
    EXPECT_EQ(probe.read_word(cortex_m::demcr) & 0x7F1U, 0U);
    EXPECT_EQ(probe.read_word(cortex_m::dhcsr) & (cortex_m::dhcsr_debugen | cortex_m::dhcsr_s_halt),
              0U);
  }

  void start_anew() {
    connected_ = false;
    std::filesystem::remove_all(directory_ / "journal");
    std::ofstream(directory_ / "flash.bin", std::ios::binary)
        .write(reinterpret_cast<const char *>(before_.data()), flash_size);
  }
  [[nodiscard]] Bytes now() const {
    std::ifstream stream(directory_ / "flash.bin", std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  PluginLoader plugins_;
  std::shared_ptr<Family> family_;
  std::filesystem::path directory_;
  Image image_;
  Bytes before_;
  Bytes wanted_;
  std::string last_error_;
  bool connected_ = false;
};

TEST_P(Sweep, LosesNothing) {
  bool reached = true;
  std::uint64_t successes = 0;
  std::uint64_t call = 1;
  for (; reached; ++call) {
    start_anew();
    const bool good = job({GetParam(), call}, reached);
    const Bytes found = now();
    if (good) {
      ++successes;
      ASSERT_TRUE(found == wanted_) << "a false success, call " << call;
      ASSERT_FALSE(HasFailure()) << "the target was not left tidy, call " << call;
      continue;
    }
    ASSERT_FALSE(connected_ && GetParam() == FaultKind::vanishes)
        << "the job did not go on, call " << call << ": " << last_error_;
    ASSERT_TRUE(std::equal(found.begin() + 3072, found.end(), before_.begin() + 3072))
        << "bytes outside of the plan were changed, call " << call;
    bool unused = false;
    ASSERT_TRUE(job({}, unused)) << "the run after call " << call << " failed: " << last_error_;
    ASSERT_TRUE(now() == wanted_) << "the run after call " << call;
  }
  EXPECT_GT(call, 100U) << "the sweep ended before the job did anything";
  RecordProperty("calls", std::to_string(call));
  RecordProperty("successes", std::to_string(successes));
}

std::string name_of(const ::testing::TestParamInfo<FaultKind> &kind) {
  constexpr std::array names = {"refused",    "no_answer",      "read_damaged", "write_damaged",
                                "write_lost", "last_word_lost", "target_reset", "vanishes"};
  return names.at(static_cast<std::size_t>(kind.param));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Sweep,
                         ::testing::Values(FaultKind::refused, FaultKind::no_answer,
                                           FaultKind::read_damaged, FaultKind::write_damaged,
                                           FaultKind::write_lost, FaultKind::last_word_lost,
                                           FaultKind::target_reset, FaultKind::vanishes),
                         name_of);

}  // namespace
}  // namespace flashhost::testing
