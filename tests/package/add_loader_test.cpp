// flashhost_add_loader: what it makes of a vendor's sources, and what it refuses.
#include "shell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace flashhost {
namespace {

using testing::HasSubstr;
using testing::Not;

// C in which every function returns a number of its own.
constexpr const char *erase_and_program = R"(
#include "loader.h"
int EraseSector(uint32_t address) { (void)address; return 3; }
int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) {
  (void)address; (void)size; (void)data; return 5;
}
)";

class AddLoader : public testing::Test {
 protected:
  // `made` of one C file; arguments: of flashhost_add_loader, behind its SOURCES.
  void SetUp() override { write_project("loader.c", ""); }

  void write(const std::string &file, const std::string &text) const {
    std::ofstream(folder_.path() / file) << text;
  }
  void write_project(const std::string &sources, const std::string &arguments) const {
    const std::string source = SOURCE_DIR;
    write("CMakeLists.txt",
          "cmake_minimum_required(VERSION 3.25)\nproject(made LANGUAGES NONE)\n"
          "set(FLASHHOST_LOADERS_DIR " +
              source + "/loaders)\nset(FLASHHOST_INCLUDE_DIR " + source +
              "/sdk/include)\ninclude(" + source +
              "/sdk/cmake/FlashhostLoader.cmake)\nflashhost_add_loader(made SOURCES " + sources +
              " " + arguments + ")\n");
  }
  [[nodiscard]] Outcome configure(const std::string &options = "") const {
    return run(std::string(CMAKE_PROGRAM) + " -G Ninja -S " + folder_.path().string() + " -B " +
               build() + " " + options);
  }
  [[nodiscard]] Outcome compile() const {
    Outcome configured = configure();
    if (configured.exit_code != 0) return configured;
    Outcome built = run(std::string(CMAKE_PROGRAM) + " --build " + build());
    std::ranges::replace(built.output, '\n', ' ');  // long messages are broken into lines
    built.output = std::regex_replace(built.output, std::regex(" +"), " ");
    return built;
  }
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }
  [[nodiscard]] std::string build() const { return folder() + "/build"; }
  [[nodiscard]] std::string header() const {
    std::ostringstream text;
    text << std::ifstream(build() + "/flashhost-loaders/made/made.hpp").rdbuf();
    return text.str();
  }
  // The code in the header, and where the header says that a function begins.
  [[nodiscard]] std::vector<int> code() const {
    std::vector<int> bytes;
    const std::string text = header();
    const std::regex byte("0x([0-9a-f]{2}),");
    for (std::sregex_iterator it(text.begin(), text.end(), byte), end; it != end; ++it) {
      bytes.push_back(std::stoi((*it)[1], nullptr, 16));
    }
    return bytes;
  }
  [[nodiscard]] std::vector<int> code_at(const std::string &function) const {
    const std::string text = header();
    std::smatch found;
    if (!std::regex_search(text, found, std::regex(" " + function + " = 0x([0-9a-f]+);"))) {
      return {};
    }
    const auto all = code();
    const auto from = all.begin() + std::stoi(found[1], nullptr, 16);
    return {from, from + 4};
  }
  // movs r0, #number; bx lr
  static std::vector<int> returns(int number) { return {number, 0x20, 0x70, 0x47}; }

 private:
  TemporaryFolder folder_;
};

TEST_F(AddLoader, GivesTheOffsetsOfWhatIsDefinedInC) {
  write("loader.c", std::string(erase_and_program) + R"(
int Init(uint32_t address, uint32_t clock, uint32_t function) {
  (void)address; (void)clock; (void)function; return 1;
}
int UnInit(uint32_t function) { (void)function; return 2; }
int EraseChip(void) { return 4; }
uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc) {
  (void)address; (void)words; (void)crc; return 6;
}
)");
  const Outcome built = compile();
  ASSERT_EQ(built.exit_code, 0) << built.output;
  EXPECT_EQ(code_at("init"), returns(1));
  EXPECT_EQ(code_at("uninit"), returns(2));
  EXPECT_EQ(code_at("erase_sector"), returns(3));
  EXPECT_EQ(code_at("erase_chip"), returns(4));
  EXPECT_EQ(code_at("program_page"), returns(5));
  EXPECT_EQ(code_at("crc"), returns(6));
  EXPECT_THAT(header(), HasSubstr("loader.program_page = program_page;"));
  EXPECT_THAT(header(), Not(HasSubstr("idle")));  // it has none
}

TEST_F(AddLoader, TakesAssemblerToo) {
  write_project("loader.c idle.S", "");
  write("loader.c", erase_and_program);
  write("idle.S",
        ".syntax unified\n.thumb\n.global Idle\n.thumb_func\nIdle:\n  movs r0, #9\n  bx lr\n");
  const Outcome built = compile();
  ASSERT_EQ(built.exit_code, 0) << built.output;
  EXPECT_EQ(code_at("idle"), returns(9));
}

TEST_F(AddLoader, KnowsTheWholeOffsetOfAFunctionFarBehind) {
  write_project("filler.S loader.c", "");
  write("filler.S", ".syntax unified\n.thumb\n.text\n.space 9000\n");
  write("loader.c", erase_and_program);
  const Outcome built = compile();
  ASSERT_EQ(built.exit_code, 0) << built.output;
  EXPECT_EQ(code_at("erase_sector"), returns(3));
  EXPECT_EQ(code_at("program_page"), returns(5));
}

TEST_F(AddLoader, IsNotMisledByAVariableOfTheProject) {
  write("loader.c", erase_and_program);
  write_project("loader.c", ")\nset(compiler /bin/false");
  EXPECT_EQ(compile().exit_code, 0);
  write_project("loader.c",
                ")\nset(flashhost_cross_compiler /bin/false)\n"
                "flashhost_add_loader(other SOURCES loader.c");
  EXPECT_EQ(compile().exit_code, 0);
}

TEST_F(AddLoader, RefusesAnArgumentThatItDoesNotHave) {
  write("loader.c", erase_and_program);
  write_project("loader.c", "LIMITS 1536");
  const Outcome configured = configure();
  // LIMITS is taken for a source, which does not exist, or refused; but nothing is ignored.
  EXPECT_NE(configured.exit_code + compile().exit_code, 0);
  write_project("loader.c", "LIMIT");
  EXPECT_THAT(configure().output, HasSubstr("there is no value after LIMIT"));
}

TEST_F(AddLoader, SaysHowLargeItIsTogetherWithTheAgent) {
  write("loader.c", erase_and_program);
  write_project("loader.c", "LIMIT 1536");
  const Outcome built = compile();
  ASSERT_EQ(built.exit_code, 0) << built.output;
  std::smatch sizes;
  ASSERT_TRUE(std::regex_search(
      built.output, sizes, std::regex("made: ([0-9]+) bytes, with the agent ([0-9]+) of at most")))
      << built.output;
  EXPECT_EQ(std::stoul(sizes[1]), code().size());
  EXPECT_GT(std::stoul(sizes[2]), std::stoul(sizes[1]) + 512);
}

TEST_F(AddLoader, RefusesWhatIsLargerThanItsLimit) {
  write("loader.c", erase_and_program);
  write_project("loader.c", "LIMIT 512");
  const Outcome built = compile();
  EXPECT_NE(built.exit_code, 0);
  EXPECT_THAT(built.output, HasSubstr("bytes together, more than 512"));
}

TEST_F(AddLoader, RefusesAStaticVariableByName) {
  write("loader.c", std::string(erase_and_program) + R"(
static uint32_t calls;
void Idle(void) { calls++; }
)");
  const Outcome built = compile();
  EXPECT_NE(built.exit_code, 0);
  EXPECT_THAT(built.output, HasSubstr("a loader has no memory of its own, but its sources have "
                                      "variables that outlive a call: calls."));
}

TEST_F(AddLoader, RefusesATableByName) {
  write("loader.c", std::string(erase_and_program) + R"(
static const uint32_t bits[] = {1, 7, 3, 12, 9};
uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc) { return bits[words] + address + crc; }
)");
  const Outcome built = compile();
  EXPECT_NE(built.exit_code, 0);
  EXPECT_THAT(built.output, HasSubstr("the code works at one address only"));
  EXPECT_THAT(built.output, HasSubstr("It holds the addresses of: bits."));
}

TEST_F(AddLoader, CompilesASwitchAndADivision) {
  write("loader.c", std::string(erase_and_program) + R"(
uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc) {
  switch (words) {
    case 1: return 5;
    case 2: return 77;
    case 3: return 1;
    case 4: return 1000;
    case 5: return 3;
    default: return address / crc;
  }
}
)");
  const Outcome built = compile();
  EXPECT_EQ(built.exit_code, 0) << built.output;
}

// Installed, the SDK's headers are in /usr/include.
TEST_F(AddLoader, TakesNoHeaderOfTheComputersOwnCLibrary) {
  write("loader.c", erase_and_program);
  std::filesystem::copy(std::string(SOURCE_DIR) + "/sdk/include", folder() + "/include",
                        std::filesystem::copy_options::recursive);
  write("include/stdint.h", "#error not for the target\n");
  const Outcome built =
      run("cd " + folder() + " && " + SOURCE_DIR +
          "/loaders/add-loader --name made --header made.hpp --depfile made.d --include include "
          "loader.c");
  EXPECT_EQ(built.exit_code, 0) << built.output;
}

TEST_F(AddLoader, NamesTheFunctionThatNoSourceDefines) {
  write("loader.c", "#include \"loader.h\"\nint EraseSector(uint32_t a) { return (int)a; }\n");
  const Outcome built = compile();
  EXPECT_NE(built.exit_code, 0);
  EXPECT_THAT(built.output, HasSubstr("no source defines ProgramPage"));
}

TEST_F(AddLoader, WithoutACompilerSaysWhatToInstall) {
  write("loader.c", erase_and_program);
  const Outcome configured = configure("-DFLASHHOST_CROSS_PREFIX=/nowhere/nonsense-");
  EXPECT_NE(configured.exit_code, 0);
  EXPECT_THAT(configured.output, HasSubstr("there is no /nowhere/nonsense-gcc"));
  EXPECT_THAT(configured.output, HasSubstr("gcc-arm-none-eabi"));
}

TEST_F(AddLoader, BuildsAgainWhenAHeaderOfItsSourcesHasChanged) {
  write("number.h", "#define NUMBER 7\n");
  write("loader.c", std::string(erase_and_program) +
                        "#include \"number.h\"\nint EraseChip(void) { return NUMBER; }\n");
  ASSERT_EQ(compile().exit_code, 0);
  EXPECT_EQ(code_at("erase_chip"), returns(7));
  write("number.h", "#define NUMBER 8\n");
  ASSERT_EQ(compile().exit_code, 0);
  EXPECT_EQ(code_at("erase_chip"), returns(8));
}

}  // namespace
}  // namespace flashhost
