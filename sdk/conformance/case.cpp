#include "case.hpp"

#include "config/table_reader.hpp"
#include "config/toml_reader.hpp"
#include "files/files.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace flashhost::conformance {

namespace {

using config::Array;
using config::Keys;
using config::Node;
using config::reject;
using config::TableReader;

constexpr std::size_t largest_sample = std::size_t{1} << 20;

Keys keys_of(PluginKind kind) {
  switch (kind) {
    case PluginKind::family:
      return {"settings",  "chips",    "order_codes", "statuses",
              "unique_id", "revision", "without",     "permanent"};
    case PluginKind::format:
      return {"settings",    "extension", "address",   "sample",   "expected",
              "entry_point", "made_for",  "malformed", "checksum", "trailer"};
    case PluginKind::transport:
    case PluginKind::model:
      break;
  }
  return {"settings", "serial", "scratch", "unmapped", "server"};
}

const Array &array(const Node &node, const std::string &key) {
  const auto *items = std::get_if<Array>(&node.value);
  if (items == nullptr) reject(node.where, fmt::format("{} must be a list", key));
  return *items;
}

const std::string &text(const Node &node, const std::string &key) {
  const auto *found = std::get_if<std::string>(&node.value);
  if (found == nullptr) reject(node.where, fmt::format("{} must hold strings", key));
  return *found;
}

std::vector<std::string> texts(const TableReader &table, const std::string &key) {
  std::vector<std::string> result;
  if (const Node *node = table.find(key)) {
    for (const Node &item : array(*node, key)) result.push_back(text(item, key));
  }
  return result;
}

Bytes hex_data(const Node &node) {
  const std::string &digits = text(node, "data");
  Bytes bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    std::uint8_t byte = 0;
    const char *begin = digits.data() + at;
    const char *end = digits.data() + std::min(at + 2, digits.size());
    const auto parsed = std::from_chars(begin, end, byte, 16);
    if (parsed.ec != std::errc() || parsed.ptr != end || end - begin != 2) {
      reject(node.where, "data must be pairs of hexadecimal digits",
             R"(Write for example "01ff".)");
    }
    bytes.push_back(byte);
  }
  return bytes;
}

Bytes read_sample(const std::filesystem::path &file) {
  return files::read_file(file, largest_sample, Errc::config);
}

FamilyCase read_family(const TableReader &table) {
  FamilyCase result;
  result.chips = texts(table, "chips");
  if (const Node *node = table.find("order_codes")) {
    const auto *entries = std::get_if<config::Table>(&node->value);
    if (entries == nullptr) {
      reject(node->where, "order_codes must be a table",
             R"(Write for example order_codes = { ACME32CT6 = "ACME32C" }.)");
    }
    for (const auto &entry : *entries) result.order_codes[entry.key] = text(entry.value, entry.key);
  }
  if (const Node *node = table.find("statuses")) {
    for (const Node &item : array(*node, "statuses")) {
      const auto *value = std::get_if<std::int64_t>(&item.value);
      if (value == nullptr || *value < 0 || *value > std::int64_t{0xFFFFFFFF}) {
        reject(item.where, "statuses must hold integers of 32 bits, such as 0x14");
      }
      result.statuses.push_back(static_cast<std::uint32_t>(*value));
    }
  }
  result.unique_id = table.size("unique_id");
  result.revision = table.address("revision");
  result.permanent = texts(table, "permanent");
  result.without = texts(table, "without");
  for (const std::string &ability : result.without) {
    if (std::ranges::find(all_abilities, ability) != all_abilities.end()) continue;
    reject(table.find("without")->where, fmt::format("{} is not an ability of a family", ability),
           fmt::format("It may name: {}.", fmt::join(all_abilities, ", ")));
  }
  return result;
}

FormatCase read_format(const TableReader &table, const std::filesystem::path &folder) {
  FormatCase result;
  result.extension = table.required(table.text("extension"), "extension",
                                    R"(Name it without the dot, for example extension = "hex".)");
  result.address = table.address("address");
  result.sample =
      read_sample(folder / table.required(table.text("sample"), "sample",
                                          "Name a small file of the format, which the kit reads."));
  const Node *expected = table.find("expected");
  if (expected == nullptr) {
    return table.required(
        std::optional<FormatCase>(), "expected",
        R"(Say what the sample means: expected = [ { address = 0x08000000, data = "010203" } ].)");
  }
  for (const Node &item : array(*expected, "expected")) {
    const TableReader segment(item, "expected", "expected.", {"address", "data"});
    const Node *data = segment.find("data");
    const auto address = segment.address("address");
    if (data == nullptr || !address) reject(item.where, "a segment has an address and data");
    result.expected.segments.push_back({*address, hex_data(*data)});
  }
  result.expected.entry_point = table.address("entry_point");
  result.expected.made_for = table.text("made_for").value_or("");
  for (const std::string &name : texts(table, "malformed")) {
    result.malformed.push_back({name, read_sample(folder / name)});
  }
  result.checksum = table.boolean("checksum").value_or(false);
  result.trailer = table.size("trailer").value_or(0);
  return result;
}

TransportCase read_transport(const TableReader &table) {
  TransportCase result;
  if (const Node *node = table.find("serial")) result.serial = text(*node, "serial");
  const Node *scratch = table.find("scratch");
  if (scratch == nullptr) {
    return table.required(
        std::optional<TransportCase>(), "scratch",
        "Name RAM that may be overwritten: scratch = { address = 0x20000400, size "
        "= 4096 }.");
  }
  const TableReader range(*scratch, "scratch", "scratch.", {"address", "size"});
  result.scratch = {range.address("address").value_or(0), range.size("size").value_or(0)};
  if (result.scratch.size < 4096 || result.scratch.address % 1024 != 0) {
    reject(scratch->where, "scratch must begin at a multiple of 1024 and have at least 4096 bytes");
  }
  result.unmapped = table.address("unmapped");
  result.server = texts(table, "server");
  return result;
}

}  // namespace

bool FamilyCase::has(std::string_view ability) const {
  return std::ranges::find(without, ability) == without.end();
}

Settings Case::for_configure() const {
  return Settings(settings);
}

Case load_case(const std::filesystem::path &file, PluginKind kind) {
  const Bytes bytes = files::read_file(file, config::max_board_file_size, Errc::config);
  Node root = config::read_toml(std::string(bytes.begin(), bytes.end()), file.string(),
                                file.parent_path().string());
  root.where = file.string();
  const TableReader table(root, fmt::format("the case file of a {}", kind_name(kind)), "",
                          keys_of(kind));
  Case result;
  result.file = file;
  result.folder = file.parent_path();
  result.settings = table.settings().all();
  if (kind == PluginKind::family) result.family = read_family(table);
  if (kind == PluginKind::format) result.format = read_format(table, result.folder);
  if (kind == PluginKind::transport) result.transport = read_transport(table);
  return result;
}

}  // namespace flashhost::conformance
