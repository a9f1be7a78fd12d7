// Probe::run: many accesses in one call.
#include "transport/transport_suite.hpp"

#include <array>
#include <vector>

namespace flashhost::conformance {

TEST_P(TransportConformance, RunDoesTheAccessesInTheirOrderAndFillsInWhatWasRead) {
  FLASHHOST_PROMISE("probe.hpp, run: the accesses one after the other; fills in what was read");
  const auto probe = halted();
  const std::uint32_t at = scratch();
  std::vector<Access> accesses;
  for (std::uint32_t i = 0; i < 40; ++i) accesses.push_back(Access::write(at + 4 * i, ~i));
  accesses.insert(accesses.end(),
                  {Access::write(at, 0x11223344), Access::read(at), Access::write(at, 0x55667788),
                   Access::read(at), Access::write(at + 1, 0xFFFFFFAA, Width::byte),
                   Access::read(at), Access::read(at + 1, Width::byte), Access::read(at + 36 * 4)});
  std::vector<Access> expected = accesses;
  expected[41].value = 0x11223344;
  expected[43].value = 0x55667788;
  expected[45].value = 0x5566AA88;
  expected[46].value = 0xAA;
  expected[47].value = ~std::uint32_t{36};
  if (probe->info().halfword_access) {
    for (std::vector<Access> *list : {&accesses, &expected}) {
      list->push_back(Access::write(at + 2, 0xFFFF9ABC, Width::half));
      list->push_back(Access::read(at + 2, Width::half));
    }
    expected.back().value = 0x9ABC;
  }
  WitnessView witness(*probe);
  const bool witnessed = witness.present();
  if (witnessed) witness.watch(given().scratch);
  for (Access &access : accesses) {
    if (access.kind == Access::Kind::read) access.value = 0xDEADBEEF;  // to be filled in
  }
  probe->run(accesses);
  EXPECT_EQ(accesses, expected);
  if (!witnessed) return not_tried("in which order run does its accesses");
  const std::vector<BusAccess> seen = witness.accesses();
  ASSERT_EQ(seen.size(), expected.size()) << "accesses left out, or too many";
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].address, expected[i].address) << "access " << i;
    EXPECT_EQ(seen[i].width, static_cast<std::uint32_t>(expected[i].width)) << "access " << i;
    EXPECT_EQ(seen[i].write, expected[i].kind == Access::Kind::write) << "access " << i;
  }
}

TEST_P(TransportConformance, RunOfNothingAndOfOneIsFine) {
  const auto probe = halted();
  EXPECT_NO_THROW(probe->run({}));
  probe->write_word(scratch(), 0x01020304);
  Access one = Access::read(scratch());
  probe->run({&one, 1});
  EXPECT_EQ(one.value, 0x01020304U);
}

TEST_P(TransportConformance, RunOfManyIsCutWhereTheProbeHasToCutIt) {
  const auto probe = halted();
  std::vector<Access> accesses;
  for (std::uint32_t i = 0; i < 300; ++i) {
    accesses.push_back(Access::write(scratch() + 4 * i, i * 0x01010101U));
    accesses.push_back(Access::read(scratch() + 4 * i));
  }
  probe->run(accesses);
  for (std::uint32_t i = 0; i < 300; ++i) {
    ASSERT_EQ(accesses[2 * i + 1].value, i * 0x01010101U) << "access " << 2 * i + 1;
  }
}

TEST_P(TransportConformance, RunStopsAtTheAccessThatIsRefused) {
  FLASHHOST_PROMISE("probe.hpp, run: those before it were done, those after it were not done");
  const auto probe = halted();
  WitnessView witness(*probe);
  const bool witnessed = witness.present();
  if (!witnessed && !given().unmapped) {
    return not_tried("what run does after a refused access: `unmapped` is not in the case file");
  }
  const std::uint32_t at = scratch();
  const std::uint32_t refused = witnessed ? at + 0x200 : *given().unmapped;
  for (const std::size_t place : {std::size_t{0}, std::size_t{3}, std::size_t{20}}) {
    for (const bool write : {true, false}) {
      std::vector<Access> accesses;
      for (std::uint32_t i = 0; i < 24; ++i) {
        probe->write_word(at + 4 * i, 0x1000 + i);
        accesses.push_back(i % 2 == 0 ? Access::write(at + 4 * i, 0x2000 + i)
                                      : Access::read(at + 4 * i));
      }
      accesses[place] = write ? Access::write(refused, 1) : Access::read(refused);
      if (witnessed) witness.refuse({refused, 4});
      expect_error(Errc::memory_fault, [&] { probe->run(accesses); }, hex(refused));
      if (witnessed) witness.refuse({});
      for (std::uint32_t i = 0; i < 24; ++i) {
        const bool done = i % 2 == 0 && i < place;
        EXPECT_EQ(hex(probe->read_word(at + 4 * i)), hex((done ? 0x2000 : 0x1000) + i))
            << "access " << i << (i < place ? " before" : " after") << " the refused one, "
            << place;
        if (i % 2 == 1 && i < place) {
          EXPECT_EQ(accesses[i].value, 0x1000 + i) << "read before the refused access";
        }
      }
    }
  }
}

}  // namespace flashhost::conformance
