#include "desk.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace flashhost::testing {

Flash pattern(std::size_t size, std::uint32_t seed) {
  Flash bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t &byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 25);
  }
  return bytes;
}

Outcome Desk::on_probe(const std::vector<std::string> &command,
                       const std::vector<std::string> &options) {
  const std::string summary_file = path("summary.json");
  std::filesystem::remove(summary_file);
  std::vector<std::string> words = virtual_probe;
  for (const std::string &word :
       {probe, std::string("--state"), path("flash"), std::string("--summary"), summary_file}) {
    words.push_back(word);
  }
  words.insert(words.end(), options.begin(), options.end());
  words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  Outcome outcome = run_process(words, {{"XDG_STATE_HOME", path("state")}});
  summary = {};
  std::ifstream stream(summary_file);
  if (stream) {
    const nlohmann::json all = nlohmann::json::parse(stream);
    EXPECT_EQ(all.at("exit_code"), outcome.exit_code);
    summary = all.at("probes").at(0);
  }
  return outcome;
}

Outcome Desk::openocd(const std::vector<std::string> &interface, const std::string &commands,
                      const std::vector<std::string> &options, const std::string &target) {
  std::vector<std::string> words{OPENOCD};
  words.insert(words.end(), interface.begin(), interface.end());
  for (const std::string &word :
       {std::string("-f"), target, std::string("-c"),
        std::string("gdb_port disabled; tcl_port disabled; telnet_port disabled"),
        std::string("-c"), commands}) {
    words.push_back(word);
  }
  return on_probe(words, options);
}

void Desk::expect_flash(const Flash &expected, const Outcome &outcome) const {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(difference(expected, flash()), "") << outcome.out << outcome.err;
  // What a tool does that confuses real hardware would make it a poor judge.
  EXPECT_TRUE(summary.at("probe_notes").empty()) << summary.dump(2);
  EXPECT_EQ(summary.at("unknown_commands"), 0);
}

std::vector<std::string> Desk::flashhost(const std::vector<std::string> &arguments,
                                         const Flash &image, std::size_t offset,
                                         const std::string &transport) const {
  std::string board = fmt::format("[transport]\nplugin = \"stlinkv2\"\n{}\n", transport);
  if (!image.empty()) {
    write_file("job.bin", image);
    board += fmt::format("[[image]]\nfile = \"job.bin\"\naddress = {}\n",
                         hex(flash_start + static_cast<std::uint32_t>(offset)));
  }
  write_file("board.toml", {board.begin(), board.end()});
  std::vector<std::string> words{FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "--config",
                                 path("board.toml")};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::string Desk::path(const std::string &name) const {
  return (directory.path() / name).string();
}

std::string Desk::write_file(const std::string &name, const Flash &content) const {
  std::ofstream(path(name), std::ios::binary)
      .write(reinterpret_cast<const char *>(content.data()),
             static_cast<std::streamsize>(content.size()));
  return path(name);
}

Flash Desk::read_file(const std::string &name) const {
  std::ifstream stream(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Flash Desk::flash() const {
  return read_file("flash");
}

void Desk::put_flash(const Flash &content) const {
  write_file("flash", content);
}

Flash Desk::used_flash() {
  Flash content(flash_size, 0xFF);
  std::ranges::copy(pattern(20 * page_size, 7), content.begin() + 4 * page_size);
  return content;
}

Flash with_image(Flash flash, std::size_t offset, const Flash &image, std::size_t page) {
  const std::size_t end = (offset + image.size() + page - 1) / page * page;
  std::fill(flash.begin() + static_cast<std::ptrdiff_t>(offset / page * page),
            flash.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0xFF});
  std::ranges::copy(image, flash.begin() + static_cast<std::ptrdiff_t>(offset));
  return flash;
}

Flash with_image_alone(Flash flash, std::size_t offset, const Flash &image) {
  std::ranges::copy(image, flash.begin() + static_cast<std::ptrdiff_t>(offset));
  return flash;
}

std::string difference(const Flash &expected, const Flash &found) {
  if (expected.size() != found.size()) {
    return fmt::format("{} instead of {}", format_size(found.size()), format_size(expected.size()));
  }
  const auto [a, b] = std::ranges::mismatch(expected, found);
  if (a == expected.end()) return {};
  return fmt::format("at offset {}: {:02x} instead of {:02x}",
                     hex(static_cast<std::uint32_t>(a - expected.begin())), *b, *a);
}

}  // namespace flashhost::testing
