// What flashhost itself may take: to start, and of memory beside an image.
#include "board.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace flashhost::testing {
namespace {

constexpr long mebibyte = 1024;  // KiB

class HostLimits : public Board {};

TEST_F(HostLimits, ItStartsIn20MillisecondsOrAsFastAsPythonAndIn16Mebibytes) {
  double seconds = 1, python = 1;
  long peak = 0;
  for (int i = 0; i < 20; ++i) {
    const Outcome outcome = flashhost({"list", "plugins"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    seconds = std::min(seconds, outcome.processor_seconds);
    peak = std::max(peak, outcome.peak_kib);
    const Outcome nothing = run_process({"/usr/bin/env", "python3", "-c", "pass"});
    ASSERT_EQ(nothing.exit_code, 0) << nothing.err;
    python = std::min(python, nothing.processor_seconds);
  }
  std::cout << fmt::format("{:.1f} ms (an empty Python program {:.1f} ms), {:.1f} MiB\n",
                           1000 * seconds, 1000 * python, static_cast<double>(peak) / mebibyte);
  // A slow computer is told by the other program.
  EXPECT_LT(seconds, std::max(0.020, python));
  EXPECT_LT(peak, 16 * mebibyte);
}

class MemoryOfAnImage : public Board, public ::testing::WithParamInterface<const char *> {
 protected:
  // Of an image that is read, judged, and refused where no chip is as large as it.
  long peak(std::size_t size) {
    const std::string raw = (directory.path() / fmt::format("{}.raw", size)).string(),
                      name = (directory.path() / fmt::format("{}.{}", size, GetParam())).string();
    const Bytes bytes = firmware(size);
    std::ofstream(raw, std::ios::binary)
        .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(size));
    const std::string format = GetParam();
    const Outcome made =
        run_process({"/usr/bin/env", "objcopy", "-I", "binary", "-O", format, "--change-addresses",
                     format == "binary" ? "0" : "0x08000000", raw, name});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    const Outcome outcome = flashhost(
        format == "binary" ? std::vector{name + "@0x08000000", std::string("--format=bin")}
                           : std::vector{name});
    EXPECT_EQ(outcome.exit_code, size > flash_size ? 4 : 0) << outcome.err;
    file_kib = static_cast<long>(std::filesystem::file_size(name) / 1024);
    return outcome.peak_kib;
  }

  long file_kib = 0;  // of the last one
};

// At most three times the file, and of a text nearly as little as can be.
TEST_P(MemoryOfAnImage, IsOnceTheFileAndOnceItsData) {
  constexpr long large = 16 * mebibyte;
  const long small = peak(1024), beside = peak(std::size_t{large} * 1024) - small;
  std::cout << fmt::format("{}: {:.2f} times the data, {:.2f} times the file\n", GetParam(),
                           static_cast<double>(beside) / large,
                           static_cast<double>(beside) / static_cast<double>(file_kib));
  EXPECT_LT(beside, file_kib + large * 5 / 4);
}

INSTANTIATE_TEST_SUITE_P(In, MemoryOfAnImage, ::testing::Values("binary", "ihex", "srec"),
                         [](const auto &param) { return std::string(param.param); });

}  // namespace
}  // namespace flashhost::testing
