#include "support.hpp"

#include <config/config.hpp>
#include <gmock/gmock.h>

namespace flashhost::config {
namespace {

using test::error_of;

constexpr const char *full = R"(
[board]
name = "blue pill"
[transport]
plugin  = "stlinkv2"
serial  = "0669FF30"
speed   = "1.8 MHz"
connect = "under-reset"
voltage = 3.3
[transport.settings]
level = 0.5
nrst = true
retries = 3
state_file = "state.bin"
faults = ["a", "b"]
[family]
plugin     = "f1"
chip       = "STM32F103CB"
flash_size = "128K"
[family.settings]
x = 1
[[image]]
file    = "../fw/app.bin"
format  = "bin"
address = 0x0800_4000
sha256  = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
[image.settings]
fill = 255
[[image]]
file = "/abs/boot.hex"
[flash]
erase    = "sectors"
preserve = false
verify   = "readback"
reset    = "halt"
unlock   = true
guard    = false
)";

constexpr const char *small = "[transport]\nplugin = \"sim\"\n";

Config parse(const std::string &text, const std::vector<std::string> &sets = {}) {
  return parse_config(text, "board.toml", "boards/blue", sets);
}

TEST(Config, every_key_arrives) {
  const Config config = parse(full);
  EXPECT_EQ(config.board, "blue pill");
  EXPECT_EQ(config.transport.plugin, "stlinkv2");
  EXPECT_EQ(config.transport.serial, "0669FF30");
  EXPECT_EQ(config.transport.speed_hz, 1'800'000U);
  EXPECT_EQ(config.transport.connect, Connect::under_reset);
  const Settings &settings = config.transport.settings;
  EXPECT_EQ(config.transport.millivolts, 3300);
  EXPECT_EQ(settings.number("level"), 0.5);
  EXPECT_EQ(settings.boolean("nrst"), true);
  EXPECT_EQ(settings.integer("retries"), 3);
  EXPECT_EQ(settings.path("state_file"), "boards/blue/state.bin");
  EXPECT_EQ(settings.list("faults"), (std::vector<std::string>{"a", "b"}));
  EXPECT_NO_THROW(settings.reject_unknown());
  EXPECT_EQ(settings.all().front().where, "board.toml:11:1");
  EXPECT_EQ(config.family.plugin, "f1");
  EXPECT_EQ(config.family.chip, "STM32F103CB");
  EXPECT_EQ(config.family.flash_size, 128U * 1024);
  EXPECT_EQ(config.family.settings.integer("x"), 1);
  ASSERT_EQ(config.images.size(), 2U);
  EXPECT_EQ(config.images[0].file, "boards/blue/../fw/app.bin") << "blue may be a link";
  EXPECT_EQ(config.images[0].format, "bin");
  EXPECT_EQ(config.images[0].address, 0x08004000U);
  EXPECT_EQ(config.images[0].sha256,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(config.images[0].settings.integer("fill"), 255);
  EXPECT_EQ(config.images[0].where, "board.toml:22:1");
  EXPECT_EQ(config.images[1].file, "/abs/boot.hex");
  EXPECT_EQ(config.flash.erase, Erase::sectors);
  EXPECT_FALSE(config.flash.preserve);
  EXPECT_EQ(config.flash.verify, Verify::readback);
  EXPECT_EQ(config.reset, Reset::halt);
  EXPECT_TRUE(config.flash.unlock);
  EXPECT_FALSE(config.flash.guard);
}

TEST(Config, what_is_left_out_has_its_default) {
  const Config config = parse(small);
  EXPECT_EQ(config.board, "");
  EXPECT_EQ(config.transport.serial, std::nullopt);
  EXPECT_EQ(config.transport.speed_hz, std::nullopt);
  EXPECT_EQ(config.transport.connect, Connect::automatic);
  EXPECT_TRUE(config.transport.settings.all().empty());
  EXPECT_EQ(config.family.plugin, std::nullopt);
  EXPECT_EQ(config.family.chip, std::nullopt);
  EXPECT_EQ(config.family.flash_size, std::nullopt);
  EXPECT_TRUE(config.images.empty());
  EXPECT_EQ(config.flash.erase, Erase::automatic);
  EXPECT_TRUE(config.flash.preserve);
  EXPECT_EQ(config.flash.verify, Verify::crc);
  EXPECT_EQ(config.reset, Reset::run);
  EXPECT_FALSE(config.flash.unlock);
  EXPECT_TRUE(config.flash.guard);
}

TEST(Config, sizes_and_frequencies_may_be_integers) {
  const Config config =
      parse("[transport]\nplugin='sim'\nspeed = 950_000\n[family]\nflash_size = 0x20000\n");
  EXPECT_EQ(config.transport.speed_hz, 950'000U);
  EXPECT_EQ(config.family.flash_size, 131'072U);
}

TEST(Config, crlf_files_and_a_byte_order_mark_are_read) {
  EXPECT_EQ(parse("\xEF\xBB\xBF[transport]\r\nplugin = \"sim\"\r\n").transport.plugin, "sim");
}

TEST(Override, replaces_and_adds_values) {
  const Config config = parse(
      full, {"transport.speed=950kHz", "transport.settings.level=1.8", "transport.voltage=2",
             "flash.guard=true", "image.1.address=0x08000000", "transport.settings.new=[\"x\"]",
             "board.name=two words", "family.chip=\"STM32F103C8\""});
  EXPECT_EQ(config.transport.speed_hz, 950'000U);
  EXPECT_EQ(config.transport.millivolts, 2000);
  EXPECT_EQ(config.transport.settings.number("level"), 1.8);
  EXPECT_EQ(config.transport.settings.all().front().where, "--set transport.settings.level");
  EXPECT_EQ(config.transport.settings.list("new"), (std::vector<std::string>{"x"}));
  EXPECT_TRUE(config.flash.guard);
  EXPECT_EQ(config.images[1].address, 0x08000000U);
  EXPECT_EQ(config.board, "two words");
  EXPECT_EQ(config.family.chip, "STM32F103C8");
}

TEST(Override, can_stand_for_a_whole_board_file) {
  const Config config = parse("", {"transport.plugin=sim", "image.0.file=a.hex",
                                   "image.1.file=b.bin", "image.1.address=16"});
  EXPECT_EQ(config.transport.plugin, "sim");
  ASSERT_EQ(config.images.size(), 2U);
  EXPECT_EQ(config.images[1].file, "boards/blue/b.bin");
  EXPECT_EQ(config.images[1].address, 16U);
}

TEST(Override, the_last_one_counts) {
  EXPECT_EQ(parse(small, {"transport.speed=1MHz", "transport.speed=2MHz"}).transport.speed_hz,
            2'000'000U);
}

TEST(Override, what_is_not_one_toml_value_is_taken_as_text) {
  const auto name = [](const std::string &value) {
    return parse(small, {"board.name=" + value}).board;
  };
  EXPECT_EQ(name("0669"), "0669");
  EXPECT_EQ(name("a = b"), "a = b");
  EXPECT_EQ(name("1\n[transport]\nplugin = 2"), "1\n[transport]\nplugin = 2");
  EXPECT_EQ(name("2024-02-29"), "2024-02-29");
  EXPECT_EQ(name("{plugin = 1}"), "{plugin = 1}");
  EXPECT_EQ(name("\"quoted\""), "quoted");
}

TEST(Override, errors_name_the_option) {
  EXPECT_EQ(error_of(Errc::config, [] { return parse(small, {"flash.erase=all"}); }),
            R"(--set flash.erase: flash.erase is "all"; it can be "auto", "sectors" or "mass")");
  EXPECT_EQ(error_of(Errc::usage, [] { return parse(small, {"flash.erase"}); }),
            R"(--set "flash.erase": there is no =)");
}

TEST(LoadConfig, paths_start_from_the_folder_of_the_file) {
  const test::Folder folder;
  const auto file =
      folder.write("board.toml", std::string(small) + "[[image]]\nfile = \"app.hex\"\n");
  EXPECT_EQ(load_config(file, {}).images.at(0).file, folder.path() / "app.hex");
}

TEST(LoadConfig, names_the_file_as_it_was_given) {
  const test::Folder folder;
  const auto file = folder.write("board.toml", "[transport]\nspeed = true\nplugin = 'sim'");
  EXPECT_EQ(error_of(Errc::config, [&] { return load_config(file, {}); }),
            file.string() +
                ":2:9: transport.speed must be a string such as \"4MHz\" or an integer in Hz, this "
                "is a boolean");
}

TEST(LoadConfig, refuses_what_is_no_readable_small_file) {
  const test::Folder folder;
  const auto none = folder.path() / "none.toml";
  EXPECT_EQ(error_of(Errc::config, [&] { return load_config(none, {}); }),
            "cannot read " + none.string() + ": No such file or directory");
  EXPECT_EQ(error_of(Errc::config, [&] { return load_config(folder.path(), {}); }),
            "cannot read " + folder.path().string() + ": it is a folder, not a file");
  const auto large = folder.write("large.toml", std::string(16 * 1024 + 1, '\n'));
  EXPECT_EQ(error_of(Errc::config, [&] { return load_config(large, {}); }),
            large.string() + " has 16385 bytes; at most 16 KiB are read");
  const auto fits = folder.write("fits.toml", small + std::string(16 * 1024 - 28, '\n'));
  EXPECT_EQ(load_config(fits, {}).transport.plugin, "sim");
}

TEST(CommandLineImage, starts_from_the_current_folder) {
  const ImageConfig image = command_line_image("app.hex");
  EXPECT_EQ(image.file, "app.hex");
  EXPECT_EQ(image.where, "command line");
  EXPECT_EQ(image.address, std::nullopt);
}

}  // namespace
}  // namespace flashhost::config
