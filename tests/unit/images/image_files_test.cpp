// Files of images: which format is taken, which files are refused, what comes of several together.
#include "images/image_files.hpp"

#include "../config/support.hpp"
#include "hosts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace flashhost {
namespace {

using config::test::error_of;
using testing::AllOf;
using testing::HasSubstr;

// Bytes 01 02 at 0x08000000, and how they end.
constexpr const char *hex_file = ":020000040800F2\n:020000000102FB\n:00000001FF\n";

class Remarks final : public Observer {
 public:
  std::vector<std::string> texts;
  void step(std::string_view /*name*/, std::uint64_t /*total*/) override {}
  void progress(std::uint64_t /*done*/) override {}
  void message(Level /*level*/, const std::string &text) override { texts.push_back(text); }
};

class FilesOfImages : public testing::Test {
 protected:
  // As [[image]] names it.
  config::ImageConfig &add(const std::string &name, const std::string &content) {
    config::ImageConfig image;
    image.file = folder_.write(name, content);
    image.where = "board.toml:7:1";
    config_.images.push_back(image);
    return config_.images.back();
  }
  [[nodiscard]] Image load() {
    ImageFiles files(plugins_, config_, {});
    static_cast<void>(files.image(chip_, observer_));
    return files.image(chip_, observer_);
  }
  [[nodiscard]] std::string refusal(Errc code) {
    return error_of(code, [&] { return load(); });
  }

  static Chip chip_with_flash() {
    Chip chip;
    chip.flash = {0x08000000, 0x10000};
    return chip;
  }

  Chip chip_ = chip_with_flash();
  config::test::Folder folder_;
  PluginLoader plugins_{{PLUGIN_FOLDER},
                        [](const std::string &) { return std::make_unique<testing::QuietHost>(); }};
  config::Config config_;
  Remarks observer_;
};

TEST_F(FilesOfImages, ContentDecidesTheFormatWhateverTheFileIsCalled) {
  add("firmware.bin", hex_file);
  EXPECT_EQ(load().segments, (std::vector<Segment>{{0x08000000, {1, 2}}}));
}

TEST_F(FilesOfImages, WhereTheContentSaysNothingTheExtensionDecidesInAnyCase) {
  add("firmware.BIN", "\x01\x02").address = 0x08000400;
  EXPECT_EQ(load().segments, (std::vector<Segment>{{0x08000400, {1, 2}}}));
}

TEST_F(FilesOfImages, AFileThatNoFormatKnowsIsRefusedWithTheFormatsThatWereAsked) {
  add("firmware.xyz", "\x01\x02");
  EXPECT_THAT(refusal(Errc::image),
              AllOf(HasSubstr("firmware.xyz"), HasSubstr("none of the installed formats (bin, "),
                    HasSubstr("ihex"), HasSubstr("srec")));
}

TEST_F(FilesOfImages, AFileOfMoreThan64MebibytesIsReadAndOneOfMoreThan256IsNot) {
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  config::ImageConfig &image = add("large.bin", "");
  image.address = 0;
  std::filesystem::resize_file(image.file, 70 * mebibyte);
  EXPECT_EQ(load().size(), 70 * mebibyte);
  std::filesystem::resize_file(image.file, 256 * mebibyte + 1);
  EXPECT_THAT(refusal(Errc::image),
              HasSubstr("large.bin has 268435457 bytes; at most 256 MiB are read"));
}

TEST_F(FilesOfImages, AFileThatCarriesAddressesIsNotWrittenAsARawBinary) {
  config::ImageConfig &image = add("firmware.hex", hex_file);
  image.format = "bin";
  image.address = 0x08000000;
  EXPECT_THAT(refusal(Errc::image), HasSubstr("firmware.hex: it is an Intel HEX file"));
}

TEST_F(FilesOfImages, TheFormatOfTheBoardFileIsTakenWhateverTheContentIs) {
  config::ImageConfig &image = add("firmware.hex", hex_file);
  image.format = "bin";
  image.address = 0x08000000;
  image.settings = Settings({{"raw", true, "board.toml:9:1"}});
  EXPECT_EQ(load().size(), std::string(hex_file).size());
}

TEST_F(FilesOfImages, AFileThatIsNotTheOneThatIsPinnedIsRefusedWithBothSums) {
  config::ImageConfig &image = add("firmware.hex", hex_file);
  image.sha256 = std::string(64, '0');
  EXPECT_THAT(refusal(Errc::image),
              AllOf(HasSubstr("firmware.hex: its SHA-256 is "),
                    HasSubstr("board.toml:7:1 pins " + std::string(64, '0'))));
}

TEST_F(FilesOfImages, ThePinnedFileIsTaken) {
  config::ImageConfig &image = add("firmware.hex", hex_file);
  image.sha256 = "0000";
  const std::string text = refusal(Errc::image);
  const std::size_t at = text.find("SHA-256 is ") + std::string("SHA-256 is ").size();
  image.sha256 = text.substr(at, 64);
  EXPECT_EQ(load().size(), 2U);
}

TEST_F(FilesOfImages, AMalformedFileIsNamedWithItsPath) {
  add("firmware.hex", ":020000040800F3\n");
  EXPECT_THAT(refusal(Errc::image), HasSubstr((folder_.path() / "firmware.hex").string() + ": "));
}

TEST_F(FilesOfImages, AFileWithoutDataIsRefused) {
  add("firmware.hex", ":00000001FF\n");
  EXPECT_THAT(refusal(Errc::image), HasSubstr("it holds no data"));
}

TEST_F(FilesOfImages, NoFileAtAllIsAnErrorOfUsage) {
  EXPECT_THAT(refusal(Errc::usage), HasSubstr("no firmware file is named"));
}

TEST_F(FilesOfImages, ARawBinaryWithoutAnAddressGoesToTheStartOfTheFlashWhichIsSaidOnce) {
  add("firmware.bin", "\x01\x02");
  EXPECT_EQ(load().segments, (std::vector<Segment>{{0x08000000, {1, 2}}}));
  ASSERT_EQ(observer_.texts.size(), 1U);
  EXPECT_THAT(observer_.texts[0],
              AllOf(HasSubstr("firmware.bin says no address: it goes to the start of the flash, "
                              "0x08000000"),
                    HasSubstr("firmware.bin@ADDRESS")));
}

TEST_F(FilesOfImages, AnUnknownFileWithAnAddressIsARawBinary) {
  add("firmware.img", "\x01\x02").address = 0x08000400;
  EXPECT_EQ(load().segments, (std::vector<Segment>{{0x08000400, {1, 2}}}));
}

TEST_F(FilesOfImages, AWordThatIsNeitherVerbNorFileIsSaidToBeNeither) {
  add("x", "").file = "frobnicate";
  config_.images.back().where = config::command_line;
  try {
    static_cast<void>(load());
    FAIL();
  } catch (const Error &error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot read frobnicate"));
    EXPECT_THAT(error.hint(), HasSubstr("\"frobnicate\" is no verb, either"));
  }
}

TEST_F(FilesOfImages, FilesThatDisagreeAreRefusedWithBothNames) {
  add("first.hex", hex_file);
  config::ImageConfig &second = add("second.bin", "\x01\x03");
  second.address = 0x08000000;
  EXPECT_THAT(refusal(Errc::image),
              AllOf(HasSubstr("first.hex"), HasSubstr("second.bin"), HasSubstr("0x08000001")));
}

TEST_F(FilesOfImages, TheOutputFormatGoesByTheExtensionAndRawBinaryIsNone) {
  EXPECT_EQ(output_format(plugins_, "dump.hex", "").value().id, "ihex");
  EXPECT_EQ(output_format(plugins_, "dump.S19", "").value().id, "srec");
  EXPECT_EQ(output_format(plugins_, "dump", "").has_value(), false);
  EXPECT_EQ(output_format(plugins_, "dump", "ihex").value().id, "ihex");
  EXPECT_EQ(output_format(plugins_, "dump.hex", "bin").value().id, "bin");
}

TEST_F(FilesOfImages, AnUnknownExtensionOfTheOutputIsAnError) {
  EXPECT_THAT(error_of(Errc::usage, [&] { return output_format(plugins_, "dump.xyz", ""); }),
              HasSubstr("dump.xyz: no format has the extension .xyz"));
}

}  // namespace
}  // namespace flashhost
