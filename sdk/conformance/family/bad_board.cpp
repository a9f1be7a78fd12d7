#include "family/bad_board.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace flashhost::conformance {

bool is_of_the_flash(std::string_view fault) {
  return std::ranges::any_of(std::array{"flash_time", "stuck_busy", "bad_cell", "bad_erase"},
                             [&](const char *name) { return fault.starts_with(name); });
}

std::unique_ptr<Session> FamilyWithFaults::board(const std::vector<std::string> &faults,
                                                 const Bytes &content) {
  try {
    return std::make_unique<Session>(board_with(part(), faults), content);
  } catch (const std::invalid_argument &) {
    return nullptr;
  }
}

std::vector<std::string> FamilyWithFaults::own_faults() {
  std::vector<std::string> faults = faults_to_try(part()).faults;
  std::erase_if(faults, is_of_the_flash);
  return faults;
}

bool FamilyWithFaults::has_fault(std::string_view name) {
  const auto names = models().with_part(part())->fault_names();
  return std::ranges::any_of(names,
                             [&](const machine::FaultName &fault) { return fault.name == name; });
}

void FamilyWithFaults::expect_words(const std::string &text) {
  EXPECT_NE(text.find(' '), std::string::npos) << "no explanation: " << text;
}

Protection FamilyWithFaults::protection_of(Session &session) {
  session.prepared();
  return session.target().protection();
}

bool FamilyWithFaults::is_protected(const Protection &found, const Sector &sector) {
  return std::ranges::any_of(
      found.write, [&](const MemoryRange &range) { return sector.range().overlaps(range); });
}

std::vector<Sector> FamilyWithFaults::sectors_at_borders(const Chip &chip,
                                                         const Protection &found) {
  std::vector<Sector> result;
  const std::vector<Sector> &all = chip.sectors;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool here = is_protected(found, all[i]);
    const bool border = i == 0 || i + 1 == all.size() || here != is_protected(found, all[i - 1]) ||
                        here != is_protected(found, all[i + 1]);
    if (border) result.push_back(all[i]);
  }
  return result;
}

std::vector<Way> FamilyWithFaults::two_ways(Session &session) {
  std::vector<Way> ways = session.ways();
  ways.resize(std::min<std::size_t>(ways.size(), 2));
  return ways;
}

std::optional<Error> FamilyWithFaults::end_of(Session &session, const Way &way,
                                              const std::function<void(FlashAccess &)> &act) {
  try {
    session.prepared();
    session.with(way, act);
    return std::nullopt;
  } catch (const Error &error) {
    return error;
  }
}

void FamilyWithFaults::expect_protected(const std::optional<Error> &end) {
  ASSERT_TRUE(end.has_value()) << "the operation reported no error although the chip refused it";
  const Error error = end.value_or(Error(Errc::internal, ""));
  EXPECT_EQ(error.code(), Errc::flash) << error.what();
  EXPECT_NE((std::string(error.what()) + error.hint()).find("protect"), std::string::npos)
      << "the explanation does not say that it is protected: " << error.what();
  EXPECT_TRUE(error.cause() == Cause::write_protection || title(error.cause()).empty())
      << "the page of the catalogue is not that of write protection";
}

void FamilyWithFaults::expect_just_these_refuse(Session &session, const Protection &found) {
  const Chip chip = session.chip();
  for (const Way &way : two_ways(session)) {
    SCOPED_TRACE(in_words(way));
    for (const Sector &sector : sectors_at_borders(chip, found)) {
      SCOPED_TRACE(format_range(sector.range()));
      const Bytes before = session.board().flash();
      const auto end = end_of(session, way, [&](FlashAccess &access) { access.erase(sector); });
      if (is_protected(found, sector)) {
        expect_protected(end);
        EXPECT_EQ(session.difference(before), "");
      } else {
        EXPECT_FALSE(end) << "refused, although protection() does not report the sector: "
                          << (end ? end->what() : "");
        EXPECT_EQ(session.difference(erased(chip, before, sector.range())), "");
      }
    }
  }
}

}  // namespace flashhost::conformance
