// What happened to the probes and their boards, in words and as JSON.
#pragma once

#include "virtual_probe.hpp"

#include <string>
#include <vector>

namespace virtual_usb {

// program: its name, at the start of the text.
[[nodiscard]] std::string summary_text(const std::string &program, VirtualProbe &probe);
// An object with "exit_code" and "probes"; one line.
[[nodiscard]] std::string summary_json(const std::vector<VirtualProbe *> &probes, int exit_code);

}  // namespace virtual_usb
