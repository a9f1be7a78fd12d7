// A journal's body is one record, which is written again to the letter, or one short line says why
// it is none.
#include "check.hpp"

#include <flash/journal_record.hpp>

#include <stdexcept>

std::string flashhost::fuzz::outcome_of(std::span<const std::uint8_t> input) {
  const std::string body(input.begin(), input.end());
  // The checksum keeps all but journals away from what reads the body.
  try {
    static_cast<void>(parse_journal(body));
    check(body.starts_with("flashhost-journal 2 "), "what is accepted begins as a journal");
  } catch (const std::invalid_argument &error) {
    check(is_clean(error.what()), "the reason is one line");
  }
  try {
    const JournalRecord record = parse_journal_body(body);
    const std::string text = journal_text(record);
    check(text.ends_with(body), "what is accepted is written again to the letter");
    check(parse_journal(text) == record, "and read again as it was");
    std::uint64_t end = 0;
    for (const JournalSector &sector : record.sectors) {
      check(sector.range.address >= end && sector.range.size > 0, "the sectors ascend");
      end = sector.range.end();
      check(sector.old.empty() || sector.old.size() == sector.range.size, "contents are whole");
      check(sector.old.size() == sector.wanted.size(), "there are both or none");
    }
    check(!record.sectors.empty() && end <= std::uint64_t{1} << 32, "there are sectors");
    return "a journal";
  } catch (const std::invalid_argument &error) {
    const std::string reason = error.what();
    check(!reason.empty() && reason.size() < 200 && is_clean(reason), "the reason is short");
    return reason;
  }
}
