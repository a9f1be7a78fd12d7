// Level 2 of families: protected boards. They are made with all faults of the model that have
// "protected" in their names.
#include "family/bad_board.hpp"
#include "family/job.hpp"

#include <flashhost/text.hpp>

#include <algorithm>

namespace flashhost::conformance {

namespace {

class FamilyOnAProtectedBoard : public FamilyWithFaults {
 protected:
  static bool lasts(const std::string &fault) {
    return std::ranges::find(run().given.family.permanent, fault) !=
           run().given.family.permanent.end();
  }
  // Faults that protect this part, and can be lifted.
  static std::vector<std::string> protecting() {
    std::vector<std::string> faults = own_faults();
    std::erase_if(faults, [](const std::string &fault) {
      return fault.find("protected") == std::string::npos || lasts(fault) ||
             board({fault}, {}) == nullptr;
    });
    if (faults.empty()) not_tried("protection: the model has no fault named *protected*");
    return faults;
  }
};
FLASHHOST_PARTS_SUITE(FamilyOnAProtectedBoard, parts_to_break());

TEST_P(FamilyOnAProtectedBoard, SaysWhatIsProtectedAndIsUnlockedWhereTheUserWantsThat) {
  FLASHHOST_PROMISE("family.hpp, Locks::protection, and unprotect: lifts what that reported");
  ASSERT_TRUE(protecting().empty() || family().locks() != nullptr)
      << "the model's chips can be protected, but locks() is null";
  for (const std::string &fault : protecting()) {
    SCOPED_TRACE("board with " + fault);
    const Bytes before = old_content();
    Protection found;
    try {
      found = protection_of(*board({fault}, before));
    } catch (const Error &error) {
      ADD_FAILURE() << "prepare and protection must not throw on a protected chip: "
                    << error.what();
      continue;
    }
    ASSERT_TRUE(found.any()) << "the chip is protected, but protection() does not report it";
    EXPECT_NE(found.detail, "");
    EXPECT_FALSE(found.permanent)
        << "this protection can be lifted; if not, the case file must list the "
           "fault: permanent = [\""
        << fault << "\"]";
    Job job(described(part()));
    if (!found.write.empty()) job.segments = {{found.write.front().address, Bytes(64, 0x40)}};
    const auto closed = board({fault}, before);
    const JobEnd refused = job.run(*closed);
    EXPECT_EQ(refused.code, Errc::locked) << in_words(refused);
    EXPECT_FALSE(refused.good);
    EXPECT_EQ(closed->difference(before), "")
        << "the flash changed although the operation was refused";
    job.options.unlock = true;
    const auto fresh = board({fault, "flash_time=maximum"}, before);
    JobEnd end = job.run(*fresh);
    bool emptied = end.report.unlocked;
    if (!end.good && end.code == Errc::locked) {
      // Some chips unlock their flash only at the next power-up; then the family's message must say
      // so.
      EXPECT_NE(end.text.find("power"), std::string::npos) << in_words(end);
      emptied = found.read;
      fresh->board().target().power_cycle();
      end = job.run(*fresh);
    }
    EXPECT_TRUE(end.good) << in_words(end);
    Bytes kept = before;
    if (emptied) std::ranges::fill(kept, fresh->chip().erased_value);
    EXPECT_EQ(fresh->difference(job.wanted(fresh->chip(), kept)), "");
    EXPECT_FALSE(protection_of(*fresh).any())
        << "still protected: " << protection_of(*fresh).detail;
  }
}

TEST_P(FamilyOnAProtectedBoard, IsRefusedWhatIsProtectedForEver) {
  FLASHHOST_PROMISE("family.hpp, Protection::permanent");
  for (const std::string &fault : run().given.family.permanent) {
    SCOPED_TRACE("board with " + fault);
    const Bytes before = old_content();
    const auto closed = board({fault}, before);
    if (!closed) continue;
    Job job(described(part()));
    job.options.unlock = true;
    const JobEnd end = job.run(*closed);
    EXPECT_FALSE(end.good);
    EXPECT_TRUE(end.code == Errc::locked || end.code == Errc::target || end.code == Errc::refused)
        << in_words(end);
    EXPECT_EQ(closed->difference(before), "");
  }
}

TEST_P(FamilyOnAProtectedBoard, ReportsExactlyTheSectorsThatRefuseToBeErased) {
  FLASHHOST_PROMISE("family.hpp, Protection::write: parts that refuse erase and program");
  for (const std::string &fault : protecting()) {
    SCOPED_TRACE("board with " + fault);
    const auto session = board({fault}, old_content());
    const Protection found = protection_of(*session);
    if (found.read || found.write.empty()) continue;
    expect_just_these_refuse(*session, found);
  }
}

TEST_P(FamilyOnAProtectedBoard, SaysThatItIsProtectedWhenTheControllerRefusesToProgram) {
  FLASHHOST_PROMISE("chip.hpp, StatusBit: name, cause and page of what the register says");
  for (const std::string &fault : protecting()) {
    SCOPED_TRACE("board with " + fault);
    const auto session = board({fault}, {});
    const Protection found = protection_of(*session);
    if (found.read || found.write.empty()) continue;
    const Bytes before = session->board().flash();
    for (const Way &way : two_ways(*session)) {
      SCOPED_TRACE(in_words(way));
      expect_protected(end_of(*session, way, [&](FlashAccess &access) {
        access.program(found.write.front().address,
                       Bytes(std::size_t{4} * session->chip().write_unit(), 0x5A),
                       [](std::uint32_t) {});
      }));
      EXPECT_EQ(session->difference(before), "");
    }
  }
}

}  // namespace

}  // namespace flashhost::conformance
