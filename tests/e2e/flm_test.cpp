// Jobs with flash algorithms: alone, from a pack, beside the agent, call by call, and with
// algorithms that do not do what they say.
#include "board.hpp"
#include "last_line.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <iostream>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string pack = std::string(ALGORITHMS) + "/Example.Test_DFP.1.0.0.pack";
constexpr std::size_t image_start = 0x500, image_size = 20'000;

class FlmJob : public Board {
 protected:
  // A used flash, and an image that begins and ends in the middle of a page.
  void use(const std::string &part, std::size_t size) {
    chip = part;
    flash_size = size;
    put(0, firmware(size / 2, 1));
    image(image_start, firmware(image_size, 2));
  }
  void from_pack(const std::string &part, const std::string &more = "") {
    family = fmt::format("plugin = \"flm\"\nchip = \"{}\"\n[family.settings]\npack = \"{}\"\n{}\n",
                         part, pack, more);
  }
  void from_file(const std::string &file, const std::string &more) {
    family =
        fmt::format("plugin = \"flm\"\n[family.settings]\nalgorithm = \"{}/algorithms/{}\"\n{}\n",
                    ALGORITHMS, file, more);
  }
  // In seconds, over what put() said.
  double time_of_a_job() {
    std::filesystem::remove(directory.path() / "flash.bin");
    const Outcome outcome = flashhost({"--json"});
    expect_done(outcome);
    return last_line(outcome.out).at("seconds");
  }
};

TEST_F(FlmJob, WritesAnF1FromAPack) {
  use("STM32F103CB", 128 * kib);
  from_pack("STM32F103CB");
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("the chip is known by its flash algorithm only"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("slower")));
  EXPECT_THAT(flashhost().err, HasSubstr("nothing to do"));
}

TEST_F(FlmJob, WritesAnF4FromAPack) {
  use("STM32F407VG", 1024 * kib);
  from_pack("STM32F407VGTx");
  expect_done(flashhost());
}

// --- How long that takes beside the family that knows the chip, in the simulator's time. What only
// its algorithm is known of runs at the clock that it has after a reset: an F407 at 16 MHz, where
// CRCs take their time. What lies around the image is looked at, and where it is not blank, also
// read as far as it is next to it.

struct Pair {
  const char *name, *part, *native, *in_pack;
  std::size_t flash, old, image;  // bytes
  const char *options;            // of [flash]
  double most;                    // times as long
  const char *settings = "";      // of [family.settings], for the algorithm
};

class FlmSpeed : public FlmJob, public ::testing::WithParamInterface<Pair> {};

TEST_P(FlmSpeed, IsNearlyThatOfTheNativeFamily) {
  const Pair &pair = GetParam();
  chip = pair.part;
  flash_size = pair.flash;
  flash_options = pair.options;
  put(0, firmware(pair.old, 1));
  image(0, firmware(pair.image, 2));
  family = fmt::format("plugin = \"{}\"\n", pair.native);
  const double native = time_of_a_job();
  from_pack(pair.in_pack, pair.settings);
  const double by_algorithm = time_of_a_job();
  std::cout << fmt::format(
      "{}, {} KiB over {} KiB: native {:.2f} s, by its algorithm {:.2f} s, {:.2f} times as long\n",
      pair.part, pair.image / kib, pair.old / kib, native, by_algorithm, by_algorithm / native);
  EXPECT_LE(by_algorithm, pair.most * native);
}

// Where the rest of an F103 is blank, the native family erases all at once. An algorithm does that
// only where the user trusts it.
INSTANTIATE_TEST_SUITE_P(
    Chips, FlmSpeed,
    ::testing::Values(Pair{"F103FullOfOldFirmware", "STM32F103CB", "f1", "STM32F103CB", 128 * kib,
                           128 * kib, 120 * kib, "", 1.15},
                      Pair{"F103ErasedAtOnce", "STM32F103CB", "f1", "STM32F103CB", 128 * kib,
                           120 * kib, 120 * kib, "", 1.9},
                      Pair{"F103ErasedAtOnceByItsAlgorithm", "STM32F103CB", "f1", "STM32F103CB",
                           128 * kib, 120 * kib, 120 * kib, "", 1.18, "erase_chip = true"},
                      Pair{"F103BlankBehindIt", "STM32F103CB", "f1", "STM32F103CB", 128 * kib,
                           120 * kib, 120 * kib, "erase = \"sectors\"", 1.15},
                      Pair{"F407FullOfOldFirmware", "STM32F407VG", "f4", "STM32F407VGTx",
                           1024 * kib, 1024 * kib, 512 * kib, "", 1.18},
                      Pair{"F407BlankBehindIt", "STM32F407VG", "f4", "STM32F407VGTx", 1024 * kib,
                           512 * kib, 512 * kib, "", 1.15}),
    [](const auto &row) { return std::string(row.param.name); });

TEST_F(FlmJob, ErasesAtOnceCallByCallToo) {
  chip = "STM32F103CB";
  put(0, firmware(100 * kib, 1));
  image(0, firmware(120 * kib, 2));
  from_file("F1_128.FLM", "ram_start = 0x20000000\nram_size = \"3K\"\nerase_chip = true");
  const Outcome outcome = flashhost({"--verbose"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("one mass erase"));
}

TEST_F(FlmJob, ErasesNothingAtOnceWhereThatWouldLoseSomething) {
  chip = "STM32F103CB";
  put(0, firmware(128 * kib, 1));
  image(0, firmware(120 * kib, 2));
  from_pack("STM32F103CB", "erase_chip = true");
  const Outcome outcome = flashhost({"--verbose"});
  expect_done(outcome);
  EXPECT_THAT(outcome.err, Not(HasSubstr("one mass erase")));
}

TEST_F(FlmJob, ComputesCrcsByTableWhereThereIsRoom) {
  use("STM32F103CB", 128 * kib);
  for (const auto &[ram, by_table] : {std::pair{"20K", true}, std::pair{"10K", false}}) {
    std::filesystem::remove(directory.path() / "flash.bin");
    from_file("F1_128.FLM", fmt::format("ram_start = 0x20000000\nram_size = \"{}\"", ram));
    const Outcome outcome = flashhost({"--verbose"});
    expect_done(outcome);
    const auto said = HasSubstr("the loader lets the family's function compute CRCs");
    EXPECT_THAT(outcome.err, by_table ? ::testing::Matcher<const std::string &>(said) : Not(said));
  }
}

TEST_F(FlmJob, ComputesCrcsWithoutTablesWhereTheyLieInBadRam) {
  use("STM32F407VG", 1024 * kib);
  from_file("F4_1024.FLM", "ram_start = 0x20000000\nram_size = \"64K\"");
  const std::string good = settings;
  int wrong = 0;  // where the bit is 0 in the tables
  for (int byte = 0; byte < 6; ++byte) {
    std::filesystem::remove(directory.path() / "flash.bin");
    settings = good + fmt::format("faults = [\"bad_sram=2000300{}\"]\n", byte);
    const Outcome outcome = flashhost({"--verbose"});
    expect_done(outcome);
    if (outcome.err.find("the family's function gives wrong CRCs") != std::string::npos) ++wrong;
  }
  EXPECT_GT(wrong, 0);
}

TEST_F(FlmJob, TakesLongerCallByCall) {
  use("STM32F103CB", 128 * kib);
  std::vector<double> seconds;
  for (const char *ram : {"20K", "3K"}) {
    from_file("F1_128.FLM", fmt::format("ram_start = 0x20000000\nram_size = \"{}\"", ram));
    seconds.push_back(time_of_a_job());
  }
  std::cout << fmt::format("20000 bytes: {:.2f} s beside the agent, {:.2f} s call by call\n",
                           seconds[0], seconds[1]);
  EXPECT_LT(seconds[0], seconds[1]);
}

TEST_F(FlmJob, WritesWithAnAlgorithmAlone) {
  use("STM32F103CB", 128 * kib);
  from_file("F1_128.FLM", "ram_start = 0x20000000\nram_size = \"20K\"");
  expect_done(flashhost());
}

TEST_F(FlmJob, CallsTheAlgorithmFromTheHostWhereTheAgentHasNoRoom) {
  use("STM32F103CB", 128 * kib);
  from_file("F1_128.FLM", "ram_start = 0x20000000\nram_size = \"3K\"");
  const Outcome outcome = flashhost();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("no loader can run on this target (3 KiB of RAM at 0x20000000 "
                                     "are too little for the flash loader): writing through the "
                                     "probe alone, which is slower"));
}

TEST_F(FlmJob, SaysHowMuchRamItNeeds) {
  use("STM32F103CB", 128 * kib);
  from_file("F1_128.FLM", "ram_start = 0x20000000\nram_size = \"1K\"");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, HasSubstr("the flash algorithm needs the RAM from 0x20000000 to "));
}

TEST_F(FlmJob, ErasesAndReads) {
  use("STM32F103CB", 128 * kib);
  from_pack("STM32F103CB");
  EXPECT_EQ(flashhost({"erase", "--range", "0x08001000:4K"}).exit_code, 0);
  Bytes expected = firmware(64 * kib, 1);
  std::fill_n(expected.begin() + 0x1000, 0x1000, std::uint8_t{0xFF});
  expected.resize(128 * kib, 0xFF);
  EXPECT_EQ(flash(), expected);
}

TEST_F(FlmJob, NeedsNoBoardFile) {
  use("STM32F103CB", 128 * kib);
  const Outcome outcome =
      flashhost({"--pack", pack, "--chip", "STM32F103CB", "--set", "flash.reset=halt"});
  expect_done(outcome);
}

TEST_F(FlmJob, RefusesAChipWithAnotherCore) {
  use("STM32F103CB", 128 * kib);
  from_pack("STM32F407VGTx");
  const Outcome outcome = flashhost();
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, HasSubstr("a core of type Cortex-M3, by CPUID 0x411fc231 instead of "
                                     "Cortex-M4"));
}

TEST_F(FlmJob, NamesTheChipsOfAPack) {
  const Outcome outcome = flashhost({"list", "chips", "--pack", pack});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("STM32F103C8"), HasSubstr("STM32F407VGHX"),
                                 HasSubstr("64 KiB flash"), HasSubstr("1 MiB flash")));
  use("STM32F103CB", 128 * kib);
  from_pack("STM32F103ZZ");
  EXPECT_EQ(flashhost().exit_code, 2);
}

// --- A chip that no code of flashhost knows: flash at 0, RAM around 0x20000000, sectors of two
// sizes, an ARMv6-M core, a flash controller like no other. Only its model in tests/models and its
// pack know it.

class UnknownChip : public FlmJob {
 protected:
  UnknownChip() { use("ODD64"); }
  void use(const std::string &part) {
    chip = part;
    flash_size = 64 * kib;
    flash_address = 0;
    put(0, firmware(flash_size, 1));
    family = fmt::format("plugin = \"flm\"\nchip = \"{}\"\n[family.settings]\npack = \"{}\"\n",
                         part, odd_pack);
  }
  Outcome run(const std::vector<std::string> &arguments = {}) {
    return flashhost(arguments, {{"FLASHHOST_PLUGIN_PATH", ODD_MODEL}});
  }

  const std::string odd_pack = std::string(ALGORITHMS) + "/Example.Odd_DFP.1.0.0.pack";
};

TEST_F(UnknownChip, IsWrittenOverOlderContentAndVerified) {
  image(image_start, firmware(image_size, 2));  // in small sectors and large ones
  const Outcome first = run();
  expect_done(first);
  EXPECT_THAT(first.err, Not(HasSubstr("slower")));
  EXPECT_EQ(run({"verify"}).exit_code, 0);
  const Outcome second = run();
  expect_done(second);
  EXPECT_THAT(second.err, HasSubstr("nothing to do"));
}

TEST_F(UnknownChip, MayHaveItsVectorTableAtZeroAndItsStackBelow0x20000000) {
  Bytes program = firmware(image_size, 2);
  const std::uint8_t vectors[] = {0x00, 0xFC, 0xFF, 0x1F, 0x01, 0x01, 0x00, 0x00};
  std::ranges::copy(vectors, program.begin());
  image(0, program);
  const Outcome outcome = run();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, Not(HasSubstr("warning: the image")));
}

TEST_F(UnknownChip, IsWrittenCallByCallWhereItsRamIsTooSmallForTheAgent) {
  use("ODD64S");
  image(image_start, firmware(image_size, 2));
  const Outcome outcome = run();
  expect_done(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("no loader can run on this target (2 KiB of RAM at 0x1ffffc00 "
                                     "are too little for the flash loader)"));
}

TEST_F(UnknownChip, KeepsWhatIsToBeKeptThroughPowerCuts) {
  image(image_start, firmware(image_size, 2));
  const std::string usual = settings;
  for (const int operation : {3, 30, 300}) {
    settings = usual + fmt::format("faults = [\"power_loss_at={}\"]\n", operation);
    EXPECT_NE(run().exit_code, 0) << operation;
  }
  settings = usual;
  const Outcome unsure = run();  // the chip has no id, and the flash shows nothing of the old one
  EXPECT_EQ(unsure.exit_code, 6) << unsure.err;
  EXPECT_THAT(unsure.err, HasSubstr("run again with --use-journal"));
  expect_done(run({"--use-journal"}));
}

TEST_F(UnknownChip, IsSaidToHangInRamWhereTheAlgorithmHangs) {
  use("ODD64S");
  image(image_start, firmware(image_size, 2));
  settings += "faults = [\"stuck_busy\"]\n";
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  EXPECT_THAT(outcome.err, ContainsRegex("EraseSector of the flash algorithm: the function at "
                                         "0x1ffffc[0-9a-f]{2} has not returned within 400 ms: the "
                                         "core was running, without a fault, at "
                                         "0x1ffffc[0-9a-f]{2}, in RAM"));
}

TEST_F(UnknownChip, IsGivenUpSoonWhereTheAlgorithmHangsBesideTheAgent) {
  image(image_start, firmware(image_size, 2));
  settings += "faults = [\"stuck_busy\"]\n";
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 8) << outcome.err;
  // Twice what the file allows an erase, 400 ms, and what the agent may take.
  EXPECT_THAT(outcome.err, ContainsRegex("the flash algorithm has been at work on 0x00000400 for "
                                         "6[0-9]{2}(\\.[0-9])? ms, longer than its own limit"));
}

TEST_F(UnknownChip, NeedsNoBoardFile) {
  image(image_start, firmware(image_size, 2));
  family.clear();
  expect_done(run({"--pack", odd_pack, "--chip", "ODD64"}));
}

TEST_F(UnknownChip, IsErasedAndReadByTheSectorsOfItsAlgorithm) {
  EXPECT_EQ(run({"erase", "--range", "0x3C00:5K"}).exit_code, 0);
  Bytes expected = firmware(flash_size, 1);
  std::fill_n(expected.begin() + 0x3C00, 5 * kib, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
  EXPECT_EQ(run({"read", "-o", (directory.path() / "read.bin").string()}).exit_code, 0);
  EXPECT_TRUE(content("read.bin") == expected);
}

TEST_F(UnknownChip, IsNamedByItsPack) {
  const Outcome outcome = flashhost({"list", "chips", "--pack", odd_pack});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("ODD64S"), HasSubstr("64 KiB flash")));
}

TEST_F(UnknownChip, IsShownWithWhatIsNotKnownOfIt) {
  const Outcome words = run({"info"});
  EXPECT_EQ(words.exit_code, 0) << words.err;
  EXPECT_THAT(words.out, HasSubstr("chip        ODD64\n"
                                   "family      flm\n"
                                   "device id   not known\n"
                                   "revision    not known\n"
                                   "unique id   not known\n"
                                   "flash       64 KiB at 0x00000000, 28 sectors\n"
                                   "ram         16 KiB at 0x1ffff000\n"
                                   "protection  not known\n"));
  EXPECT_THAT(run({"info", "--json"}).out,
              AllOf(HasSubstr(R"("device_id":null)"), HasSubstr(R"("revision":null)"),
                    HasSubstr(R"("read_protected":null)"), HasSubstr(R"("write_protected":null)"),
                    HasSubstr(R"("protection":null)")));
}

TEST_F(UnknownChip, HasNoIdInTheReport) {
  image(image_start, firmware(image_size, 2));
  expect_done(run({"--report", (directory.path() / "report.json").string()}));
  const Bytes report = content("report.json");
  EXPECT_THAT(std::string(report.begin(), report.end()),
              AllOf(HasSubstr(R"("device_id":null)"), HasSubstr(R"("revision":null)")));
}

TEST_F(UnknownChip, HasNoOptionBytesAndSaysWhatToDo) {
  const std::string hint =
      "Not every family plugin can do that; its documentation says what it leaves out. If another "
      "plugin has this chip, name that with --family; otherwise use the tool of the chip's maker.";
  const std::string no_option_bytes = "family plugin \"flm\" cannot show or set option bytes";
  const std::vector<std::pair<std::vector<std::string>, std::string>> refused{
      {{"option"}, no_option_bytes},
      {{"option", "set", "WDG_SW=0", "-y"}, no_option_bytes},
      {{"protect", "--all", "-y"}, no_option_bytes},
      {{"unprotect", "-y"}, "family plugin \"flm\" can neither see nor lift protection"}};
  for (auto [verb, says] : refused) {
    verb.emplace_back("--json");
    const Outcome outcome = run(verb);
    expect_untouched(outcome, 6);
    const nlohmann::json error = last_line(outcome.out);
    EXPECT_THAT(std::string(error.at("text")), HasSubstr(says));
    EXPECT_EQ(error.at("hint"), hint);
  }
}

TEST_F(UnknownChip, IsNotWrittenByThePackOfAnother) {
  flash_address = flash_base;  // as the other pack says
  image(image_start, firmware(image_size, 2));
  from_pack("STM32F103CB");
  const Outcome outcome = run();
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err,
              HasSubstr("STM32F103CB is asked for, but the chip is none that family flm "
                        "knows: a core of type Cortex-M0+, by CPUID 0x410cc601 "
                        "instead of Cortex-M3"));
}

TEST_F(UnknownChip, LosesNothingByTheAlgorithmOfAnother) {
  flash_address = flash_base;
  image(image_start, firmware(image_size, 2));
  from_file("F1_128.FLM", "ram_start = 0x1FFFF000\nram_size = \"16K\"");
  const Outcome outcome = run();
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, HasSubstr("the target refused reading 0x08000400 (bus fault)"));
}

TEST_F(UnknownChip, IsNoChipOfFlashhost) {
  image(image_start, firmware(image_size, 2));
  family.clear();
  const Outcome outcome = run();
  expect_untouched(outcome, 6);
  EXPECT_THAT(outcome.err, HasSubstr("--pack FILE --chip NAME"));
}

// --- Algorithms that do not do what they say.

struct Bad {
  const char *name;
  int exit_code;
  const char *says;
};

class BadAlgorithm : public FlmJob, public ::testing::WithParamInterface<Bad> {};

TEST_P(BadAlgorithm, LosesNothingOutsideThePlan) {
  const Bad &bad = GetParam();
  use("STM32F103CB", 128 * kib);
  from_pack("STM32F103CB", fmt::format("algorithm = \"{}\"", bad.name));
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, bad.exit_code) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr(bad.says));
  if (bad.exit_code == 0) return expect_done(outcome);
  const Bytes found = flash();
  const Bytes before = [] {
    Bytes bytes = firmware(64 * kib, 1);
    bytes.resize(128 * kib, 0xFF);
    return bytes;
  }();
  // What the algorithm takes for sectors of the image may hold anything now, and the journal keeps
  // what is to be kept of it; all others are as before.
  constexpr std::size_t first = 0, last = image_start + image_size;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i / kib * kib >= first && i / kib * kib < last) continue;
    ASSERT_EQ(found[i], before[i]) << "at offset " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ten, BadAlgorithm,
    ::testing::Values(Bad{"wrong-sectors", 8, "was erased without complaint, but holds"},
                      Bad{"erases-neighbour", 6,
                          "the flash algorithm was told to erase 0x08000400..0x080007ff, but has "
                          "changed 0x08000800..0x08000bff, too"},
                      Bad{"does-nothing", 8, "was programmed without complaint, but holds"},
                      Bad{"never-returns", 8, "longer than its own limit"},
                      Bad{"overwrites-stack", 8, "of the flash algorithm"},
                      Bad{"faults", 8, "undefined instruction"},
                      Bad{"fails-at-page", 8,
                          "programming at 0x08000800 failed: status 0x00000001"},
                      // These are odd, but right.
                      Bad{"clobbers-registers", 0, "written and verified"},
                      Bad{"needs-uninit", 0, "written and verified"},
                      Bad{"masks-interrupts", 0, "written and verified"}),
    [](const auto &each) {
      std::string name = each.param.name;
      std::ranges::replace(name, '-', '_');
      return name;
    });

// It erases another sector of the firmware with each. After the first the job is over.
TEST_F(FlmJob, IsStoppedAfterTheFirstEraseOfAnotherSector) {
  use("STM32F103CB", 128 * kib);
  from_file("bad/erases-far-away.FLM", "ram_start = 0x20000000\nram_size = \"20K\"");
  const Outcome outcome = flashhost();
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_THAT(outcome.err,
              HasSubstr("the flash algorithm has changed what it was not told to change: "
                        "0x08008400..0x080087ff; the content of 0x08008400..0x080087ff is lost"));
  Bytes expected = firmware(64 * kib, 1);
  expected.resize(128 * kib, 0xFF);
  std::fill_n(expected.begin() + 0x400, kib, std::uint8_t{0xFF});
  std::fill_n(expected.begin() + 0x8400, kib, std::uint8_t{0xFF});
  EXPECT_TRUE(flash() == expected);
}

TEST_F(FlmJob, PutsANeighbourBackAlsoWhereTheRunWasCutShortBeforeItCouldTell) {
  chip = "STM32F103CB";
  put(0, firmware(flash_size, 1));
  image(image_start, firmware(0x100, 2));
  from_pack("STM32F103CB", "algorithm = \"erases-neighbour\"");
  const std::string usual = settings;
  settings += "faults = [\"power_loss_at=20\"]\n";  // while it is put back
  EXPECT_NE(flashhost().exit_code, 0);
  settings = usual;
  constexpr std::size_t end_of_neighbour = 0xC00;
  EXPECT_EQ(flash().at(end_of_neighbour - 1), 0xFF) << "the power was lost too late";
  from_pack("STM32F103CB");
  expect_done(flashhost({"--use-journal"}));
}

}  // namespace
}  // namespace flashhost::testing
