// Which chip it is: read until two readings agree.
#include "fake_probe.hpp"
#include "thrown.hpp"

#include <flashhost/cause.hpp>
#include <flashhost/identify.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace flashhost {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t id_at = 0x50001000;

class IdTest : public testing::Test {
 protected:
  IdTest() { probe.add_region(id_at, 16, 0x11); }
  // What successive reads give; the last one again and again. Empty: the read is refused.
  void readings(std::vector<std::optional<std::uint32_t>> values) {
    probe.on_read = [this, values = std::move(values)](std::uint32_t) {
      const auto value = values[std::min(reads++, values.size() - 1)];
      if (!value) throw Error(Errc::memory_fault, "refused");
      return value;
    };
  }

  fake::Probe probe;
  std::size_t reads = 0;
};

TEST_F(IdTest, IsReadTwice) {
  readings({0x410});
  EXPECT_EQ(read_id_word(probe, id_at), 0x410U);
  EXPECT_EQ(reads, 2U);
}

TEST_F(IdTest, ThatWasDamagedOrRefusedOnceIsReadUntilTwoReadingsAgree) {
  readings({0x414, 0x410});
  EXPECT_EQ(read_id_word(probe, id_at), 0x410U);
  reads = 0;
  readings({0x410, 0x414, 0x410});
  EXPECT_EQ(read_id_word(probe, id_at), 0x410U);
  reads = 0;
  readings({std::nullopt, 0x410});
  EXPECT_EQ(read_id_word(probe, id_at), 0x410U);
}

TEST_F(IdTest, ThatIsAlwaysRefusedIsNone) {
  readings({std::nullopt});
  EXPECT_FALSE(read_id_word(probe, id_at));
}

TEST_F(IdTest, ThatIsAnotherEachTimeIsNamed) {
  readings({1, 2, 3, 4, 5, 6});
  const Error error = bench::error_of([&] { return read_id_word(probe, id_at); });
  EXPECT_EQ(error.code(), Errc::target);
  EXPECT_THAT(error.what(), HasSubstr("the chip's id at 0x50001000 reads differently each time"));
  EXPECT_THAT(error.hint(), HasSubstr("lower transport.speed"));
  EXPECT_EQ(error.cause(), Cause::line_errors);
}

TEST_F(IdTest, OfOneWordRepeatedIsNoUniqueId) {
  EXPECT_TRUE(read_unique_id(probe, id_at).empty());
  probe.poke(id_at + 4, 0x12345678);
  EXPECT_EQ(read_unique_id(probe, id_at).size(), 12U);
  EXPECT_TRUE(read_unique_id(probe, 0x60000000).empty()) << "there is nothing";
}

}  // namespace
}  // namespace flashhost
