// The family that is tested, guarded as the host does it, and the chip models that it knows.
#pragma once

#include "bench/random_bytes.hpp"
#include "flash/chip_request.hpp"
#include "plugin_under_test.hpp"

#include <flashhost/family.hpp>
#include <flashhost/machine/models.hpp>

#include <optional>
#include <string>
#include <vector>

namespace flashhost::conformance {

[[nodiscard]] const NamedFamily &tested_family();
// Until somebody asks for it again.
void unload_tested_family();
[[nodiscard]] const machine::Models &models();
// Throws Errc::config where the case file names what is not there.
void check_family_case();

// A part of a model. It lives as long as models().
[[nodiscard]] const machine::Part &model_part(const std::string &name);
// As the family's table describes it.
[[nodiscard]] Chip described(const std::string &part);

// The parts of the models that the family knows by name; those of the case file, if it names some.
[[nodiscard]] std::vector<std::string> known_parts();
// Of each sort (sectors, banks, core) the one with the least and the one with the most flash; all
// of them with --all. Nothing for other kinds and lower levels.
[[nodiscard]] std::vector<std::string> parts_to_drive();
// The same, but only the one with the least flash: for tests that need many boards.
[[nodiscard]] std::vector<std::string> parts_to_break();
// Parts of models that have none that the family knows.
[[nodiscard]] std::vector<std::string> foreign_parts();

// A board with this part. The same seed: the same unique id.
[[nodiscard]] machine::Config board_with(const std::string &part,
                                         std::vector<std::string> faults = {},
                                         std::uint64_t seed = 1);
// Faults of the part's model as they can be given to a board: each name, with its values where it
// lists them or says what they are; and those of which no value is known.
struct FaultsToTry {
  std::vector<std::string> faults;
  std::vector<std::string> left_out;
};
[[nodiscard]] FaultsToTry faults_to_try(const std::string &part);

using bench::random_bytes;

}  // namespace flashhost::conformance
