#include "journal_record.hpp"

#include "files/sha256.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <stdexcept>

namespace flashhost {

namespace {

// The beginning of a file's first line.
struct Head {
  std::string_view magic;
  std::string_view version;
};
constexpr Head journal_head{"flashhost-journal ", "2 "}, option_head{"flashhost-options ", "1 "};
constexpr std::string_view nothing = "-";

[[noreturn]] void wrong(const std::string &what) {
  throw std::invalid_argument(what);
}

std::string digest_of(std::string_view body) {
  return files::sha256({reinterpret_cast<const std::uint8_t *>(body.data()), body.size()});
}

// On one line, whatever it is.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && c != '%') {
      result += c;
    } else {
      fmt::format_to(std::back_inserter(result), "%{:02x}", byte);
    }
  }
  return result.empty() ? std::string(nothing) : result;
}

std::string digits(const Bytes &bytes) {
  return bytes.empty() ? std::string(nothing) : hex_bytes(bytes);
}

std::string identity_lines(const std::string &chip, const JournalIdentity &identity) {
  return fmt::format("chip {}\ndevice {:08x}\nid {}\nprobe {}\n", escaped(chip), identity.device_id,
                     digits(identity.unique_id), escaped(identity.probe));
}

std::string body_of(const JournalRecord &record) {
  std::string text = identity_lines(record.chip, record.identity) +
                     fmt::format("mass_erase {}\n", record.mass_erase ? "yes" : "no");
  const auto out = std::back_inserter(text);
  for (const JournalSector &sector : record.sectors) {
    fmt::format_to(out, "{} {:08x} {:08x} {:08x} {:08x} {} {} {}\n",
                   sector.guarded ? "guarded" : "sector", sector.range.address, sector.range.size,
                   sector.found_crc, sector.wanted_crc, digits(sector.old), digits(sector.wanted),
                   digits(sector.found));
  }
  for (const Landmark &landmark : record.landmarks) {
    fmt::format_to(out, "witness {:08x} {:08x} {:08x}\n", landmark.range.address,
                   landmark.range.size, landmark.crc);
  }
  return text + "end\n";
}

std::string body_of(const OptionRecord &record) {
  std::string text = identity_lines(record.chip, record.identity);
  for (std::size_t i = 0; i < record.before.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "word {:08x} {:08x}\n", record.before[i],
                   record.wanted.at(i));
  }
  return text + "end\n";
}

std::string with_head(const Head &head, const std::string &body) {
  return fmt::format("{}{}{}\n{}", head.magic, head.version, digest_of(body), body);
}

// The body of a text whose head is right.
std::string_view checked_body(std::string_view text, const Head &wanted) {
  if (text.empty()) wrong("it is empty");
  const std::size_t line_end = text.find('\n');
  std::string_view head = text.substr(0, line_end);
  if (!head.starts_with(wanted.magic) || line_end == std::string_view::npos) {
    wrong("it does not begin as a journal of this version of flashhost does");
  }
  head.remove_prefix(wanted.magic.size());
  if (!head.starts_with(wanted.version)) wrong("another version of flashhost wrote it");
  head.remove_prefix(wanted.version.size());
  const std::string_view body = text.substr(line_end + 1);
  if (head != digest_of(body)) {
    wrong("its content does not fit its checksum: it was damaged or changed");
  }
  return body;
}

// One record has one text: what reads the same but is written otherwise was not written by us.
template <class Record>
Record checked(Record record, std::string_view body) {
  if (body_of(record) != body) wrong("it is not written as flashhost writes a journal");
  return record;
}

// The words of the text, line by line.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  // Whether the next line begins with this word; then that line is the current one.
  bool begin_line(std::string_view word) {
    std::string_view line = rest_.substr(0, rest_.find('\n'));
    if (line.substr(0, line.find(' ')) != word) return false;
    rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    line_ = line;
    ++number_;
    return true;
  }
  void expect_line(std::string_view word) {
    if (!begin_line(word)) {
      wrong(fmt::format("line {} does not begin with \"{}\"", number_ + 1, word));
    }
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  std::string_view word() {
    const std::string_view word = line_.substr(0, line_.find(' '));
    if (word.empty()) wrong(fmt::format("line {} is too short", number_));
    line_.remove_prefix(std::min(line_.size(), word.size() + 1));
    return word;
  }
  std::uint32_t number() {
    constexpr std::size_t length = 8;
    const std::string_view text = word();
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size() || text.size() != length) {
      wrong(fmt::format("line {} has no number of {} hexadecimal digits where one must be", number_,
                        length));
    }
    return value;
  }
  Bytes bytes() {
    const std::string_view text = word();
    if (text == nothing) return {};
    if (text.size() % 2 != 0) bad_digits();
    Bytes result(text.size() / 2);
    for (std::size_t i = 0; i < result.size(); ++i) {
      const char *const first = text.data() + 2 * i;
      const auto [end, error] = std::from_chars(first, first + 2, result[i], 16);
      if (error != std::errc() || end != first + 2) bad_digits();
    }
    return result;
  }
  std::string text() {
    std::string_view escaped = word();
    std::string result;
    if (escaped == nothing) return result;
    while (!escaped.empty()) {
      const std::size_t plain = std::min(escaped.find('%'), escaped.size());
      result += escaped.substr(0, plain);
      escaped.remove_prefix(plain);
      if (escaped.empty()) break;
      std::uint8_t byte = 0;
      constexpr std::size_t length = 3;
      const char *const end = escaped.data() + std::min(escaped.size(), length);
      const auto [last, error] = std::from_chars(escaped.data() + 1, end, byte, 16);
      if (error != std::errc() || escaped.size() < length || last != end) bad_digits();
      result += static_cast<char>(byte);
      escaped.remove_prefix(length);
    }
    return result;
  }
  MemoryRange range() {
    const std::uint32_t address = number();
    const MemoryRange range{address, number()};
    if (range.size == 0) wrong(fmt::format("line {} has a sector without a byte", number_));
    if (range.end() > std::uint64_t{1} << 32) {
      wrong(fmt::format("line {} reaches beyond 32 bits", number_));
    }
    return range;
  }
  [[nodiscard]] std::size_t line() const { return number_; }

 private:
  [[noreturn]] void bad_digits() const {
    wrong(fmt::format("line {} has something that is no hexadecimal digit", number_));
  }

  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 1;  // of the current line in the file: the first one is the head
};

JournalSector read_sector(Words &words, bool guarded) {
  JournalSector sector{words.range(), words.number(), words.number(), words.bytes(),
                       words.bytes(), words.bytes(),  guarded};
  const auto fits = [&](const Bytes &bytes) {
    return bytes.empty() || bytes.size() == sector.range.size;
  };
  if (!fits(sector.old) || !fits(sector.wanted) || !fits(sector.found) ||
      sector.old.empty() != sector.wanted.empty() ||
      (sector.old.empty() && !sector.found.empty())) {
    wrong(fmt::format("line {} has contents of another length than the sector", words.line()));
  }
  return sector;
}

void read_identity(Words &words, std::string &chip, JournalIdentity &identity) {
  words.expect_line("chip");
  chip = words.text();
  words.expect_line("device");
  identity.device_id = words.number();
  words.expect_line("id");
  identity.unique_id = words.bytes();
  words.expect_line("probe");
  identity.probe = words.text();
}

// Ascending and not overlapping, as the sectors of a chip are.
template <class Entry>
void add(std::vector<Entry> &entries, Entry entry, std::size_t line) {
  if (!entries.empty() && entry.range.address < entries.back().range.end()) {
    wrong(fmt::format("line {} does not come after the one before it", line));
  }
  entries.push_back(std::move(entry));
}

}  // namespace

bool JournalRecord::keeps_bytes() const {
  return std::any_of(sectors.begin(), sectors.end(),
                     [](const JournalSector &sector) { return !sector.old.empty(); });
}

std::string journal_text(const JournalRecord &record) {
  return with_head(journal_head, body_of(record));
}

JournalRecord parse_journal_body(std::string_view body) {
  Words words(body);
  JournalRecord record;
  read_identity(words, record.chip, record.identity);
  words.expect_line("mass_erase");
  record.mass_erase = words.word() == "yes";
  for (;;) {
    const bool guarded = words.begin_line("guarded");
    if (!guarded && !words.begin_line("sector")) break;
    add(record.sectors, read_sector(words, guarded), words.line());
  }
  while (words.begin_line("witness")) {
    const MemoryRange range = words.range();
    add(record.landmarks, {range, words.number()}, words.line());
  }
  words.expect_line("end");
  if (record.sectors.empty()) wrong("it names no sector");
  return checked(std::move(record), body);
}

JournalRecord parse_journal(std::string_view text) {
  return parse_journal_body(checked_body(text, journal_head));
}

std::string option_record_text(const OptionRecord &record) {
  return with_head(option_head, body_of(record));
}

OptionRecord parse_option_record(std::string_view text) {
  const std::string_view body = checked_body(text, option_head);
  Words words(body);
  OptionRecord record;
  read_identity(words, record.chip, record.identity);
  while (words.begin_line("word")) {
    record.before.push_back(words.number());
    record.wanted.push_back(words.number());
  }
  words.expect_line("end");
  if (record.before.empty()) wrong("it has no word");
  return checked(std::move(record), body);
}

}  // namespace flashhost
