// formats_bench [MiB]: what it takes to read random data (16 MiB, if nothing is said) from Intel
// HEX and S-records, beside objcopy and srec_cat with the same files, where these are installed.
// Each reading is a process of its own: its time is that from start to end, its memory the most
// that was resident. Exit code 1 if we take more memory than the file, twice the data, and 1 MiB.
#include "temporary_folder.hpp"

#include <flashhost/types.hpp>

#include <files/files.hpp>
#include <fmt/format.h>
#include <ihex.hpp>
#include <srec.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <text_records.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace flashhost {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

struct FileKind {
  const char *name;
  const char *objcopy;  // its name of the format
  const char *srec_cat;
  ParsedFile (*parse)(std::span<const std::uint8_t> file);
  // Appends a data record.
  void (*append)(Bytes &file, std::uint32_t address, std::span<const std::uint8_t> data);
  const char *start;
  const char *end;
};

void append_ihex(Bytes &file, std::uint32_t address, std::span<const std::uint8_t> data) {
  if (address % 0x10000 == 0) {
    Bytes base{2, 0, 0, 4};
    for (const std::uint8_t byte : text_records::big_endian(address >> 16, 2)) base.push_back(byte);
    text_records::append_record(file, ":", base, 0);
  }
  Bytes bytes{static_cast<std::uint8_t>(data.size()), static_cast<std::uint8_t>(address >> 8),
              static_cast<std::uint8_t>(address), 0};
  bytes.insert(bytes.end(), data.begin(), data.end());
  text_records::append_record(file, ":", bytes, 0);
}

void append_srec(Bytes &file, std::uint32_t address, std::span<const std::uint8_t> data) {
  Bytes bytes{static_cast<std::uint8_t>(data.size() + 5)};
  for (const std::uint8_t byte : text_records::big_endian(address, 4)) bytes.push_back(byte);
  bytes.insert(bytes.end(), data.begin(), data.end());
  text_records::append_record(file, "S3", bytes, 0xFF);
}

const std::vector<FileKind> kinds{
    {"ihex", "ihex", "-intel", [](std::span<const std::uint8_t> file) { return ihex::parse(file); },
     append_ihex, "", ":00000001FF\n"},
    {"srec", "srec", "-motorola",
     [](std::span<const std::uint8_t> file) { return srec::parse(file); }, append_srec,
     "S00600004844521B\n", "S70500000000FA\n"}};

const FileKind &kind_named(const std::string &name) {
  return *std::find_if(kinds.begin(), kinds.end(),
                       [&](const FileKind &kind) { return kind.name == name; });
}

// In pieces, since the memory of this process would count as that of those that it starts.
void make_file(const fs::path &path, const FileKind &kind, std::size_t size, std::size_t record) {
  std::ofstream stream(path, std::ios::binary);
  stream << kind.start;
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same file in each run
  Bytes text;
  Bytes data(record);
  for (std::size_t at = 0; at < size; at += record) {
    for (std::uint8_t &byte : data) byte = static_cast<std::uint8_t>(random());
    kind.append(text, static_cast<std::uint32_t>(at), data);
    if (text.size() < mebibyte / 16 && at + record < size) continue;
    stream.write(reinterpret_cast<const char *>(text.data()),
                 static_cast<std::streamsize>(text.size()));
    text.clear();
  }
  stream << kind.end;
}

struct Cost {
  Seconds time{};
  std::size_t memory = 0;  // bytes
};

// The best of several runs; nothing if the program does not run or fails.
std::optional<Cost> cost_of(const std::vector<std::string> &command, int rounds) {
  std::vector<char *> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  std::optional<Cost> best;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) return {};
    const Seconds time = std::chrono::steady_clock::now() - start;
    const auto memory = static_cast<std::size_t>(usage.ru_maxrss) * 1024;
    if (!best) best = Cost{time, memory};
    best->time = std::min(best->time, time);
    best->memory = std::max(best->memory, memory);
  }
  return best;
}

// In a process of its own: reads the file, which must hold one segment of that size.
int read_one(const std::string &kind, const fs::path &path, std::size_t size) {
  const Bytes file = files::read_file(path, files::max_image_file_size, Errc::image);
  const ParsedFile parsed = kind_named(kind).parse(file);
  return parsed.segments.size() == 1 && parsed.segments[0].data.size() == size ? 0 : 1;
}

std::string beside(const char *name, const std::optional<Cost> &theirs, const Cost &ours) {
  if (!theirs) return fmt::format("; {} does not run", name);
  return fmt::format("; {} {:.3f} s ({:.1f} times ours)", name, theirs->time.count(),
                     theirs->time / ours.time);
}

// Whether the memory is what it should be.
bool measure(const FileKind &kind, std::size_t size, std::size_t record) {
  constexpr int rounds = 5;
  const bench::QuickFolder folder;
  const std::string self = fs::canonical("/proc/self/exe").string();
  const std::string file = (folder.path() / "in").string();
  const std::string out = (folder.path() / "out").string();
  const auto ours_for = [&](std::size_t bytes) {
    make_file(file, kind, bytes, record);
    return cost_of({self, "--read", kind.name, file, std::to_string(bytes)}, rounds);
  };
  const auto small = ours_for(record);
  const auto ours = ours_for(size);
  if (!small || !ours) {
    fmt::print("{}: we cannot read what was written\n", kind.name);
    return false;
  }
  const auto objcopy = cost_of({"objcopy", "-I", kind.objcopy, "-O", "binary", file, out}, rounds);
  const auto srec_cat = cost_of({"srec_cat", file, kind.srec_cat, "-o", out, "-binary"}, 1);
  const std::size_t file_size = fs::file_size(file);
  const std::size_t all = ours->memory - std::min(ours->memory, small->memory);
  const std::size_t more = all - std::min(all, file_size);
  fmt::print("{}, {} MiB in records of {} bytes, a file of {:.1f} MiB: ours {:.3f} s{}{}\n",
             kind.name, size / mebibyte, record, static_cast<double>(file_size) / mebibyte,
             ours->time.count(), beside("objcopy", objcopy, *ours),
             beside("srec_cat", srec_cat, *ours));
  fmt::print("  memory beyond the file: {:.1f} MiB, {:.2f} times the data\n",
             static_cast<double>(more) / mebibyte,
             static_cast<double>(more) / static_cast<double>(size));
  std::fflush(stdout);
  if (more <= 2 * size + mebibyte) return true;
  fmt::print("  that is too much\n");
  return false;
}

int run(const std::vector<std::string> &arguments) {
  if (arguments.size() == 4 && arguments[0] == "--read") {
    return read_one(arguments[1], arguments[2], std::stoul(arguments[3]));
  }
  const std::size_t size = (arguments.empty() ? 16 : std::stoul(arguments[0])) * mebibyte;
  bool good = true;
  for (const FileKind &kind : kinds) {
    for (const std::size_t record : {std::size_t{16}, std::size_t{32}}) {
      good = measure(kind, size, record) && good;
    }
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace flashhost

int main(int argc, char **argv) {
  try {
    return flashhost::run({argv + 1, argv + argc});
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
