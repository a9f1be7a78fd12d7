// One board file for all boards: on an ST-Link, and with another `plugin` in it over both versions
// of CMSIS-DAP, it flashes chips of both families of this tree and that of the template.
#include "desk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace flashhost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Way {
  const char *name, *plugin;
  std::vector<std::string> probe;
};
struct Chip {
  const char *name;
  std::size_t flash;
};

class OneBoardFile : public Desk, public ::testing::WithParamInterface<std::tuple<Chip, Way>> {
 protected:
  OneBoardFile() {
    put_flash(before);
    write_file("image.bin", image);
    const std::string board = fmt::format(R"([transport]
plugin = "{}"
[transport.settings]
time_scale = 4
[flash]
reset = "halt"
[[image]]
file = "image.bin"
address = 0x08000100
)",
                                          way.plugin);
    write_file("board.toml", {board.begin(), board.end()});
    virtual_probe = way.probe;
    probe = virtual_probe.back();
    virtual_probe.pop_back();
  }
  Outcome flashhost() {
    return on_probe({FLASHHOST_PROGRAM, "--plugin-dir", TEMPLATE_PLUGINS, "--plugin-dir",
                     FLASHHOST_PLUGINS, "--config", path("board.toml")},
                    {"--chip", chip.name, "--model-dir", TEMPLATE_PLUGINS, "--pace", "fast=4"});
  }

  const Chip chip = std::get<0>(GetParam());
  const Way way = std::get<1>(GetParam());
  const Flash before = [this] {
    Flash content(chip.flash, 0xFF);
    std::ranges::copy(pattern(content.size() / 2, 3), content.begin());
    return content;
  }();
  // It begins and ends in the middle of a sector.
  const Flash image = pattern(6'000, 4);
};

TEST_P(OneBoardFile, WritesTheImageAndKeepsTheRest) {
  const Outcome first = flashhost();
  expect_flash(with_image_alone(before, 0x100, image), first);
  EXPECT_THAT(first.err, HasSubstr("6000 bytes written and verified"));
  EXPECT_THAT(first.err, Not(HasSubstr("no loader can run")));
  const Outcome second = flashhost();
  expect_flash(with_image_alone(before, 0x100, image), second);
  EXPECT_THAT(second.err, HasSubstr("nothing to do"));
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Chip, Way>> &info) {
  const auto &[chip, way] = info.param;
  return std::string(chip.name) + "_" + way.name;
}

INSTANTIATE_TEST_SUITE_P(
    Of, OneBoardFile,
    ::testing::Combine(
        ::testing::Values(Chip{"ACME32C", 16 * 1024}, Chip{"ACME32P", 32 * 1024},
                          Chip{"STM32F103CB", 128 * 1024}, Chip{"STM32F407VG", 1024 * 1024}),
        ::testing::Values(Way{"StLink", "stlinkv2", {VIRTUAL_STLINK, "--probe", "v2"}},
                          Way{"CmsisDapV1",
                              "cmsisdap",
                              {VIRTUAL_CMSISDAP, "--interface", "v1", "--personality", "daplink"}},
                          Way{"CmsisDapV2",
                              "cmsisdap",
                              {VIRTUAL_CMSISDAP, "--interface", "v2", "--personality",
                               "daplink"}})),
    name_of);

}  // namespace
}  // namespace flashhost::testing
