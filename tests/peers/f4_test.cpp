// STM32F4 boards through libusb: every width of programming, one and two banks.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tuple>

namespace flashhost::testing {

namespace {

constexpr std::size_t kib = 1024;

#ifdef FLASHHOST_SANITIZED
constexpr std::size_t share = 8;  // of each image: the model is several times slower
constexpr int pace = 2;
#else
constexpr std::size_t share = 1;
constexpr int pace = 8;
#endif

struct Job {
  const char *chip;
  std::size_t flash;
  std::size_t image;
};

struct Supply {
  const char *name;
  const char *fault;
};

// Three erased blocks of 4 KiB after each that holds something, where programming takes long.
Flash with_gaps(Flash bytes) {
  constexpr std::size_t block = 4 * kib;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at / block % 4 != 0) bytes[at] = 0xFF;
  }
  return bytes;
}

class F4OnStlink : public Desk, public ::testing::WithParamInterface<std::tuple<Job, Supply>> {};

TEST_P(F4OnStlink, whole_image_is_right_to_the_byte) {
  const auto &[job, supply] = GetParam();
  Flash old(job.flash, 0xFF);
  std::ranges::copy(pattern(24 * kib, 5), old.begin());
  std::ranges::copy(pattern(8 * kib, 6), old.end() - static_cast<std::ptrdiff_t>(8 * kib));
  put_flash(old);
  const bool fast = job.image < 1024 * kib && std::string(supply.name) == "at_3V3";
  const Flash whole = pattern(job.image / share, 2);
  const Flash image = fast ? whole : with_gaps(whole);
  const Outcome outcome = on_probe(
      flashhost({}, image, 0, fmt::format("[transport.settings]\ntime_scale = {}", pace)),
      {"--chip", job.chip, "--fault", supply.fault, "--pace", fmt::format("fast={}", pace)});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(difference(with_image_alone(old, 0, image), flash()), "") << outcome.err;
  EXPECT_TRUE(summary.at("probe_notes").empty()) << summary.dump(2);
  EXPECT_TRUE(summary.at("board_notes").empty()) << summary.dump(2);
}

INSTANTIATE_TEST_SUITE_P(
    Boards, F4OnStlink,
    ::testing::Combine(::testing::Values(Job{"STM32F407VG", 1024 * kib, 512 * kib},
                                         Job{"STM32F411CE", 512 * kib, 256 * kib},
                                         Job{"STM32F429ZI", 2048 * kib, 2048 * kib}),
                       ::testing::Values(Supply{"at_3V3", "voltage=3300"},
                                         Supply{"at_2V4", "voltage=2400"},
                                         Supply{"at_1V9", "voltage=1900"},
                                         Supply{"unknown", "vapp_not_wired"})),
    [](const auto &one) {
      return fmt::format("{}_{}", std::get<0>(one.param).chip, std::get<1>(one.param).name);
    });

}  // namespace

}  // namespace flashhost::testing
