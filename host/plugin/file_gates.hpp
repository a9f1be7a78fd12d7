// Gates 1 and 2 for files: who can change the file, and is it what its name says? No code of the
// file is executed.
#pragma once

#include "gates/elf_section.hpp"
#include "gates/trust.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace flashhost {

// Facts of the file itself, not of the target of a link. Throws Errc::plugin when lstat fails.
[[nodiscard]] FileFacts file_facts(const std::filesystem::path &file);

// lacks_section for a file on disk; folders, pipes and devices lack it, too.
[[nodiscard]] std::optional<std::string> lacks_section(const std::filesystem::path &file,
                                                       const MarkedSection &wanted);

// Throws Errc::plugin with file, gate, reason and remedy.
void check_unloaded(const std::filesystem::path &file, const User &user,
                    const MarkedSection &wanted);

enum class Gate : std::uint8_t { trust = 1, section = 2, descriptor = 3, create = 4 };
[[noreturn]] void refuse(const std::filesystem::path &file, Gate gate, const std::string &reason,
                         const std::string &remedy);
inline constexpr const char *rebuild_remedy =
    "Rebuild the plugin with this flashhost's SDK, or install a build of it "
    "that is made for this flashhost.";

}  // namespace flashhost
