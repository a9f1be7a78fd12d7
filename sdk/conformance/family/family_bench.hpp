// The family under test, guarded as the host does it, and the chip models that it knows.
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
// It is loaded again when somebody asks for it.
void unload_tested_family();
[[nodiscard]] const machine::Models &models();
// Throws Errc::config when the case file names something that does not exist.
void check_family_case();

// A part of a model. Valid as long as models().
[[nodiscard]] const machine::Part &model_part(const std::string &name);
// The part as the family's table describes it.
[[nodiscard]] Chip described(const std::string &part);

// The parts of the models that the family knows by name; those of the case file, if it names some.
[[nodiscard]] std::vector<std::string> known_parts();
// Of each kind (sectors, banks, core) the part with the least and the one with the most flash; all
// parts with --all. Empty for other kinds of plugin and lower levels.
[[nodiscard]] std::vector<std::string> parts_to_drive();
// The same, but only the parts with the least flash: for tests that need many boards.
[[nodiscard]] std::vector<std::string> parts_to_break();
// Parts of those models of which the family knows no part.
[[nodiscard]] std::vector<std::string> foreign_parts();

// A board with this part. The same seed: the same unique id.
[[nodiscard]] machine::Config board_with(const std::string &part,
                                         std::vector<std::string> faults = {},
                                         std::uint64_t seed = 1);
// The faults that the part's model can have: each name, with its possible values. Where the values
// are neither listed nor described, the fault is only named.
struct FaultsToTry {
  std::vector<std::string> faults;
  std::vector<std::string> left_out;
};
[[nodiscard]] FaultsToTry faults_to_try(const std::string &part);

using bench::random_bytes;

}  // namespace flashhost::conformance
