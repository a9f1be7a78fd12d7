// The case file: what the kit must know about a plugin besides the plugin's file. TOML; relative
// paths start from the folder of the case file.
#pragma once

#include "plugin/plugin_kind.hpp"

#include <flashhost/format.hpp>
#include <flashhost/settings.hpp>
#include <flashhost/types.hpp>

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost::conformance {

inline constexpr std::array<std::string_view, 5> all_abilities{"loader", "direct_flash", "locks",
                                                               "mass_erase", "size_register"};

struct FamilyCase {
  std::vector<std::string> chips;                  // parts of the models to test on; empty: all
  std::map<std::string, std::string> order_codes;  // "ACME32CBT6" is described as "ACME32CB"
  std::vector<std::uint32_t> statuses;             // further raw statuses that must be explained
  std::optional<std::uint32_t> unique_id;          // its length; 0: none; empty: at least 8 bytes
  std::optional<std::uint32_t> revision;           // that the models report
  std::vector<std::string> without;    // abilities that the family does not have, of all_abilities
  std::vector<std::string> permanent;  // faults of the models that protect permanently

  [[nodiscard]] bool has(std::string_view ability) const;
};

struct NamedFile {
  std::string name;
  Bytes content;
};

struct FormatCase {
  std::string extension;                 // "hex"
  std::optional<std::uint32_t> address;  // set: the format carries no addresses
  Bytes sample;                          // a file of at most a few KiB
  ParsedFile expected;                   // the data in it
  std::vector<NamedFile> malformed;      // each must be refused
  bool checksum = false;                 // the format detects every changed byte
  std::uint32_t trailer = 0;             // bytes at the end of the sample that hold no data
};

struct TransportCase {
  std::string serial;  // the probe to open; empty: the only one
  MemoryRange scratch{0x20000000, 4096};
  std::optional<std::uint32_t>
      unmapped;                     // where nothing answers; empty: the bus answers everywhere
  std::vector<std::string> server;  // command to start before the tests; empty: none
};

// Only the part for the plugin's kind is filled in.
struct Case {
  std::filesystem::path file, folder;
  std::vector<Setting> settings;  // for configure
  FamilyCase family;
  FormatCase format;
  TransportCase transport;

  [[nodiscard]] Settings for_configure() const;
};

// Throws Errc::config "conformance.toml:7:3: reason", also for keys that belong to other kinds.
[[nodiscard]] Case load_case(const std::filesystem::path &file, PluginKind kind);

}  // namespace flashhost::conformance
