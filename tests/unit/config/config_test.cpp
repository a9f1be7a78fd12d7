#include "support.hpp"

#include <config/board_file.hpp>
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
  return parse_config(text, "board.toml", "boards/blue", test::of_sets(sets));
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

TEST(LoadConfig, without_a_file_there_is_only_the_command_line) {
  const Config config = load_config(std::nullopt, test::of_sets({"family.chip=STM32F103CB"}));
  EXPECT_EQ(config.family.chip, "STM32F103CB");
  EXPECT_EQ(config.transport.plugin, std::nullopt);
  EXPECT_TRUE(config.board_files.empty());
}

TEST(CommandLineFiles, take_the_place_of_the_images_and_start_from_the_current_folder) {
  Changes changes = test::of_sets({"image.1.format=bin", "image.0.settings.overlap=last"});
  changes.files = {parse_file_argument("app.hex"), parse_file_argument("${A}/b.bin@0x08004000")};
  const Config config = parse_config(full, "board.toml", "boards/blue", changes);
  ASSERT_EQ(config.images.size(), 2U);
  EXPECT_EQ(config.images[0].file, "app.hex");
  EXPECT_EQ(config.images[0].where, "command line");
  EXPECT_EQ(config.images[0].address, std::nullopt);
  EXPECT_EQ(config.images[0].settings.text("overlap"), "last");
  EXPECT_EQ(config.images[1].file, "${A}/b.bin") << "the shell has replaced what it wanted to";
  EXPECT_EQ(config.images[1].address, 0x08004000U);
  EXPECT_EQ(config.images[1].format, "bin");
}

TEST(CommandLineFiles, an_address_is_what_follows_the_last_at) {
  const auto parts = [](const std::string &argument) {
    const FileArgument file = parse_file_argument(argument);
    return std::pair(file.file, file.address);
  };
  using Parts = std::pair<std::string, std::optional<std::uint32_t>>;
  EXPECT_EQ(parts("a.bin"), (Parts{"a.bin", {}}));
  EXPECT_EQ(parts("a.bin@0x08004000"), (Parts{"a.bin", 0x08004000}));
  EXPECT_EQ(parts("a.bin@1024"), (Parts{"a.bin", 1024}));
  EXPECT_EQ(parts("a@b.bin@0"), (Parts{"a@b.bin", 0}));
  EXPECT_EQ(parts("a@b.bin"), (Parts{"a@b.bin", {}}));
  EXPECT_EQ(parts("@0x0"), (Parts{"@0x0", {}}));
  EXPECT_EQ(parts("a.bin@0x100000000"), (Parts{"a.bin@0x100000000", {}}));
}

TEST(Probe, is_named_by_its_usb_port_too) {
  EXPECT_EQ(parse(small, {"transport.usb=1-2.3"}).transport.usb, "1-2.3");
  for (const std::string port :
       {"1", "1-", "-1", "1-2.", "1-2..3", "1.2", "1-2-3", "usb:1-2", "a-b"}) {
    EXPECT_THAT(
        error_of(Errc::config, [&] { return parse(small, {"transport.usb=\"" + port + "\""}); }),
        testing::HasSubstr("which is no USB port"))
        << port;
  }
}

TEST(Include, what_a_file_says_counts_more_than_what_it_includes) {
  const test::Folder folder;
  std::filesystem::create_directory(folder.path() / "rig");
  static_cast<void>(folder.write("rig/probe.toml",
                                 "[transport]\nplugin = 'sim'\nspeed = '1MHz'\n"
                                 "[transport.settings]\nfile = 'flash.bin'\nother = 1\n"
                                 "[[image]]\nfile = 'boot.hex'\n"));
  static_cast<void>(folder.write("rig/job.toml",
                                 "[flash]\nverify = 'readback'\n"
                                 "[transport]\nspeed = '2MHz'\n"));
  const auto file = folder.write("board.toml",
                                 "include = ['rig/probe.toml', '${FLASHHOST_TEST_RIG}/job.toml']\n"
                                 "[transport.settings]\nother = 2\nmine = 'm.bin'\n");
  ASSERT_EQ(setenv("FLASHHOST_TEST_RIG", "rig", 1), 0);
  const Config config = load_config(file, {});
  EXPECT_EQ(config.transport.plugin, "sim");
  EXPECT_EQ(config.transport.speed_hz, 2'000'000U) << "of the later file";
  EXPECT_EQ(config.flash.verify, Verify::readback);
  EXPECT_EQ(config.transport.settings.integer("other"), 2);
  EXPECT_EQ(config.transport.settings.path("file"), (folder.path() / "rig/flash.bin").string());
  EXPECT_EQ(config.transport.settings.path("mine"), (folder.path() / "m.bin").string());
  ASSERT_EQ(config.images.size(), 1U);
  EXPECT_EQ(config.images[0].file, folder.path() / "rig/boot.hex");
  EXPECT_EQ(config.board_files.size(), 3U);
}

TEST(Include, images_are_taken_as_a_whole) {
  const test::Folder folder;
  static_cast<void>(
      folder.write("common.toml", "[[image]]\nfile = 'a.hex'\n[[image]]\nfile = 'b.hex'\n"));
  const auto file =
      folder.write("board.toml", "include = ['common.toml']\n[[image]]\nfile = 'c.hex'\n");
  const Config config = load_config(file, {});
  ASSERT_EQ(config.images.size(), 1U);
  EXPECT_EQ(config.images[0].file, folder.path() / "c.hex");
}

TEST(Include, errors_name_the_file_and_the_place_that_includes_it) {
  const test::Folder folder;
  const std::string base = folder.path().string() + "/";
  const auto refusal = [&](const std::string &text) {
    const auto file = folder.write("board.toml", text);
    return error_of(Errc::config, [&] { return load_config(file, {}); });
  };
  EXPECT_EQ(refusal("include = ['none.toml']"),
            base + "board.toml:1:11: cannot read " + base + "none.toml: No such file or directory");
  static_cast<void>(folder.write("bad.toml", "[transport]\nspeed = =\n"));
  EXPECT_THAT(refusal("include = ['bad.toml']"), testing::StartsWith(base + "bad.toml:2:"));
  static_cast<void>(folder.write("bad.toml", "[transport]\nspeed = true\n"));
  EXPECT_THAT(refusal("include = ['bad.toml']"),
              testing::StartsWith(base + "bad.toml:2:9: transport.speed must be"));
  EXPECT_EQ(refusal("include = 'bad.toml'"),
            base + "board.toml:1:11: include must be a list of files, this is a string");
  EXPECT_EQ(refusal("include = [1]"),
            base + "board.toml:1:12: a file to include is a string, this is an integer");
  EXPECT_EQ(refusal("include = ['']"),
            base + "board.toml:1:12: the name of the file to include is empty");
  EXPECT_THAT(refusal("include = ['${FLASHHOST_TEST_NONE}/a.toml']"),
              testing::StartsWith(base + "board.toml:1:12: the environment variable"));
}

TEST(Include, files_that_include_each_other_are_refused) {
  const test::Folder folder;
  const auto file = folder.write("board.toml", "include = ['other.toml']");
  static_cast<void>(folder.write("other.toml", "\ninclude = ['./board.toml']"));
  EXPECT_EQ(error_of(Errc::config, [&] { return load_config(file, {}); }),
            (folder.path() / "other.toml").string() + ":2:11: " + file.string() +
                " includes itself, directly or through another file");
}

TEST(Include, files_that_multiply_are_bounded) {
  const test::Folder folder;
  for (int level = 0; level < 10; ++level) {
    const std::string next = "'" + std::to_string(level + 1) + ".toml'";
    static_cast<void>(folder.write(std::to_string(level) + ".toml",
                                   level == 9 ? "" : "include = [" + next + ", " + next + "]"));
  }
  EXPECT_THAT(error_of(Errc::config, [&] { return load_config(folder.path() / "0.toml", {}); }),
              testing::HasSubstr("more than 32 files are included"));
}

TEST(Include, works_only_in_a_file) {
  EXPECT_EQ(error_of(Errc::config, [] { return parse(small, {"include=['a.toml']"}); }),
            "--set include: include works only in a board file that is read from a file");
}

TEST(FindBoardFile, the_variable_counts_more_than_the_current_folder) {
  const test::Folder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  unsetenv("FLASHHOST_CONFIG");
  EXPECT_FALSE(find_board_file());
  static_cast<void>(folder.write("board.toml", ""));
  ASSERT_TRUE(find_board_file());
  EXPECT_EQ(find_board_file()->file, "board.toml");
  EXPECT_EQ(find_board_file()->found_by, "the current folder");
  ASSERT_EQ(setenv("FLASHHOST_CONFIG", "/rig/f103.toml", 1), 0);
  EXPECT_EQ(find_board_file()->file, "/rig/f103.toml");
  EXPECT_EQ(find_board_file()->found_by, "$FLASHHOST_CONFIG");
  ASSERT_EQ(setenv("FLASHHOST_CONFIG", "", 1), 0);
  EXPECT_EQ(find_board_file()->file, "board.toml");
  unsetenv("FLASHHOST_CONFIG");
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace flashhost::config
