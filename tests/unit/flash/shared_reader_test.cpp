#include "flash/shared_reader.hpp"

#include <gtest/gtest.h>

namespace flashhost {
namespace {

// Each reading is another one.
class Counter final : public ProbeReader {
 public:
  ProbeInfo info() override {
    ++infos;
    return {};
  }
  CoreState state() override { return CoreState::running; }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width) override {
    if (failure) throw Error(*failure);
    out.front() = static_cast<std::uint8_t>(++readings + address);
  }
  std::uint32_t read_register(CoreRegister) override { return 0; }
  Nanoseconds now() override { return {}; }
  void sleep(Nanoseconds) override {}

  std::uint32_t readings = 0;
  int infos = 0;
  std::optional<Error> failure;
};

TEST(SharedReader, GivesTheNextFamilyWhatTheFirstHasRead) {
  Counter probe;
  SharedReader reader(probe);
  reader.begin();
  const std::uint32_t first = reader.read_word(0x40), second = reader.read_word(0x40);
  EXPECT_NE(first, second) << "a second reading is one";
  const std::uint32_t other = reader.read_word(0x80);
  reader.begin();
  EXPECT_EQ(reader.read_word(0x80), other);
  EXPECT_EQ(reader.read_word(0x40), first);
  EXPECT_EQ(reader.read_word(0x40), second);
  EXPECT_EQ(probe.readings, 3U);
  EXPECT_NE(reader.read_word(0x40), second);
  EXPECT_EQ(probe.readings, 4U);
}

TEST(SharedReader, TellsWidthsAndSizesApart) {
  Counter probe;
  SharedReader reader(probe);
  static_cast<void>(reader.read_word(0x40));
  static_cast<void>(reader.read_half(0x40));
  std::array<std::uint8_t, 8> block{};
  reader.read_memory(0x40, block, Width::word);
  EXPECT_EQ(probe.readings, 3U);
}

TEST(SharedReader, RemembersARefusedAccessAndNoOtherError) {
  Counter probe;
  SharedReader reader(probe);
  const auto code = [&]() -> std::optional<Errc> {
    try {
      static_cast<void>(reader.read_word(0x40));
      return std::nullopt;
    } catch (const Error &error) {
      return error.code();
    }
  };
  probe.failure = Error(Errc::memory_fault, "nothing there");
  reader.begin();
  EXPECT_EQ(code(), Errc::memory_fault);
  probe.failure = Error(Errc::target, "busy");
  reader.begin();
  EXPECT_EQ(code(), Errc::memory_fault);
  EXPECT_EQ(code(), Errc::target);
  probe.failure.reset();
  EXPECT_EQ(code(), std::nullopt);
}

TEST(SharedReader, AsksOnceWhatTheProbeIs) {
  Counter probe;
  SharedReader reader(probe);
  for (int family = 0; family < 3; ++family) {
    reader.begin();
    static_cast<void>(reader.info());
  }
  EXPECT_EQ(probe.infos, 1);
}

}  // namespace
}  // namespace flashhost
