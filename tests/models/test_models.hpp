// The chip models of this tree, in this process.
#pragma once

#include <flashhost/machine/models.hpp>
#include <flashhost/machine/target.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace flashhost::test {

[[nodiscard]] const machine::Models &models();
// A board with this part; everything else as the machine has it by default.
[[nodiscard]] machine::Config board_config(const std::string &part = "STM32F103CB",
                                           std::vector<std::string> faults = {});
[[nodiscard]] inline std::uint32_t flash_size(std::string_view part) {
  return models().flash_size(part);
}
// The parts whose names start so.
[[nodiscard]] std::vector<std::string> parts_of(std::string_view series);

}  // namespace flashhost::test
