// What a shared object exports.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flashhost::conformance {

struct ExportedSymbol {
  std::string name;
  bool unique = false;  // GNU_UNIQUE: the library can never be unloaded
};
// Every symbol that the file defines for others, from its dynamic symbol table. Throws
// std::runtime_error for a file that is not a 64-bit ELF file.
[[nodiscard]] std::vector<ExportedSymbol> exported_symbols(const std::filesystem::path &file);

}  // namespace flashhost::conformance
