#include "format/format_suite.hpp"
#include "format/memory_limit.hpp"
#include "plugin/guarded.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <array>
#include <new>
#include <random>

namespace flashhost::conformance {

std::optional<ParsedFile> FormatConformance::parse(const Bytes &file, const ParseOptions &with,
                                                   std::size_t memory) {
  try {
    ParsedFile parsed;
    {
      const MemoryLimit limit(memory);
      parsed = format().parse(file, with);
    }
    EXPECT_EQ(violation(parsed), std::nullopt);
    return parsed;
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::image) << error.what();
    EXPECT_STRNE(error.what(), "");
  } catch (const std::bad_alloc &) {
    ADD_FAILURE() << "a file of " << file.size() << " bytes takes more than " << format_size(memory)
                  << " of memory";
  }
  return std::nullopt;
}

FLASHHOST_CONFORMANCE_SUITE(FormatConformance, format, 1);

TEST_P(FormatConformance, UnknownSettingIsRejectedByName) {
  expect_unknown_setting_is_refused<Format>();
}

TEST_P(FormatConformance, SaysWhetherItsFilesNeedAnAddress) {
  FLASHHOST_PROMISE("format.hpp, needs_address: whether files of this format carry no addresses");
  EXPECT_EQ(format().needs_address(), given().address.has_value());
}

TEST_P(FormatConformance, RecognisesItsSample) {
  const Bytes &sample = given().sample;
  const auto head = std::span(sample).first(std::min<std::size_t>(sample.size(), 4096));
  const int sureness = format().recognises(given().extension, head);
  EXPECT_GT(sureness, 0);
  EXPECT_LE(sureness, 100);
}

TEST_P(FormatConformance, SurenessIsBetween0And100AndExtensionAloneIsAtMost50) {
  const Bytes zeros(64);
  for (const std::string &extension : {std::string("elf"), std::string(), given().extension}) {
    for (const Bytes &head : {Bytes(), zeros, given().sample}) {
      const int sureness = format().recognises(extension, head);
      EXPECT_GE(sureness, 0);
      EXPECT_LE(sureness, 100);
    }
  }
  EXPECT_LE(format().recognises(given().extension, Bytes()), 50);
  EXPECT_EQ(format().recognises("no-such-extension", zeros), 0);
}

TEST_P(FormatConformance, ParsesItsSampleToWhatIsExpected) {
  const ParsedFile parsed = format().parse(given().sample, options());
  EXPECT_EQ(parsed, given().expected);
  EXPECT_EQ(violation(parsed), std::nullopt);
}

TEST_P(FormatConformance, KeepsNothingFromOneFileToTheNext) {
  const ParsedFile first = format().parse(given().sample, options());
  for (const NamedFile &bad : given().malformed) {
    EXPECT_THROW((void)format().parse(bad.content, options()), Error) << bad.name;
  }
  EXPECT_EQ(format().parse(given().sample, options()), first);
}

TEST_P(FormatConformance, MalformedFileIsAnImageErrorWithAReason) {
  for (const NamedFile &bad : given().malformed) {
    EXPECT_EQ(parse(bad.content, options()), std::nullopt) << "accepted: " << bad.name;
  }
}

TEST_P(FormatConformance, AnyTruncationIsSoundOrRefused) {
  Bytes file = given().sample;
  while (!file.empty()) {
    file.pop_back();
    static_cast<void>(parse(file, options()));
  }
}

TEST_P(FormatConformance, AnyDamagedByteIsSoundOrRefused) {
  if (given().sample.empty()) return;
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same damage in each run
  for (int round = 0; round < 2000; ++round) {
    Bytes file = given().sample;
    file[random() % file.size()] = static_cast<std::uint8_t>(random());
    static_cast<void>(parse(file, options()));
  }
}

TEST_P(FormatConformance, AddressIsRequiredByFormatsWithoutAddressesAndRefusedByOthers) {
  ParseOptions wrong;
  if (!given().address) wrong.address = 0x08000000;
  try {
    (void)format().parse(given().sample, wrong);
    FAIL() << (wrong.address ? "an address was accepted" : "no address was asked for");
  } catch (const Error &error) {
    EXPECT_TRUE(error.code() == Errc::image || error.code() == Errc::config) << error.what();
    EXPECT_NE(std::string(error.what()).find("address"), std::string::npos) << error.what();
  }
}

TEST_P(FormatConformance, FileThatReachesBeyondTheAddressSpaceIsRefused) {
  if (!given().address || given().sample.size() < 2) return;
  const auto last = static_cast<std::uint32_t>((std::uint64_t{1} << 32) - 1);
  try {
    (void)format().parse(given().sample, {last});
    FAIL() << "it was accepted";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::image) << error.what();
  }
}

TEST_P(FormatConformance, ReadsBackWhatItsWriterWrote) {
  const FormatWriter *writer = format().writer();
  if (writer == nullptr) return;  // a format that can only be read
  EXPECT_EQ(format().writer(), writer);
  EXPECT_EQ(format().parse(writer->write(given().expected), options()), given().expected);
  const std::uint32_t address = given().address.value_or(0x0800FFF9);
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{0x10010}}) {
    ParsedFile content{{{address, Bytes(size)}}, std::nullopt};
    for (std::size_t i = 0; i < size; ++i) {
      content.segments[0].data[i] = static_cast<std::uint8_t>(i * 7);
    }
    EXPECT_EQ(format().parse(writer->write(content), options()), content) << size << " bytes";
  }
}

}  // namespace flashhost::conformance
