// Level 2 of families that can set option bytes.
#include "family/bad_board.hpp"
#include "family/family_suite.hpp"
#include "flash/option_job.hpp"
#include "temporary_folder.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <algorithm>
#include <set>

namespace flashhost::conformance {

namespace {

using Kind = OptionEffect::Kind;

class FamilyWithOptionBytes : public FamilyWithFaults {
 protected:
  void SetUp() override {
    if (family().option_bytes() == nullptr) not_tried("option bytes: option_bytes() is null");
  }
  static bool has_them() { return family().option_bytes() != nullptr; }

  // The whole procedure of the host, with a new connection.
  void write(Session &session, const OptionWords &wanted) {
    Target &target = session.connect();
    FlashOptions options;
    options.journal_directory = folder_.path();
    const OptionState state = read_option_bytes(target, session.told(), {});
    Journal journal = open_journal(target, options, session.told(), {});
    write_option_bytes(target, journal, {state.words, state.protection.read, state.words, wanted},
                       session.told(), {});
  }
  static OptionState state_of(Session &session) {
    return read_option_bytes(session.connect(), session.told(), {});
  }
  static std::vector<OptionEffect> effects(const Session &session, const OptionWords &from,
                                           const OptionWords &to) {
    return family().option_bytes()->effects(session.chip(), from, to);
  }
  // Nothing, all bits, each bit alone of a small field, and the values that have a name.
  static std::set<std::uint32_t> values_of(const OptionField &field) {
    constexpr std::uint32_t small = 4;
    std::set<std::uint32_t> values{0, largest_option_value(field)};
    for (std::uint32_t bit = 0; bit < std::min(field.bits, small); ++bit) values.insert(1U << bit);
    for (const OptionValue &value : field.values) values.insert(value.value);
    return values;
  }

 private:
  bench::QuickFolder folder_;
};
FLASHHOST_PARTS_SUITE(FamilyWithOptionBytes, parts_to_break());

TEST_P(FamilyWithOptionBytes, SetsEachFieldAloneAndTheChipKeepsItWithoutPower) {
  FLASHHOST_PROMISE("option_bytes.hpp, write: writes all words; read: what the option bytes hold");
  if (!has_them()) return;
  const Bytes before = old_content();
  const auto session = board({}, before);
  const OptionState start = state_of(*session);
  for (const OptionField &field : start.fields) {
    if (field.protects) continue;
    for (const std::uint32_t value : values_of(field)) {
      SCOPED_TRACE(field.name + " = " + hex(value));
      OptionWords wanted = start.words;
      set_option_value(field, wanted, value);
      if (wanted == state_of(*session).words) continue;
      const auto found = effects(*session, start.words, wanted);
      EXPECT_FALSE(has(found, Kind::erases_flash) || has(found, Kind::final))
          << "a field that does not protect has an effect like one that does";
      if (has(found, Kind::impossible)) continue;
      write(*session, wanted);
      EXPECT_EQ(state_of(*session).words, wanted);
      session->board().target().power_cycle();
      EXPECT_EQ(state_of(*session).words, wanted) << "after the supply was off";
      EXPECT_EQ(session->difference(before), "") << "the flash was changed";
      if (HasFailure()) return;
    }
  }
  if (state_of(*session).words != start.words) write(*session, start.words);
  EXPECT_EQ(state_of(*session).words, start.words);
}

TEST_P(FamilyWithOptionBytes, ProtectsJustTheSectorsThatItSays) {
  FLASHHOST_PROMISE("option_bytes.hpp, with_write_protection and write_protected");
  if (!has_them()) return;
  const Bytes before = old_content();
  const auto fresh = board({}, before);
  const OptionState start = state_of(*fresh);
  const Chip chip = fresh->chip();
  ASSERT_TRUE(start.protection.write.empty()) << "the model's chip is delivered protected";
  OptionBytes &options = *family().option_bytes();
  EXPECT_TRUE(options.write_protected(chip, start.words).empty());
  for (const Sector &sector : chosen_sectors(chip)) {
    const auto session = board({}, before);
    session->connect();
    SCOPED_TRACE(format_range(sector.range()));
    const OptionWords wanted =
        options.with_write_protection(chip, start.words, {sector.address, 1});
    const std::vector<MemoryRange> ranges = options.write_protected(chip, wanted);
    EXPECT_TRUE(std::ranges::any_of(ranges, [&](const MemoryRange &range) {
      return range.contains(sector.address, sector.size);
    })) << "write_protected does not name the sector";
    EXPECT_TRUE(effects(*session, start.words, wanted).empty());
    Target &target = session->prepared();
    options.write(target.probe(), chip, wanted);
    EXPECT_EQ(target.probe().state(), CoreState::halted) << "after write";
    const Protection found = target.protection();
    EXPECT_EQ(found.write, ranges) << "Locks::protection says something else: was the chip reset?";
    EXPECT_FALSE(found.read);
    EXPECT_EQ(session->difference(before), "") << "the flash was changed";
    target.release();
    expect_just_these_refuse(*session, found);
    write(*session, start.words);
    EXPECT_FALSE(state_of(*session).protection.any());
    if (HasFailure()) return;
  }
}

TEST_P(FamilyWithOptionBytes, ProtectsAgainstReadingAndErasesWhenThatIsTakenOff) {
  FLASHHOST_PROMISE("option_bytes.hpp, with_read_protection; OptionEffect::erases_flash");
  if (!has_them()) return;
  const Bytes before = old_content();
  const auto session = board({}, before);
  const OptionState start = state_of(*session);
  OptionBytes &options = *family().option_bytes();
  const OptionWords closed = options.with_read_protection(session->chip(), start.words);
  ASSERT_NE(closed, start.words);
  const auto closing = effects(*session, start.words, closed);
  EXPECT_FALSE(has(closing, Kind::erases_flash) || has(closing, Kind::final) ||
               has(closing, Kind::impossible));
  EXPECT_FALSE(closing.empty()) << "it does not say that taking it off erases the flash";
  write(*session, closed);
  EXPECT_TRUE(state_of(*session).protection.read);
  EXPECT_FALSE(state_of(*session).protection.permanent);
  EXPECT_EQ(state_of(*session).words, closed);
  EXPECT_EQ(options.with_read_protection(session->chip(), closed), closed);
  EXPECT_EQ(session->difference(before), "") << "the flash was changed";
  EXPECT_TRUE(has(effects(*session, closed, start.words), Kind::erases_flash))
      << "it does not say that this erases the flash";
  session->board().target().power_cycle();
  try {
    write(*session, start.words);
  } catch (const Error &error) {
    // Some chips can be used only after the next power-up; then the family's message must say so.
    EXPECT_EQ(error.code(), Errc::locked) << error.what();
    EXPECT_NE(std::string(error.what()).find("power"), std::string::npos) << error.what();
  }
  EXPECT_EQ(session->difference(Bytes(before.size(), session->chip().erased_value)), "");
  session->board().target().power_cycle();
  EXPECT_FALSE(state_of(*session).protection.any());
}

}  // namespace

}  // namespace flashhost::conformance
