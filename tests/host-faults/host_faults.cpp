#include "host_faults.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <random>

namespace flashhost::testing {

namespace {

constexpr int most_seconds = 10;
constexpr std::uint32_t flash_base = 0x08000000;

}  // namespace

Bytes random_bytes(std::size_t size, unsigned seed) {
  std::minstd_rand dice(seed);
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(dice() % 0xFF);
  return bytes;
}

HostFaults::HostFaults() = default;

void HostFaults::write(const std::string &name, const Bytes &content) const {
  std::ofstream stream(folder() / name, std::ios::binary);
  stream.write(reinterpret_cast<const char *>(content.data()),
               static_cast<std::streamsize>(content.size()));
}

Bytes HostFaults::file(const std::string &name) const {
  std::ifstream stream(folder() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void HostFaults::board_file(const std::string &name, const std::vector<Placed> &images,
                            const std::string &settings) const {
  std::string text = fmt::format(
      "[transport]\nplugin = \"sim\"\n[transport.settings]\nchip = \"STM32F103CB\"\n"
      "state_file = \"flash.bin\"\nrun_time = \"0s\"\nfirmware_runs = false\n{}\n",
      settings);
  for (const Placed &image : images) {
    const std::string binary = fmt::format("{}-{:x}.bin", name, image.offset);
    write(binary, image.bytes);
    text += fmt::format("[[image]]\nfile = \"{}\"\naddress = {}\n", binary,
                        hex(flash_base + image.offset));
  }
  write(name + ".toml", Bytes(text.begin(), text.end()));
}

FaultedRun HostFaults::run(const std::string &board, const std::vector<std::string> &arguments,
                           const CallFault &fault) const {
  std::vector<std::string> words = {FLASHHOST_PROGRAM, "--plugin-dir", FLASHHOST_PLUGINS,
                                    "--config", folder() / (board + ".toml")};
  words.insert(words.end(), arguments.begin(), arguments.end());
  Environment environment = {{"XDG_STATE_HOME", folder() / "state"}};
  const std::filesystem::path trace = aside_.path() / "trace";
  std::filesystem::remove(trace);
  if (!fault.kind.empty()) {
    environment.insert({{"LD_PRELOAD", FAILING_CALLS},
                        {"FAILING_FOLDER", folder()},
                        {"FAILING_BOARD", folder() / "flash.bin"},
                        {"FAILING_RECORDS", folder() / "state"},
                        {"FAILING_KIND", fault.kind},
                        {"FAILING_CALL", std::to_string(fault.call)},
                        {"FAILING_TRACE", trace},
                        {"FAILING_SECONDS", std::to_string(most_seconds)},
                        {"ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0"}});
  }
  const auto start = std::chrono::steady_clock::now();
  FaultedRun result{run_process(words, environment), {}, {}};
  result.seconds = std::chrono::steady_clock::now() - start;
  std::ifstream lines(trace);
  for (std::string line; std::getline(lines, line);) result.calls.push_back(line);
  return result;
}

void HostFaults::keep_everything() {
  for (const auto &entry : std::filesystem::recursive_directory_iterator(folder())) {
    const std::string name = entry.path().lexically_relative(folder());
    if (entry.is_regular_file()) kept_[name] = file(name);
  }
}

void HostFaults::put_everything_back() const {
  for (const auto &entry : std::filesystem::directory_iterator(folder())) {
    std::filesystem::remove_all(entry.path());
  }
  for (const auto &[name, content] : kept_) {
    const std::filesystem::path parent = (folder() / name).parent_path();
    if (std::filesystem::create_directories(parent)) {
      std::filesystem::permissions(parent, std::filesystem::perms::owner_all);
    }
    write(name, content);
    std::filesystem::permissions(folder() / name, std::filesystem::perms(0600));
  }
}

std::vector<std::string> HostFaults::litter() const {
  std::vector<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(folder())) {
    const std::string name = entry.path().filename();
    if (name != "state" && !kept_.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace flashhost::testing
