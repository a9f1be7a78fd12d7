// Merging, and what a job asks of the image: near-linear whatever the files contain.
#include "cost.hpp"

#include <flashhost/error.hpp>

#include <flash/image.hpp>
#include <flash/plan.hpp>

namespace flashhost {
namespace {

using testing::Cost;
using testing::cost_of;
using testing::expect_near_linear;
using testing::expect_to_stop_soon;

constexpr std::uint32_t base = 0x08000000;

std::uint8_t byte_at(std::size_t address) {
  return static_cast<std::uint8_t>(address * 31);
}

// count one-byte segments, `step` apart.
ImageFile bytes_apart(std::string name, std::uint32_t first, std::size_t count, std::size_t step) {
  ImageFile file{std::move(name), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const auto address = static_cast<std::uint32_t>(base + first + i * step);
    file.content.segments.push_back({address, {byte_at(address)}});
  }
  return file;
}

ImageFile in_one(std::string name, std::size_t size) {
  ImageFile file{std::move(name), {{{base, Bytes(size)}}, {}}};
  for (std::size_t i = 0; i < size; ++i) file.content.segments[0].data[i] = byte_at(base + i);
  return file;
}

Cost cost_of_merge(std::vector<ImageFile> files) {
  return cost_of([&] { static_cast<void>(merge(std::move(files))); });
}

TEST(MergeCost, InterleavedBytesOfTwoFilesAreMergedInLinearTimeAndBecomeOneSegment) {
  const auto files = [](std::size_t size) {
    return std::vector{bytes_apart("even", 0, size, 2), bytes_apart("odd", 1, size, 2)};
  };
  expect_near_linear([&](std::size_t size) { return cost_of_merge(files(size)); }, 10'000);
  const Image image = merge(files(10'000));
  ASSERT_EQ(image.segments.size(), 1U);
  EXPECT_EQ(image.segments.front().data.size(), 20'000U);
}

TEST(MergeCost, InterleavedBytesOfManyFilesAreMergedInLinearTime) {
  expect_near_linear(
      [](std::size_t size) {
        std::vector<ImageFile> files;
        for (std::uint32_t i = 0; i < 32; ++i) {
          files.push_back(bytes_apart("file " + std::to_string(i), i, size / 32, 64));
        }
        return cost_of_merge(std::move(files));
      },
      32'000);
}

TEST(MergeCost, FilesThatAgreeEverywhereAreComparedInLinearTime) {
  expect_near_linear(
      [](std::size_t size) {
        return cost_of_merge({bytes_apart("a", 0, size, 2), bytes_apart("b", 0, size, 2),
                              in_one("c", 2 * size), bytes_apart("d", 1, size, 2)});
      },
      10'000);
}

TEST(MergeCost, ADifferenceAtTheVeryEndIsFoundInLinearTime) {
  expect_near_linear(
      [](std::size_t size) {
        std::vector files{bytes_apart("a", 0, size, 2), in_one("b", 2 * size)};
        files[0].content.segments.back().data[0] ^= 1;
        return cost_of([&] { EXPECT_THROW(static_cast<void>(merge(std::move(files))), Error); });
      },
      10'000);
}

TEST(MergeCost, TheMemoryIsAtMostTheFilesOnceMore) {
  std::vector files{bytes_apart("a", 0, 50'000, 3), bytes_apart("b", 1, 50'000, 3)};
  // A segment and its one byte take about 64 bytes.
  EXPECT_LT(cost_of_merge(std::move(files)).peak, 100'000U * 64U);
}

TEST(MergeCost, WhatAJobAsksOfAnImageWithManyGapsIsNearLinear) {
  expect_near_linear(
      [](std::size_t size) {
        const Image image = merge({bytes_apart("a", 0, size, 64)});
        Chip chip;
        chip.flash = {base, static_cast<std::uint32_t>(size * 64)};
        for (std::uint32_t at = 0; at < chip.flash.size; at += 1024) {
          chip.sectors.push_back({base + at, 1024, {}, {}});
        }
        return cost_of([&] {
          check_fits(image, chip);
          for (const Sector &sector : touched_sectors(image, chip)) {
            EXPECT_FALSE(image.covers(sector.range()));
            EXPECT_EQ(sector_content(image, chip, sector, {}).size(), 1024U);
          }
        });
      },
      20'000);
}

TEST(MergeCost, ThePlaceThatDoesNotFitIsFoundInLinearTime) {
  expect_near_linear(
      [](std::size_t size) {
        const Image image =
            merge({bytes_apart("even", 0, size, 2), bytes_apart("odd", 1, size, 2)});
        Chip chip;
        chip.flash = {base, static_cast<std::uint32_t>(2 * size - 1)};
        return cost_of([&] { EXPECT_THROW(check_fits(image, chip), Error); });
      },
      20'000);
}

TEST(MergeCost, AStopIsNoticedAtOnce) {
  expect_to_stop_soon([](const std::stop_token &stop) {
    static_cast<void>(
        merge({bytes_apart("even", 0, 20'000, 2), bytes_apart("odd", 1, 20'000, 2)}, stop));
  });
}

}  // namespace
}  // namespace flashhost
