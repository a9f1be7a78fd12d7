// What the host's own parts take, by Google Benchmark: reading image files, checksums, the plan,
// the board file, the commands for the loader.
#include <flashhost/family.hpp>

#include <benchmark/benchmark.h>
#include <config/config.hpp>
#include <files/sha256.hpp>
#include <flash/crc32.hpp>
#include <flash/loader_client.hpp>
#include <flash/plan.hpp>
#include <ihex.hpp>
#include <srec.hpp>

#include <random>

namespace flashhost {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr std::uint32_t flash_base = 0x08000000;

Bytes random_bytes(std::size_t size) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same bytes in each run
  Bytes bytes(size);
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

// size bytes are one round.
void says_bytes(benchmark::State &state, std::size_t size) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(size));
}

ParsedFile one_segment() {
  return {{{flash_base, random_bytes(mebibyte)}}, std::nullopt};
}

void intel_hex(benchmark::State &state) {
  const Bytes file = ihex::write(one_segment());
  for (auto _ : state) benchmark::DoNotOptimize(ihex::parse(file));
  says_bytes(state, file.size());
}
BENCHMARK(intel_hex)->Unit(benchmark::kMicrosecond);

void s_records(benchmark::State &state) {
  const Bytes file = srec::write(one_segment());
  for (auto _ : state) benchmark::DoNotOptimize(srec::parse(file));
  says_bytes(state, file.size());
}
BENCHMARK(s_records)->Unit(benchmark::kMicrosecond);

void sha256(benchmark::State &state) {
  const Bytes bytes = random_bytes(mebibyte);
  for (auto _ : state) benchmark::DoNotOptimize(files::sha256(bytes));
  says_bytes(state, bytes.size());
}
BENCHMARK(sha256)->Unit(benchmark::kMicrosecond);

void crc_of_the_loader(benchmark::State &state) {
  const Bytes bytes = random_bytes(mebibyte);
  for (auto _ : state) benchmark::DoNotOptimize(loader_crc(bytes));
  says_bytes(state, bytes.size());
}
BENCHMARK(crc_of_the_loader)->Unit(benchmark::kMicrosecond);

// A mebibyte in pages of 2 KiB, all of which are written over something else.
void plan(benchmark::State &state) {
  constexpr std::uint32_t page = 2048;
  Chip chip;
  chip.name = "1 MiB";
  chip.flash = {flash_base, mebibyte};
  chip.die_flash_size = mebibyte;
  chip.program_unit = 8;
  chip.program_typical = 90us;
  chip.mass_erase_typical = 22ms;
  const Image image = merge({{"app.bin", one_segment()}});
  DeviceState found;
  for (std::uint32_t at = 0; at < mebibyte; at += page) {
    chip.sectors.push_back({flash_base + at, page, 22ms, 25ms});
    found.sectors.push_back({chip.sectors.back(), Content::different, 0, {}, {}});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        make_plan(image, chip, found, {EraseMode::automatic, true, true, flash_base}));
  }
  says_bytes(state, mebibyte);
}
BENCHMARK(plan)->Unit(benchmark::kMicrosecond);

void board_file(benchmark::State &state) {
  constexpr std::string_view text =
      "[transport]\nplugin = \"stlinkv2\"\nspeed = \"1.8MHz\"\n[family]\nplugin = \"f1\"\n"
      "[flash]\nverify = \"crc\"\n[[image]]\nfile = \"app.hex\"\n";
  for (auto _ : state) {
    benchmark::DoNotOptimize(config::parse_config(text, "board.toml", ".", {}));
  }
  says_bytes(state, text.size());
}
BENCHMARK(board_file)->Unit(benchmark::kMicrosecond);

void command_for_the_loader(benchmark::State &state) {
  const Bytes payload = random_bytes(2048);
  std::uint32_t sequence = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_command(FH_OP_PROGRAM, flash_base, 2048, payload, ++sequence));
  }
  says_bytes(state, payload.size());
}
BENCHMARK(command_for_the_loader)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace flashhost

BENCHMARK_MAIN();
