// One USB fault at the 1st, 2nd, ... n-th transfer of a whole job, until the job no longer reaches
// it. A success means that every byte is right; after anything else the bytes outside of the image
// are untouched, and a second run with the probe plugged in again completes the job. No job takes
// longer than its bound.
#include "flash/flash_job.hpp"
#include "model_bus.hpp"
#include "plugin/plugin_loader.hpp"
#include "stlink_transport.hpp"

#include <flashhost/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace flashhost::stlink {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t flash_base = 0x08000000;
constexpr std::size_t page = 1024, touched = 3 * page;
// Three passes that each wait for the probe to come back, and the job itself.
constexpr Nanoseconds longest_job = 60s;

class NullHost final : public Host {
 public:
  void log(Level /*level*/, std::string_view /*text*/) noexcept override {}
  [[nodiscard]] bool enabled(Level /*level*/) const noexcept override { return false; }
};

class NullObserver final : public Observer {
 public:
  void step(std::string_view /*name*/, std::uint64_t /*total*/) override {}
  void progress(std::uint64_t /*done*/) override {}
  void message(Level /*level*/, const std::string & /*text*/) override {}
};

Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(seed >> 25);
  }
  return bytes;
}

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t thinned = 5;  // each job takes five times as long
#else
constexpr std::uint64_t thinned = 1;
#endif

struct Kind {
  test::UsbFault fault;
  const char *name;
  std::uint64_t stride;  // every how many transfers
  bool mended;           // a single one of them must not fail the job once it has begun
};

class UsbSweep : public testing::TestWithParam<Kind> {
 protected:
  UsbSweep()
      : plugins_({FLASHHOST_PLUGINS},
                 [](const std::string &) { return std::make_unique<NullHost>(); }),
        family_(plugins_.family("f1").object) {
    std::string name = (std::filesystem::temp_directory_path() / "flashhost-usb-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    const Bytes code = pattern(600, 2), data = pattern(99, 3);
    image_ = merge({{"image", {{{flash_base, code}, {flash_base + 2345, data}}, std::nullopt}}});
    before_ = pattern(touched + page, 1);
    wanted_ = before_;
    std::ranges::copy(code, wanted_.begin());
    std::ranges::copy(data, wanted_.begin() + 2345);
  }
  ~UsbSweep() override { std::filesystem::remove_all(directory_); }

  void start_anew() {
    std::filesystem::remove_all(directory_ / "journal");
    target_model::Config config;
    config.part = "STM32F103C4";
    board_ = std::make_shared<test::ModelBoard>(virtual_stlink::FirmwareConfig{}, config);
    std::ranges::copy(before_, board_->flash.begin());
    board_->target.power_cycle();
  }

  // True when the job says that it succeeded.
  bool job(test::UsbFaultAt fault) {
    connected_ = false;
    board_->fault = fault;
    board_->transfers = 0;
    board_->plug_in();
    const Nanoseconds start = board_->now();
    NullHost host;
    NullObserver observer;
    StlinkTransport transport(host, std::make_shared<test::ModelBus>(board_),
                              std::make_shared<test::ModelClock>(board_));
    bool good = false;
    try {
      transport.configure(Settings());
      Target target(transport.open({}), {{"f1", family_}}, {}, observer);
      target.connect();
      connected_ = true;
      FlashOptions options;
      options.journal_directory = directory_ / "journal";
      static_cast<void>(flash(target, image_, options, observer, {}));
      good = true;
    } catch (const Error &error) {
      last_error_ = error.what();
    }
    EXPECT_LT(board_->now() - start, longest_job);
    return good;
  }

  [[nodiscard]] Bytes now() const {
    return {board_->flash.begin(), board_->flash.begin() + touched + page};
  }

  PluginLoader plugins_;
  std::shared_ptr<Family> family_;
  std::filesystem::path directory_;
  Image image_;
  Bytes before_, wanted_;
  std::shared_ptr<test::ModelBoard> board_;
  std::string last_error_;
  bool connected_ = false;
};

TEST_P(UsbSweep, LosesNothing) {
  const Kind &kind = GetParam();
  std::uint64_t transfer = 1;
  for (bool reached = true; reached; transfer += kind.stride * thinned) {
    SCOPED_TRACE(transfer);
    start_anew();
    const bool good = job({kind.fault, transfer});
    reached = board_->transfers >= transfer;
    if (good) {
      ASSERT_TRUE(now() == wanted_) << "a false success";
      continue;
    }
    ASSERT_FALSE(kind.mended && connected_) << "the job did not go on: " << last_error_;
    const Bytes found = now();
    ASSERT_TRUE(std::equal(found.begin() + touched, found.end(), before_.begin() + touched))
        << "bytes outside of the plan were changed";
    ASSERT_TRUE(job({})) << "the second run failed: " << last_error_;
    ASSERT_TRUE(now() == wanted_) << "after the second run";
  }
  EXPECT_GT(transfer, 300U) << "the sweep ended before the job did anything";
  RecordProperty("transfers", std::to_string(transfer));
}

INSTANTIATE_TEST_SUITE_P(Kinds, UsbSweep,
                         testing::Values(Kind{test::UsbFault::unplug, "unplug", 1, false},
                                         Kind{test::UsbFault::replug, "replug", 3, true},
                                         Kind{test::UsbFault::no_reply, "no_reply", 5, true},
                                         Kind{test::UsbFault::stall, "stall", 7, true},
                                         Kind{test::UsbFault::short_reply, "short_reply", 7, true},
                                         Kind{test::UsbFault::garbage_reply, "garbage_reply", 5,
                                              false}),
                         [](const auto &row) { return std::string(row.param.name); });

}  // namespace
}  // namespace flashhost::stlink
