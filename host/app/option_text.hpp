// Option bytes in words, and from words.
#pragma once

#include "config/cli.hpp"

#include <flashhost/option_bytes.hpp>

#include <string>
#include <vector>

namespace flashhost {

// "0xaa" or, for a single bit, "1".
[[nodiscard]] std::string option_number(const OptionField &field, std::uint32_t value);
// "started by software"; empty where the value has no meaning of its own.
[[nodiscard]] std::string option_meaning(const OptionField &field, std::uint32_t value);

// One line for each field: "WDG_SW  1  independent watchdog: started by software".
[[nodiscard]] std::vector<std::string> option_lines(const std::vector<OptionField> &fields,
                                                    const OptionWords &words);
// One line for each field that changes: "WDG_SW  1 -> 0  independent watchdog: starts at every
// reset (now: started by software)".
[[nodiscard]] std::vector<std::string> change_lines(const std::vector<OptionField> &fields,
                                                    const OptionWords &from, const OptionWords &to);

// The words with these values. Errc::usage for a field that there is not, or a value that it cannot
// have.
[[nodiscard]] OptionWords with_values(const std::vector<OptionField> &fields, OptionWords words,
                                      const std::vector<config::OptionAssignment> &assignments);

}  // namespace flashhost
