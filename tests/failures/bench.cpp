#include "bench.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <regex>

namespace flashhost::testing {

namespace {

// Times as fast as real, over USB. The model has to keep up: flashhost's clock does not wait for
// it.
#ifdef FLASHHOST_SANITIZED
constexpr unsigned usual_pace = 1;
#else
constexpr unsigned usual_pace = 2;
#endif
constexpr std::uint32_t stack_top = 0x20001000;
constexpr std::size_t vectors = 16 + 48;
constexpr std::uint16_t branch_to_itself = 0xE7FE, return_from_handler = 0x4770;

void write_file(const std::string &path, const Bytes &bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Bytes read_file(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string difference(const Bytes &expected, const Bytes &found) {
  if (expected.size() != found.size()) return "another size";
  const auto [a, b] = std::ranges::mismatch(expected, found);
  if (a == expected.end()) return {};
  return fmt::format("at {}: {:#04x} instead of {:#04x}",
                     hex(flash_start + static_cast<std::uint32_t>(a - expected.begin())), *b, *a);
}

// The program itself: over USB it is the child of the virtual probe.
pid_t innermost(pid_t pid) {
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid));
  pid_t child = 0;
  return children >> child ? innermost(child) : pid;
}

// The virtual probe with the options that say which it is.
std::vector<std::string> virtual_probe(Way way) {
  if (way == Way::stlink) return {VIRTUAL_STLINK};
  return {VIRTUAL_CMSISDAP, "--interface", way == Way::cmsisdap_v1 ? "v1" : "v2"};
}

const char *transport_of(Way way) {
  if (way == Way::in_process) return "sim";
  return over_cmsisdap(way) ? "cmsisdap" : "stlinkv2";
}

}  // namespace

bool over_cmsisdap(Way way) {
  return way == Way::cmsisdap_v2 || way == Way::cmsisdap_v1;
}

const char *name_of(Way way) {
  switch (way) {
    case Way::in_process:
      return "sim";
    case Way::stlink:
      return "stlink";
    case Way::cmsisdap_v2:
      return "cmsisdap";
    case Way::cmsisdap_v1:
      return "cmsisdap_v1";
  }
  return "";
}

Bytes data(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t &byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 25);  // below 0x80: no erased unit
  }
  return bytes;
}

Bytes firmware(std::size_t size, std::uint32_t seed) {
  Bytes bytes = data(size, seed);
  constexpr std::uint32_t code = 4 * vectors, handler = code + 2;
  const auto put = [&](std::size_t at, std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i) {
      bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  put(0, stack_top, 4);
  for (std::size_t i = 1; i < vectors; ++i) {
    put(4 * i, flash_start + (i == 1 ? code : handler) + 1, 4);
  }
  put(code, branch_to_itself, 2);
  put(handler, return_from_handler, 2);
  return bytes;
}

Bench::Bench(const BenchBoard &which, Way how) : board(which), way(how), pace(usual_pace) {}

std::string Bench::path(const std::string &name) const {
  return (directory.path() / name).string();
}

void Bench::put(std::uint32_t offset, const Bytes &bytes) {
  before_.resize(board.flash_size, 0xFF);
  std::ranges::copy(bytes, before_.begin() + offset);
}

void Bench::image(std::uint32_t offset, const Bytes &bytes) {
  const std::string name = fmt::format("image{}.bin", placed_.size());
  write_file(path(name), bytes);
  images_ +=
      fmt::format("[[image]]\nfile = \"{}\"\naddress = {}\n", name, hex(flash_start + offset));
  placed_.push_back({offset, bytes});
}

void Bench::image_file(const std::string &name, const std::string &content) {
  write_file(path(name), {content.begin(), content.end()});
  images_ += fmt::format("[[image]]\nfile = \"{}\"\n", name);
}

void Bench::write_board_file() const {
  std::string text = fmt::format("[transport]\nplugin = \"{}\"\n{}\n[transport.settings]\n",
                                 transport_of(way), transport);
  if (way != Way::in_process) {
    text += fmt::format("time_scale = {}\n", pace);
  } else {
    text += fmt::format("chip = \"{}\"\nstate_file = \"flash\"\nrun_time = \"0s\"\n", board.chip);
    std::string list;
    for (const std::string &fault : faults) list += fmt::format("\"{}\", ", fault);
    text += fmt::format("faults = [{}]\n", list);
  }
  text +=
      fmt::format("{}\n[family]\n{}\n[flash]\n{}\n{}", settings, family, flash_options, images_);
  write_file(path("board.toml"), {text.begin(), text.end()});
}

std::vector<std::string> Bench::command(const std::vector<std::string> &arguments) {
  if (!before_.empty() && !std::filesystem::exists(path("flash"))) {
    write_file(path("flash"), before_);
  }
  write_board_file();
  std::vector<std::string> words;
  if (way != Way::in_process) {
    words = virtual_probe(way);
    words.insert(words.end(), {"--chip", board.chip, "--state", path("flash"), "--pace",
                               fmt::format("fast={}", pace), "--summary", path("summary.json")});
    for (const std::string &fault : faults) words.insert(words.end(), {"--fault", fault});
    words.insert(words.end(), options.begin(), options.end());
    words.emplace_back("--");
  }
  words.insert(words.end(), {FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS, "--config",
                             path("board.toml")});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

Outcome Bench::run(const std::vector<std::string> &arguments,
                   const std::function<void(const std::string &, pid_t)> &watch) {
  std::filesystem::remove(path("summary.json"));
  Outcome outcome = run_watched(command(arguments), {{"XDG_STATE_HOME", path("state")}}, watch);
  summary = {};
  std::ifstream stream(path("summary.json"));
  if (stream) summary = nlohmann::json::parse(stream).at("probes").at(0);
  return outcome;
}

Outcome Bench::flashhost(const std::vector<std::string> &arguments) {
  return run(arguments, {});
}

Outcome Bench::signalled(int signal, std::uint64_t after) {
  bool sent = false;
  return run({"--json", "-v"}, [&](const std::string &line, pid_t pid) {
    constexpr std::string_view key = "\"done_bytes\":";
    const auto at = line.find(key);
    if (sent || at == std::string::npos || std::stoull(line.substr(at + key.size())) < after) {
      return;
    }
    sent = true;
    ::kill(innermost(pid), signal);
  });
}

Bytes Bench::flash() const {
  return read_file(path("flash"));
}

Bytes Bench::before() const {
  Bytes all = before_;
  all.resize(board.flash_size, 0xFF);
  return all;
}

Bytes Bench::wanted() const {
  Bytes all = before();
  for (const Placed &placed : placed_) {
    std::ranges::copy(placed.bytes, all.begin() + placed.offset);
  }
  return all;
}

void Bench::expect_done(const Outcome &outcome) const {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(difference(wanted(), flash()), "") << outcome.err;
}

void Bench::expect_untouched(const Outcome &outcome) const {
  if (!std::filesystem::exists(path("flash"))) return;
  EXPECT_EQ(difference(before(), flash()), "") << outcome.err;
}

void Bench::expect_rest_untouched(const Outcome &outcome) const {
  Bytes expected = before();
  const Bytes found = flash();
  ASSERT_EQ(found.size(), expected.size());
  for (const Placed &placed : placed_) {
    const std::size_t first = placed.offset / board.first_sector * board.first_sector;
    const std::size_t end = (placed.offset + placed.bytes.size() + board.first_sector - 1) /
                            board.first_sector * board.first_sector;
    std::copy_n(found.begin() + static_cast<std::ptrdiff_t>(first), end - first,
                expected.begin() + static_cast<std::ptrdiff_t>(first));
  }
  EXPECT_EQ(difference(expected, found), "") << "outside of the plan\n" << outcome.err;
}

// In process the probe logs it with -v, over USB it is in the summary.
std::map<std::string, std::uint32_t> Bench::left_behind(const Outcome &outcome) const {
  std::map<std::string, std::uint32_t> registers;
  if (way != Way::in_process) {
    for (const auto &[name, value] : summary.at("left_behind").items()) registers[name] = value;
    return registers;
  }
  const auto begin = outcome.err.find("left behind:");
  if (begin == std::string::npos) return registers;
  const std::string line = outcome.err.substr(begin, outcome.err.find('\n', begin) - begin);
  const std::regex pattern(R"(([A-Z_0-9]+) (0x[0-9a-f]{8}))");
  for (std::sregex_iterator match(line.begin(), line.end(), pattern), end; match != end; ++match) {
    registers[(*match)[1]] = static_cast<std::uint32_t>(std::stoul((*match)[2], nullptr, 16));
  }
  return registers;
}

void Bench::expect_tidy(const Outcome &outcome, bool halted) const {
  auto left = left_behind(outcome);
  ASSERT_FALSE(left.empty()) << outcome.err;
  constexpr std::uint32_t debugen = 1, s_halt = 1U << 17, catches = 0x7F1;
  constexpr std::uint32_t f1_lock = 1U << 7, f4_lock = 1U << 31;
  const std::uint32_t control = left.at("FLASH_CR");
  EXPECT_TRUE(control == f1_lock || (control & f4_lock) != 0) << hex(control) << outcome.err;
  EXPECT_EQ(left.at("DEMCR") & catches, 0U) << outcome.err;
  EXPECT_EQ(left.at("DBGMCU_CR"), 0U) << outcome.err;
  EXPECT_EQ(left.at("FP_CTRL") & 1U, 0U) << outcome.err;
  EXPECT_EQ(left.at("DHCSR") & (debugen | s_halt), halted ? debugen | s_halt : 0U) << outcome.err;
}

}  // namespace flashhost::testing
