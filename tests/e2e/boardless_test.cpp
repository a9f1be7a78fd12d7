// The program without a board file, or with one that nobody named; and images that cannot be right.
#include "board.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

class Boardless : public Board {
 protected:
  // Runs flashhost in the folder, where no board file is unless a test writes one.
  Outcome in_folder(const Words &arguments, const Environment &more = {}) {
    Words words{
        "/bin/sh",         "-c",           R"(cd "$0" && exec "$@")", directory.path().string(),
        FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_process(words, environment(more));
  }
  // On the simulated board, whose flash is in flash.bin.
  Outcome on_sim(const Words &arguments) {
    Words words{"--transport", "sim",
                "--set",       "transport.settings.state_file=flash.bin",
                "--set",       "transport.settings.run_time=0s"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return in_folder(words);
  }
  void write(const std::string &name, const std::string &content) const {
    std::ofstream(directory.path() / name, std::ios::binary) << content;
  }
  void write(const std::string &name, const Bytes &content) const {
    write(name, std::string(content.begin(), content.end()));
  }
  [[nodiscard]] Bytes flash_part(std::size_t offset, std::size_t size) const {
    const Bytes all = flash();
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(offset);
    return {begin, begin + static_cast<std::ptrdiff_t>(size)};
  }
};

TEST_F(Boardless, AFileIsFlashedThroughTheTransportThatIsNamed) {
  const Bytes content = firmware(5000, 1);
  write("app.bin", content);
  const Outcome outcome = on_sim({"app.bin"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(flash_part(0, content.size()), content);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("app.bin says no address: it goes to the start of the flash, "
                              "0x08000000"),
                    HasSubstr("STM32F103xB on simulated ST-Link"), Not(HasSubstr("warning"))));
}

TEST_F(Boardless, AFileGoesToTheAddressBehindIt) {
  const Bytes content = firmware(5000, 1);
  write("app.img", content);
  const Outcome outcome = on_sim({"app.img@0x08004000"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(flash_part(0x4000, content.size()), content);
  EXPECT_EQ(flash_part(0, 0x4000), Bytes(0x4000, 0xFF));
}

TEST_F(Boardless, NoFileIsAnErrorThatSaysHowToNameOne) {
  const Outcome outcome = in_folder({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("no firmware file is named"), HasSubstr("flashhost app.elf")));
}

TEST_F(Boardless, NoProbeIsAnErrorThatOffersTheSimulatedOne) {
  write("app.bin", firmware(500, 1));
  // A machine with a probe plugged in has it, so another bus is looked for.
  const Outcome outcome = in_folder({"app.bin", "--probe", "usb:99-9"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("Several probes, or one in use"));
}

TEST_F(Boardless, TheBoardFileOfTheFolderIsTakenAndNamed) {
  write("board.toml", "[board]\nname = 'from the folder'\n[transport]\nplugin = 'sim'\n");
  const Outcome outcome = in_folder({"info"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("from the folder"));
  EXPECT_THAT(outcome.err, HasSubstr("board file: board.toml (named by the current folder)"));
  EXPECT_THAT(in_folder({"info", "--no-config", "--transport", "sim"}).out,
              Not(HasSubstr("from the folder")));
}

TEST_F(Boardless, TheBoardFileOfTheEnvironmentComesBeforeIt) {
  write("board.toml", "[board]\nname = 'from the folder'\n[transport]\nplugin = 'sim'\n");
  write("rig.toml", "include = ['board.toml']\n[board]\nname = 'from the environment'\n");
  const Environment rig{{"FLASHHOST_CONFIG", (directory.path() / "rig.toml").string()}};
  const Outcome outcome = in_folder({"info"}, rig);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("from the environment"));
  EXPECT_THAT(outcome.err, HasSubstr("rig.toml (named by $FLASHHOST_CONFIG)"));
  const Outcome missing = in_folder({"info"}, {{"FLASHHOST_CONFIG", "/no/such.toml"}});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err,
              AllOf(HasSubstr("cannot read /no/such.toml"), HasSubstr("$FLASHHOST_CONFIG")));
}

TEST_F(Boardless, AChipThatIsAlmostRightIsNamed) {
  const Outcome outcome = on_sim({"info", "--chip", "STM32F103C9"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean \"STM32F103C"));
}

TEST_F(Boardless, AnotherChipThanTheOneThatIsNamedIsRefused) {
  EXPECT_EQ(on_sim({"info", "--chip", "STM32F103CB"}).exit_code, 0);
  EXPECT_EQ(on_sim({"info", "--chip", "STM32F103RE"}).exit_code, 6);
}

TEST_F(Boardless, AnUnknownExtensionOfADumpIsAnError) {
  const Outcome outcome = on_sim({"read", "-o", "dump.xyz"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no format has the extension .xyz"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "dump.xyz"));
  EXPECT_EQ(on_sim({"read", "-o", "dump.xyz", "--format", "bin"}).exit_code, 0);
  EXPECT_EQ(std::filesystem::file_size(directory.path() / "dump.xyz"), 128U * 1024);
}

// Vectors, and code that fills 4 KiB.
Bytes image_with(std::uint32_t stack, std::uint32_t entry) {
  Bytes content = firmware(4096, 1);
  for (int i = 0; i < 4; ++i) {
    content[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(stack >> (8 * i));
    content[static_cast<std::size_t>(4 + i)] = static_cast<std::uint8_t>(entry >> (8 * i));
  }
  return content;
}

struct Doubtful {
  const char *name;
  Bytes content;
  const char *address;
  const char *text;
};
void PrintTo(const Doubtful &image, std::ostream *out) {
  *out << image.name;
}
class DoubtfulImage : public Boardless, public ::testing::WithParamInterface<Doubtful> {};

TEST_P(DoubtfulImage, IsWarnedOfAndRefusedWithStrictBeforeAnythingIsWritten) {
  write("app.bin", GetParam().content);
  const std::string file = std::string("app.bin@") + GetParam().address;
  EXPECT_THAT(on_sim({"verify", file, "--strict"}).err, HasSubstr("has no effect on verify"));
  const Outcome plan = on_sim({"plan", file});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_THAT(plan.err, AllOf(HasSubstr("warning"), HasSubstr(GetParam().text)));
  const Outcome strict = on_sim({file, "--strict"});
  EXPECT_EQ(strict.exit_code, 4);
  EXPECT_THAT(strict.err, AllOf(HasSubstr("error: "), HasSubstr(GetParam().text),
                                HasSubstr("Nothing was changed")));
  EXPECT_TRUE(!std::filesystem::exists(directory.path() / "flash.bin") ||
              flash() == Bytes(flash_size, 0xFF));
  const Outcome outcome = on_sim({file});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().text));
  const std::size_t warned = outcome.err.find(GetParam().text);
  EXPECT_LT(warned, outcome.err.find("programming"));
  EXPECT_EQ(outcome.err.find(GetParam().text, warned + 1), std::string::npos) << "said once";
}

INSTANTIATE_TEST_SUITE_P(
    Each, DoubtfulImage,
    ::testing::Values(Doubtful{"ForAChipWithMoreRam", image_with(0x20020000, 0x08000101),
                               "0x08000000",
                               "puts its stack at 0x20020000, which is not in the internal RAM of"},
                      Doubtful{"WithoutThumbBit", image_with(0x20005000, 0x08000100), "0x08000000",
                               "reset vector, 0x08000100, is even"},
                      Doubtful{"StartingOutside", image_with(0x20005000, 0x08004101), "0x08000000",
                               "reset vector, 0x08004101, points outside the image"},
                      Doubtful{"AtTheWrongAddress", image_with(0x20005000, 0x08000101),
                               "0x08004000", "linked for another address"},
                      Doubtful{"BlankAtItsBeginning", image_with(0xFFFFFFFF, 0xFFFFFFFF),
                               "0x08000000", "the image is blank at 0x08000000"},
                      Doubtful{"WithoutItsBeginning", firmware(4096, 1), "0x08000010",
                               "in the middle of the vector table"}),
    [](const auto &one) { return one.param.name; });

TEST_F(Boardless, WhatIsRightIsNotDoubted) {
  write("data.bin", Bytes(2000, 0xA5));
  write("low.bin", image_with(0x20005000, 0x00000101));  // linked for the alias at 0
  write("behind.bin", image_with(0x20005000, 0x08004101));
  for (const char *file : {"data.bin@0x08008000", "low.bin", "behind.bin@0x08004000"}) {
    const Outcome outcome = on_sim({file, "--strict"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.err, Not(HasSubstr("warning"))) << file;
  }
}

}  // namespace
}  // namespace flashhost::testing
