// A desk with virtual probes on it: any program run on them, and what became of the flash.
#pragma once

#include "process.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flashhost::testing {

using Flash = std::vector<std::uint8_t>;

inline constexpr std::uint32_t flash_start = 0x08000000;
inline constexpr std::size_t flash_size = std::size_t{128} * 1024;
inline constexpr std::size_t page_size = 1024;

// size bytes that no neighbour repeats; no halfword of them is erased.
[[nodiscard]] Flash pattern(std::size_t size, std::uint32_t seed);

class Desk : public ::testing::Test {
 protected:
  // Runs the command on the virtual bus; options are those of virtual-stlink or of what stands in
  // for it.
  Outcome on_probe(const std::vector<std::string> &command,
                   const std::vector<std::string> &options = {});
  // interface: what tells OpenOCD which probe there is.
  Outcome openocd(const std::vector<std::string> &interface, const std::string &commands,
                  const std::vector<std::string> &options = {},
                  const std::string &target = "target/stm32f1x.cfg");
  // That the program succeeded, did nothing that confuses real hardware, and left this.
  void expect_flash(const Flash &expected, const Outcome &outcome) const;
  // A flashhost command line for on_probe(): verb and options, and a board file with this image (if
  // there is any). transport: further lines of its section.
  [[nodiscard]] std::vector<std::string> flashhost(const std::vector<std::string> &arguments,
                                                   const Flash &image = {}, std::size_t offset = 0,
                                                   const std::string &transport = "") const;

  [[nodiscard]] Flash flash() const;
  void put_flash(const Flash &content) const;
  // Erased but for some pages whose content a programmer must keep.
  [[nodiscard]] static Flash used_flash();
  // A file in the desk's folder.
  [[nodiscard]] std::string path(const std::string &name) const;
  std::string write_file(const std::string &name, const Flash &content) const;
  [[nodiscard]] Flash read_file(const std::string &name) const;

  std::vector<std::string> virtual_probe{VIRTUAL_STLINK, "--probe"};  // then its kind
  std::string probe = "v2";
  nlohmann::json summary;  // of the last run's first probe
  TemporaryDirectory directory;
};

// flash as it must be once image was programmed at offset by a tool that erases the pages that it
// touches, and by one that keeps what it does not program.
[[nodiscard]] Flash with_image(Flash flash, std::size_t offset, const Flash &image,
                               std::size_t page = page_size);
[[nodiscard]] Flash with_image_alone(Flash flash, std::size_t offset, const Flash &image);
// Where they differ, for a message; empty: nowhere.
[[nodiscard]] std::string difference(const Flash &expected, const Flash &found);

}  // namespace flashhost::testing
