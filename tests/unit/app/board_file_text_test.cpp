#include "app/board_file_text.hpp"

#include "thrown.hpp"

#include <flashhost/error.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace flashhost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

BoardFacts facts() {
  BoardFacts facts;
  facts.config.board = "blue \"pill\"";
  facts.config.transport.plugin = "acme";
  facts.config.transport.serial = "0669FF30";
  facts.config.family.plugin = "acme32";
  facts.config.family.chip = "ACME32xB";
  facts.probe = "ACME Link";
  facts.probe_remark = "This one.";
  facts.chip = "ACME32xB";
  facts.chip_remark = "Says no more.";
  return facts;
}

config::Config parsed(const std::string &text) {
  return config::parse_config(text, "b.toml", "", {});
}

// With the keys that stand behind a #.
std::string uncommented(const std::string &text) {
  std::istringstream lines(text);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    const bool is_key = line.starts_with("# [[") || line.find(" = ") != std::string::npos;
    all += (line.starts_with("# ") && is_key ? line.substr(2) : line) + "\n";
  }
  return all;
}

// "transport.speed", for each key that the text has.
std::set<std::string> keys_of(const std::string &text) {
  std::istringstream lines(text);
  std::string table;
  std::set<std::string> keys;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#") || line.empty()) continue;
    const std::size_t begin = line.find_first_not_of('[');
    if (begin > 0) {
      table = line.substr(begin, line.find(']') - begin);
    } else {
      keys.insert(table + "." + line.substr(0, line.find(' ')));
    }
  }
  return keys;
}

TEST(BoardFileText, says_everything_in_plain_words) {
  EXPECT_EQ(board_file_text(facts()),
            R"(# A board file of flashhost, written by `flashhost init`. Keys behind a # have the
# default or an example: remove the # to set them.
# All of them are explained in docs/board-toml.md.

[board]
# For messages.
name = "blue \"pill\""

[transport]
# The probe: ACME Link.
plugin = "acme"
# This one.
serial = "0669FF30"
# Clock of the debug connection. Default: the fastest that probe and chip support.
# speed = "1MHz"
# "attach" leaves the running chip alone, "under-reset" holds its reset pin, "auto" tries both.
# connect = "auto"
# Supply of the chip in volts. Default: what the probe measures.
# voltage = 3.3

[family]
# The family of the chip.
plugin = "acme32"
# The chip; any other one is an error.
# Says no more.
chip = "ACME32xB"
# Size of its flash. Default: what the chip reports.
# flash_size = "128K"

# The firmware: FILEs on the command line take its place. The path starts from this file's folder.
# [[image]]
# file = "build/app.elf"
# Where the first byte of a raw binary goes. Default: the start of the flash.
# address = 0x08000000

[flash]
# "sectors", "mass", or "auto": what is faster and loses nothing.
# erase = "auto"
# Keep what the image does not cover.
# preserve = true
# "crc": checksums made on the chip; "readback": every byte; or "none".
# verify = "crc"
# Afterwards: "run", "halt", or "none": no reset, before the job either.
# reset = "run"
# Lift a protection that is in the way, even if that erases the flash.
# unlock = false
# Program the vectors last: a half-written board does not start.
# guard = true
# Compress what is sent where the link is slower than the flash.
# compress = true
# Doubts about the image are errors, not warnings.
# strict = false
)");
}

TEST(BoardFileText, is_read_as_what_it_was_made_of) {
  const config::Config config = parsed(board_file_text(facts()));
  EXPECT_EQ(config.board, "blue \"pill\"");
  EXPECT_EQ(config.transport.plugin, "acme");
  EXPECT_EQ(config.transport.serial, "0669FF30");
  EXPECT_EQ(config.transport.usb, std::nullopt);
  EXPECT_EQ(config.family.plugin, "acme32");
  EXPECT_EQ(config.family.chip, "ACME32xB");
  EXPECT_THAT(config.images, IsEmpty());
}

TEST(BoardFileText, names_every_key_of_a_board_file_with_its_default) {
  const std::string text = uncommented(board_file_text(facts()));
  const std::set<std::string> keys = keys_of(text);
  const std::set<std::string> left_out{"transport.usb", "transport.settings", "family.settings",
                                       "image.format",  "image.sha256",       "image.settings"};
  for (const std::string &key : config::known_keys()) {
    EXPECT_EQ(keys.count(key) + left_out.count(key), 1U) << key;
  }
  const config::Config config = parsed(text);
  const config::Config defaults;
  EXPECT_EQ(config.transport.connect, defaults.transport.connect);
  EXPECT_EQ(config.flash.erase, defaults.flash.erase);
  EXPECT_EQ(config.flash.preserve, defaults.flash.preserve);
  EXPECT_EQ(config.flash.verify, defaults.flash.verify);
  EXPECT_EQ(config.flash.unlock, defaults.flash.unlock);
  EXPECT_EQ(config.flash.guard, defaults.flash.guard);
  EXPECT_EQ(config.flash.strict, defaults.flash.strict);
  EXPECT_EQ(config.reset, defaults.reset);
  ASSERT_EQ(config.images.size(), 1U);
  EXPECT_EQ(config.images[0].file, "build/app.elf");
}

TEST(BoardFileText, has_what_the_command_line_said) {
  BoardFacts given = facts();
  given.config = config::parse_config(R"(
[board]
name = "rig"
[transport]
plugin = "acme"
usb = "1-2.3"
speed = "950kHz"
connect = "under-reset"
voltage = 1.8
[transport.settings]
fast = true
"odd key" = ["a\\b", "c"]
[family]
plugin = "acme32"
flash_size = "128K"
[family.settings]
mode = 0.5
[[image]]
file = "$${X}/app.bin"
address = 0x08004000
)",
                                      "given", "", {});
  given.config.images[0].file = "$${X}/app.bin";
  const std::string text = board_file_text(given);
  const config::Config config = parsed(text);
  EXPECT_EQ(config.transport.usb, "1-2.3");
  EXPECT_EQ(config.transport.speed_hz, 950'000U);
  EXPECT_EQ(config.transport.connect, Connect::under_reset);
  EXPECT_EQ(config.transport.millivolts, 1800);
  EXPECT_EQ(config.transport.settings.boolean("fast"), true);
  EXPECT_THAT(config.transport.settings.list("odd key").value_or(std::vector<std::string>()),
              ElementsAre("a\\b", "c"));
  EXPECT_EQ(config.family.chip, std::nullopt);
  EXPECT_EQ(config.family.flash_size, 128U * 1024);
  EXPECT_EQ(config.family.settings.number("mode"), 0.5);
  EXPECT_EQ(config.images[0].file, "${X}/app.bin");
  EXPECT_EQ(config.images[0].address, 0x08004000U);
  EXPECT_THAT(text, HasSubstr("# chip = \"ACME32xB\""));
}

TEST(BoardFileText, stays_valid_whatever_the_names_are) {
  BoardFacts odd = facts();
  odd.probe = "two\nlines = 1\x1b[31m";
  odd.config.board = "tab\t, quote \", \\ and \xC3\xA9";
  EXPECT_EQ(parsed(board_file_text(odd)).board, odd.config.board);
  odd.config.board = "\xFF";
  EXPECT_THAT(bench::error_of([&] { return board_file_text(odd); }).what(),
              HasSubstr("is not UTF-8"));
}

constexpr std::uint32_t part_kib = 1024;

std::vector<Part> parts() {
  const auto part = [](const char *pattern, std::uint32_t id, std::uint32_t flash) {
    Part row{pattern, {}};
    row.chip.device_id = id;
    row.chip.flash = {0, flash * part_kib};
    return row;
  };
  return {part("ACME32[TC]8", 1, 64), part("ACME32[TC]B", 1, 128), part("ACME33CB", 1, 128),
          part("ACME34CB", 2, 128)};
}

Chip found(const std::string &name, std::uint32_t flash) {
  Chip chip;
  chip.name = name;
  chip.device_id = 1;
  chip.flash = {0, flash * part_kib};
  return chip;
}

TEST(ChipNames, are_those_with_this_device_id_and_flash) {
  const ChipNames names = chip_names(found("ACME32xB", 128), parts(), FlashSize::found);
  EXPECT_EQ(names.common, "ACME32xB");
  EXPECT_THAT(names.parts, ElementsAre("ACME32TB", "ACME32CB", "ACME33CB"));
  EXPECT_EQ(names.remark, "The chip says no more of its name than ACME32xB.");
}

// Naming a part settles its size: that must not happen by itself where the size is a guess.
TEST(ChipNames, of_a_chip_whose_size_is_not_sure_are_for_the_user_to_choose) {
  Chip doubtful = found("ACME32x8", 64);
  doubtful.size_doubt = SizeDoubt{"the register reads nonsense", "the smallest"};
  const ChipNames names = chip_names(doubtful, parts(), FlashSize::found);
  EXPECT_EQ(names.common, "");
  EXPECT_THAT(names.parts, ElementsAre("ACME32T8", "ACME32C8", "ACME32TB", "ACME32CB", "ACME33CB"));
  EXPECT_THAT(names.remark, HasSubstr("the register reads nonsense"));
  EXPECT_EQ(chip_names(doubtful, parts(), FlashSize::given).common, "ACME32x8");

  const ChipNames smaller = chip_names(found("ACME32x8", 32), parts(), FlashSize::found);
  EXPECT_EQ(smaller.common, "");
  EXPECT_THAT(smaller.parts, IsEmpty());
  EXPECT_THAT(smaller.remark, HasSubstr("no part has just the 32 KiB that it reports"));
}

TEST(ChipNames, of_a_chip_that_is_limited_are_those_of_its_own_size) {
  Chip limited = found("ACME32xB", 96);
  limited.size_limit = SizeLimit{96 * part_kib, "the rest is slow"};
  const ChipNames names = chip_names(limited, parts(), FlashSize::found);
  EXPECT_EQ(names.common, "ACME32xB");
  EXPECT_THAT(names.parts, ElementsAre("ACME32TB", "ACME32CB", "ACME33CB"));
}

TEST(ChipNames, that_no_part_has_are_not_written) {
  const ChipNames names = chip_names(found("OTHER", 128), parts(), FlashSize::found);
  EXPECT_EQ(names.common, "");
  EXPECT_THAT(names.parts, Not(IsEmpty()));
}

}  // namespace
}  // namespace flashhost
