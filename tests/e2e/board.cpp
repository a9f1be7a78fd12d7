#include "board.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>

namespace flashhost::testing {

namespace {

void write_file(const std::filesystem::path &path, const std::string &text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string text_of(const Bytes &bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

double ratio_of(const std::string &text) {
  std::smatch match;
  const std::regex pattern(R"((\d+\.\d+)x the flash's own time)");
  return std::regex_search(text, match, pattern) ? std::stod(match[1]) : 1e9;
}

Bytes firmware(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t &byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 25);  // below 0x80: no erased unit
  }
  constexpr std::uint32_t vectors[] = {0x20001000, flash_base + 0x101};
  for (std::size_t i = 0; i < std::min<std::size_t>(8, size); ++i) {
    bytes[i] = static_cast<std::uint8_t>(vectors[i / 4] >> (8 * (i % 4)));
  }
  return bytes;
}

Board::Board() = default;

void Board::put(std::uint32_t offset, const Bytes &bytes) {
  before_.resize(flash_size, 0xFF);
  std::copy(bytes.begin(), bytes.end(), before_.begin() + offset);
}

void Board::image(std::uint32_t offset, const Bytes &bytes) {
  const std::string name = fmt::format("image{}.bin", count_++);
  write_file(directory.path() / name, text_of(bytes));
  images_ +=
      fmt::format("[[image]]\nfile = \"{}\"\naddress = {}\n", name, hex(flash_address + offset));
  placed_.push_back({offset, bytes});
}

void Board::image_file(const std::string &name, const std::string &content,
                       const std::string &extra) {
  write_file(directory.path() / name, content);
  images_ += fmt::format("[[image]]\nfile = \"{}\"\n{}\n", name, extra);
}

void Board::write_board_file() const {
  write_file(directory.path() / "board.toml",
             fmt::format("[transport]\nplugin = \"sim\"\n[transport.settings]\nchip = \"{}\"\n"
                         "state_file = \"flash.bin\"\n{}\n{}\n[flash]\n{}\n{}\n",
                         chip, settings, family.empty() ? "" : "[family]\n" + family, flash_options,
                         images_));
}

std::vector<std::string> Board::command(const std::vector<std::string> &arguments) {
  if (!before_.empty() && !std::filesystem::exists(directory.path() / "flash.bin")) {
    write_file(directory.path() / "flash.bin", text_of(before_));
  }
  write_board_file();
  std::vector<std::string> words = {FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS};
  const auto list = std::find(arguments.begin(), arguments.end(), "list");
  const bool needs_none =
      list != arguments.end() && list + 1 != arguments.end() && *(list + 1) != "probes";
  if (!needs_none) {
    words.insert(words.end(), {"--config", (directory.path() / "board.toml").string()});
  }
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

Environment Board::environment(const Environment &more) const {
  Environment all = more;
  all.emplace("XDG_STATE_HOME", (directory.path() / "state").string());
  return all;
}

Outcome Board::flashhost(const std::vector<std::string> &arguments, const Environment &more) {
  return run_process(command(arguments), environment(more));
}

Bytes Board::content(const std::string &name) const {
  std::ifstream stream(directory.path() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Bytes Board::wanted() const {
  Bytes all = before_;
  all.resize(flash_size, 0xFF);
  for (const Placed &placed : placed_) {
    std::copy(placed.bytes.begin(), placed.bytes.end(), all.begin() + placed.offset);
  }
  return all;
}

void Board::expect_done(const Outcome &outcome) const {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Bytes found = flash();
  const Bytes expected = wanted();
  ASSERT_EQ(found.size(), expected.size());
  const auto [a, b] = std::mismatch(expected.begin(), expected.end(), found.begin());
  EXPECT_TRUE(a == expected.end()) << "first difference at offset " << a - expected.begin()
                                   << ": expected " << int{*a} << ", found " << int{*b} << "\n"
                                   << outcome.err;
}

void Board::expect_untouched(const Outcome &outcome, int exit_code) const {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  if (!std::filesystem::exists(directory.path() / "flash.bin")) return;
  Bytes before = before_;
  before.resize(flash_size, 0xFF);
  EXPECT_TRUE(flash() == before) << "the flash was changed\n" << outcome.err;
}

}  // namespace flashhost::testing
