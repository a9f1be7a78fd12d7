#include "journal_record.hpp"

#include "files/sha256.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <stdexcept>

namespace flashhost {

namespace {

using nlohmann::json;

constexpr int format_version = 2;
constexpr std::string_view magic = "flashhost-journal ";
constexpr std::size_t longest_id = 64;

[[noreturn]] void wrong(const std::string &what) {
  throw std::invalid_argument(what);
}

std::string digest_of(std::string_view body) {
  return files::sha256({reinterpret_cast<const std::uint8_t *>(body.data()), body.size()});
}

// One JSON object, read key by key; every message says where in the file it is.
class Reader {
 public:
  Reader(const json &object, std::string where, std::initializer_list<std::string_view> keys)
      : object_(object), where_(std::move(where)) {
    if (!object.is_object()) wrong(where_ + " is no object");
    for (const auto &[key, value] : object.items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        wrong(where_ + " has a key that is none of a journal's");
      }
    }
  }

  [[nodiscard]] std::uint32_t number(const char *key) const {
    const json &value = at(key);
    if (!value.is_number_unsigned() ||
        value.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
      wrong(path(key) + " is no whole number of 32 bits");
    }
    return value.get<std::uint32_t>();
  }
  [[nodiscard]] bool flag(const char *key) const {
    const json &value = at(key);
    if (!value.is_boolean()) wrong(path(key) + " is neither true nor false");
    return value.get<bool>();
  }
  [[nodiscard]] const std::string &text(const char *key) const {
    const json &value = at(key);
    if (!value.is_string()) wrong(path(key) + " is no text");
    return value.get_ref<const std::string &>();
  }
  [[nodiscard]] Bytes bytes(const char *key) const {
    const std::string &digits = text(key);
    if (digits.size() % 2 != 0) wrong(path(key) + " has an odd number of digits");
    Bytes result;
    result.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      result.push_back(
          static_cast<std::uint8_t>(digit(digits[i], key) << 4 | digit(digits[i + 1], key)));
    }
    return result;
  }
  [[nodiscard]] MemoryRange range() const {
    const MemoryRange range{number("address"), number("size")};
    if (range.size == 0) wrong(path("size") + " is zero");
    if (range.end() > std::uint64_t{1} << 32) wrong(where_ + " reaches beyond 32 bits");
    return range;
  }
  // The elements of an array.
  [[nodiscard]] const json &array(const char *key) const {
    const json &value = at(key);
    if (!value.is_array()) wrong(path(key) + " is no list");
    return value;
  }
  [[nodiscard]] const json &at(const char *key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) wrong(path(key) + " is missing");
    return *found;
  }
  [[nodiscard]] std::string path(const char *key) const { return where_ + "." + key; }

 private:
  [[nodiscard]] unsigned digit(char c, const char *key) const {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    wrong(path(key) + " has something that is no hexadecimal digit");
  }

  const json &object_;
  std::string where_;
};

JournalSector read_sector(const json &object, const std::string &where) {
  const Reader reader(object, where,
                      {"address", "size", "found_crc", "wanted_crc", "old", "wanted", "found"});
  JournalSector sector{reader.range(),      reader.number("found_crc"), reader.number("wanted_crc"),
                       reader.bytes("old"), reader.bytes("wanted"),     reader.bytes("found")};
  const auto fits = [&](const Bytes &bytes) {
    return bytes.empty() || bytes.size() == sector.range.size;
  };
  if (!fits(sector.old) || !fits(sector.wanted) || !fits(sector.found) ||
      sector.old.empty() != sector.wanted.empty() ||
      (sector.old.empty() && !sector.found.empty())) {
    wrong(where + " has contents of another length than the sector");
  }
  return sector;
}

// Ascending and not overlapping, as the sectors of a chip are.
template <class Entry>
void check_order(const std::vector<Entry> &entries, const char *what) {
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].range.address < entries[i - 1].range.end()) {
      wrong(fmt::format("{}[{}] does not come after the one before it", what, i));
    }
  }
}

json to_json(const JournalRecord &record) {
  json sectors = json::array();
  for (const JournalSector &sector : record.sectors) {
    sectors.push_back({{"address", sector.range.address},
                       {"size", sector.range.size},
                       {"found_crc", sector.found_crc},
                       {"wanted_crc", sector.wanted_crc},
                       {"old", hex_bytes(sector.old)},
                       {"wanted", hex_bytes(sector.wanted)},
                       {"found", hex_bytes(sector.found)}});
  }
  json witnesses = json::array();
  for (const JournalWitness &witness : record.witnesses) {
    witnesses.push_back(
        {{"address", witness.range.address}, {"size", witness.range.size}, {"crc", witness.crc}});
  }
  return {{"chip", record.chip},
          {"device_id", record.identity.device_id},
          {"unique_id", hex_bytes(record.identity.unique_id)},
          {"probe", record.identity.probe},
          {"board", record.identity.board},
          {"mass_erase", record.mass_erase},
          {"sectors", std::move(sectors)},
          {"witnesses", std::move(witnesses)}};
}

}  // namespace

bool JournalRecord::keeps_bytes() const {
  return std::any_of(sectors.begin(), sectors.end(),
                     [](const JournalSector &sector) { return !sector.old.empty(); });
}

std::string journal_text(const JournalRecord &record) {
  // A serial number or a path may have bytes that are no UTF-8.
  const std::string body =
      to_json(record).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return fmt::format("{}{} {}\n{}", magic, format_version, digest_of(body), body);
}

JournalRecord parse_journal_body(std::string_view body) {
  const json root = json::parse(body, nullptr, false);
  if (root.is_discarded()) wrong("it is cut off or no JSON");
  const Reader reader(
      root, "journal",
      {"chip", "device_id", "unique_id", "probe", "board", "mass_erase", "sectors", "witnesses"});
  JournalRecord record{{reader.number("device_id"), reader.bytes("unique_id"), reader.text("probe"),
                        reader.text("board")},
                       reader.text("chip"),
                       reader.flag("mass_erase"),
                       {},
                       {}};
  if (record.identity.unique_id.size() > longest_id) wrong("journal.unique_id is too long");
  for (const json &entry : reader.array("sectors")) {
    record.sectors.push_back(read_sector(entry, fmt::format("sectors[{}]", record.sectors.size())));
  }
  if (record.sectors.empty()) wrong("journal.sectors is empty");
  check_order(record.sectors, "sectors");
  for (const json &entry : reader.array("witnesses")) {
    const Reader witness(entry, fmt::format("witnesses[{}]", record.witnesses.size()),
                         {"address", "size", "crc"});
    record.witnesses.push_back({witness.range(), witness.number("crc")});
  }
  check_order(record.witnesses, "witnesses");
  return record;
}

JournalRecord parse_journal(std::string_view text) {
  if (text.empty()) wrong("it is empty");
  const std::size_t line_end = text.find('\n');
  const std::string_view head = text.substr(0, line_end);
  if (!head.starts_with(magic) || line_end == std::string_view::npos) {
    wrong("it does not begin as a journal of this version of flashhost does");
  }
  const std::string_view body = text.substr(line_end + 1);
  const std::string version = fmt::format("{}{} ", magic, format_version);
  if (!head.starts_with(version)) wrong("another version of flashhost wrote it");
  if (head.substr(version.size()) != digest_of(body)) {
    wrong("its content does not fit its checksum: it was damaged or changed");
  }
  return parse_journal_body(body);
}

}  // namespace flashhost
