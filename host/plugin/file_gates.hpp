// Gates 1 and 2 on files: whose code would it be, and is it what its name says? Nothing of a file
// is executed.
#pragma once

#include "gates/elf_section.hpp"
#include "gates/trust.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace flashhost {

// Of the file itself, not of what a link points to. Throws Errc::plugin when it cannot be asked.
[[nodiscard]] FileFacts file_facts(const std::filesystem::path &file);

// lacks_section for a file on disk; a folder, pipe or device has none.
[[nodiscard]] std::optional<std::string> lacks_section(const std::filesystem::path &file,
                                                       const MarkedSection &wanted);

// Throws Errc::plugin, which names file, gate, reason and remedy.
void check_unloaded(const std::filesystem::path &file, const User &user,
                    const MarkedSection &wanted);

enum class Gate : std::uint8_t { trust = 1, section = 2, descriptor = 3, create = 4 };
[[noreturn]] void refuse(const std::filesystem::path &file, Gate gate, const std::string &reason,
                         const std::string &remedy);
inline constexpr const char *rebuild_remedy =
    "Rebuild the plugin with this flashhost's SDK, or install a build of it "
    "that is made for this flashhost.";

}  // namespace flashhost
