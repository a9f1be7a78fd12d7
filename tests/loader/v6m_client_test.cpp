// The host's end of the loader on the cores of ARMv6-M: a made-up chip behind a simulated probe.
#include "flash/crc32.hpp"
#include "flash/loader_client.hpp"
#include "hosts.hpp"
#include "loaders/agent/agent.inc"
#include "sim_probe.hpp"
#include "tests/loader/tiny/tiny.inc"
#include "tiny_chip.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace flashhost::testing {
namespace {

using namespace std::chrono_literals;
namespace tiny = test::tiny;

Chip tiny_chip() {
  Chip chip;
  chip.name = "TINY";
  chip.flash = {machine::flash_base, tiny::flash_size};
  for (std::uint32_t at = 0; at < tiny::flash_size; at += tiny::page_size) {
    chip.sectors.push_back({chip.flash.address + at, tiny::page_size, 2ms, 4ms});
  }
  chip.ram = {0x20000000, 4096};
  chip.program_unit = 4;
  chip.program_typical = 50us;
  chip.program_maximum = 100us;
  return chip;
}

LoaderCode tiny_algorithm() {
  namespace blob = tiny_blob;
  LoaderCode code;
  code.code = blob::code;
  code.init = blob::init;
  code.uninit = blob::uninit;
  code.erase_sector = blob::erase_sector;
  code.erase_chip = blob::erase_chip;
  code.program_page = blob::program_page;
  code.clock_hz = 8'000'000;
  return code;
}

class Warnings final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level level, const std::string &text) override {
    if (level >= Level::info) said += text + "\n";
  }
  std::string said;
};

// As the host has it before it starts the loader.
class ClientOnV6m : public ::testing::TestWithParam<const char *> {
 protected:
  ClientOnV6m() : probe_(host_, settings(), 4'000'000) {
    probe_.attach(AttachMode::attach);
    static_cast<void>(cortex_m::reset_and_halt(probe_));
    cortex_m::quiesce(probe_, undo_);
  }
  static sim::SimSettings settings() {
    sim::SimSettings settings;
    settings.board = tiny::board_config(GetParam());
    settings.board.firmware_runs = false;
    settings.flash_bytes = tiny::flash_size;
    return settings;
  }

  QuietHost host_;
  sim::SimProbe probe_;
  UndoLog undo_;
  Chip chip_ = tiny_chip();
  Warnings observer_;
};

TEST_P(ClientOnV6m, WritesAndChecksTheWholeFlash) {
  LoaderClient client(probe_, chip_, tiny_algorithm(), observer_, {});
  client.start();
  Bytes content(tiny::flash_size);
  std::ranges::generate(
      content, [value = 0U]() mutable { return static_cast<std::uint8_t>((value += 77) >> 3); });
  for (const Sector &sector : chip_.sectors) {
    client.submit(FH_OP_ERASE, sector.address, sector.size, {}, sector.erase_maximum);
  }
  for (std::uint32_t at = 0; at < tiny::flash_size; at += client.payload()) {
    client.submit(FH_OP_PROGRAM, chip_.flash.address + at, client.payload(),
                  std::span(content).subspan(at, client.payload()),
                  chip_.program_maximum * (client.payload() / chip_.program_unit));
  }
  EXPECT_EQ(client.query(FH_OP_CRC, {chip_.flash}).at(0).value, loader_crc(content));
  client.finish();
  Bytes found(tiny::flash_size);
  probe_.read_memory(chip_.flash.address, found, Width::automatic);
  EXPECT_TRUE(found == content);
  EXPECT_EQ(observer_.said, "");
}

TEST_P(ClientOnV6m, NamesTheInstructionThatFaulted) {
  Bytes broken(std::begin(tiny_blob::code), std::end(tiny_blob::code));
  const Bytes undefined{0x00, 0xDE};
  std::ranges::copy(undefined, broken.begin() + tiny_blob::erase_sector);
  LoaderCode code = tiny_algorithm();
  code.code = broken;
  const std::uint32_t family = lay_out(chip_.ram, std::size(agent_blob::code), code)->family;
  LoaderClient client(probe_, chip_, code, observer_, {});
  client.start();
  client.submit(FH_OP_ERASE, chip_.flash.address, tiny::page_size, {}, 4ms);
  try {
    client.drain();
    FAIL() << "nothing was thrown";
  } catch (const Error &error) {
    EXPECT_EQ(error.code(), Errc::target);
    EXPECT_THAT(error.what(),
                ::testing::HasSubstr("HardFault at " + hex(family + tiny_blob::erase_sector)));
  }
}

INSTANTIATE_TEST_SUITE_P(Of, ClientOnV6m, ::testing::Values("TINY0", "TINY0P"),
                         [](const auto &param) {
                           return std::string_view(param.param) == "TINY0" ? "CortexM0"
                                                                           : "CortexM0Plus";
                         });

}  // namespace
}  // namespace flashhost::testing
