// What a family may be able to do, and what the host does where it is not.
#include "job_on_board.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace flashhost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The family of an installed plugin, without some of its abilities.
class PartOfAFamily final : public Family, private Locks {
 public:
  explicit PartOfAFamily(std::shared_ptr<Family> whole) : whole_(std::move(whole)) {}

  [[nodiscard]] std::vector<Part> parts() const override { return whole_->parts(); }
  [[nodiscard]] Identity identify(ProbeReader &probe) override { return whole_->identify(probe); }
  void settle(ProbeReader &probe, Chip &chip) override {
    whole_->settle(probe, chip);
    if (lifted_) chip.boot_address = boots_afterwards;
  }
  [[nodiscard]] LoaderCode loader(const Chip &chip) const override {
    LoaderCode loader = has_loader ? whole_->loader(chip) : LoaderCode{};
    if (!loader_fits) loader.stack_size = chip.ram.size;
    return loader;
  }
  void prepare(Probe &probe, const Chip &chip, UndoLog &undo) override {
    ++prepared;
    if (refuses) throw Error(Errc::refused, "the family refuses this chip");
    whole_->prepare(probe, chip, undo);
  }
  void finish(Probe &probe, const Chip & /*chip*/) override {
    ++finished;
    EXPECT_EQ(probe.state(), CoreState::halted);
  }
  [[nodiscard]] Locks *locks() override {
    if (protects) return this;
    return has_locks ? whole_->locks() : nullptr;
  }
  [[nodiscard]] DirectFlash *direct_flash() override {
    return has_direct_flash ? whole_->direct_flash() : nullptr;
  }

  bool has_loader = true, has_locks = true, has_direct_flash = true;
  bool loader_fits = true, refuses = false;
  bool protects = false, stays_protected = false;  // by locks of its own
  std::uint32_t boots_afterwards = flash_base;
  int prepared = 0, finished = 0;

 private:
  [[nodiscard]] Protection protection(Probe & /*probe*/, const Chip &chip) override {
    if (lifted_ && !stays_protected) return {};
    return {false, false, {chip.flash}, "everything is protected"};
  }
  void unprotect(Probe & /*probe*/, const Chip & /*chip*/, const Protection & /*found*/) override {
    lifted_ = true;
  }

  std::shared_ptr<Family> whole_;
  bool lifted_ = false;
};

// A probe that cannot make accesses of 16 bits.
class NarrowProbe final : public Probe {
 public:
  explicit NarrowProbe(std::unique_ptr<Probe> inner) : inner_(std::move(inner)) {}

  ProbeInfo info() override {
    ProbeInfo info = inner_->info();
    info.halfword_access = false;
    return info;
  }
  CoreState state() override { return inner_->state(); }
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    inner_->read_memory(address, out, width);
  }
  std::uint32_t read_register(CoreRegister which) override { return inner_->read_register(which); }
  Nanoseconds now() override { return inner_->now(); }
  void sleep(Nanoseconds time) override { inner_->sleep(time); }
  void attach(AttachMode mode) override { inner_->attach(mode); }
  void reset(ResetMode mode) override { inner_->reset(mode); }
  void halt() override { inner_->halt(); }
  void resume() override { inner_->resume(); }
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    EXPECT_NE(width, Width::half) << std::hex << address;
    inner_->write_memory(address, data, width);
  }
  void write_register(CoreRegister which, std::uint32_t value) override {
    inner_->write_register(which, value);
  }

 private:
  std::unique_ptr<Probe> inner_;
};

constexpr const char *no_loader_runs = "bad_sram=20000044";

class Abilities : public JobOnBoard {
 protected:
  explicit Abilities(Scenario scenario = f1_scenario(), const char *id = "f1")
      : JobOnBoard(std::move(scenario)), id_(id) {
    for (const NamedFamily &family : installed_families()) {
      if (family.id == id) family_ = std::make_shared<PartOfAFamily>(family.family);
    }
  }
  void with_fault(const char *fault) {
    scenario_.board.faults.emplace_back(fault);
    start_anew();
  }
  JobResult flash_it() {
    Job job;
    job.work = [&](Target &target, Observer &observer) {
      FlashOptions options = scenario_.options;
      options.journal_directory = journals();
      FlashReport report = flash(target, image_, options, observer, {});
      boot_address_ = target.chip().boot_address;
      return report;
    };
    job.families = {{id_, family_}};
    if (narrow_) {
      job.probe = [](std::unique_ptr<Probe> probe) {
        return std::make_unique<NarrowProbe>(std::move(probe));
      };
    }
    return testing::run(board(), job);
  }

  std::string id_;
  std::shared_ptr<PartOfAFamily> family_;
  std::uint32_t boot_address_ = 0;
  bool narrow_ = false;
};

TEST_F(Abilities, EmptyLoaderCodeMeansTheDirectPathFromTheStartWithoutAWarning) {
  family_->has_loader = false;
  const JobResult result = flash_it();
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_TRUE(now() == wanted_);
  EXPECT_THAT(result.messages, IsEmpty());
}

TEST_F(Abilities, TooLittleRamForTheLoaderMeansTheDirectPathAfterOneAttempt) {
  family_->loader_fits = false;
  const JobResult result = flash_it();
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_TRUE(now() == wanted_);
  EXPECT_THAT(result.messages, AllOf(HasSubstr("are too little for the flash loader"),
                                     HasSubstr("writing through the probe alone")));
  EXPECT_EQ(family_->prepared, 1) << "each further attempt prepares the target again";
}

TEST_F(Abilities, WhatTheFamilyRefusesIsNotTriedAgain) {
  family_->refuses = true;
  const JobResult result = flash_it();
  EXPECT_EQ(result.code, Errc::refused);
  EXPECT_EQ(family_->prepared, 1);
  EXPECT_TRUE(now() == before_);
}

TEST_F(Abilities, WithoutADirectPathALoaderThatDoesNotRunIsTheEndAndNothingIsWritten) {
  with_fault(no_loader_runs);
  family_->has_direct_flash = false;
  const JobResult result = flash_it();
  EXPECT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::refused);
  EXPECT_THAT(result.what, AllOf(HasSubstr("the loader in RAM is not what was written"),
                                 HasSubstr("family f1 has no way to write without one")));
  EXPECT_EQ(result.flash, FlashState::unchanged);
  EXPECT_THAT(result.hint, HasSubstr("Power-cycle"));
  EXPECT_TRUE(now() == before_);
}

TEST_F(Abilities, WithoutAnyWayToWriteWhatIsThereAlreadyIsStillFound) {
  ASSERT_TRUE(flash_it().good);
  family_->has_direct_flash = family_->has_loader = false;
  const JobResult result = flash_it();
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_EQ(result.report.programmed_bytes, 0U);
}

TEST_F(Abilities, WithoutAnyWayToWriteTheFamilyIsNamed) {
  family_->has_direct_flash = family_->has_loader = false;
  const JobResult result = flash_it();
  EXPECT_FALSE(result.good);
  EXPECT_THAT(result.what, HasSubstr("(its family has no code for one), and family f1 has no way"));
  EXPECT_EQ(result.hint, "Ask the author of the family plugin for another way to write.");
  EXPECT_TRUE(now() == before_);
}

TEST_F(Abilities, WithoutADirectPathTooLittleRamForTheLoaderIsTheEndWhateverIsTriedAgain) {
  family_->has_direct_flash = family_->loader_fits = false;
  const JobResult result = flash_it();
  EXPECT_EQ(result.code, Errc::refused);
  EXPECT_THAT(result.what, HasSubstr("are too little for the flash loader"));
  EXPECT_EQ(result.hint, "Ask the author of the family plugin for another way to write.");
  EXPECT_EQ(family_->prepared, 1);
}

TEST_F(Abilities, WithoutLocksAChipIsTakenAsNeverProtected) {
  family_->has_locks = false;
  EXPECT_TRUE(flash_it().good);
  EXPECT_TRUE(now() == wanted_);
}

TEST_F(Abilities, TheFamilyFinishesOnceAfterEverythingIsVerified) {
  EXPECT_TRUE(flash_it().good);
  EXPECT_EQ(family_->finished, 1);
}

TEST_F(Abilities, ProtectionThatStaysAfterItWasTakenOffIsNamed) {
  family_->protects = family_->stays_protected = true;
  scenario_.options.unlock = true;
  const JobResult result = flash_it();
  EXPECT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::locked);
  EXPECT_THAT(result.what, HasSubstr("was taken off and the chip was reset, but everything is "
                                     "protected"));
  EXPECT_THAT(result.hint, HasSubstr("Power-cycle"));
  EXPECT_TRUE(now() == before_);
}

TEST_F(Abilities, WhereTheChipBootsFromIsAskedAgainAfterProtectionWasTakenOff) {
  family_->protects = true;
  family_->boots_afterwards = flash_base + 0x1000;
  scenario_.options.unlock = true;
  EXPECT_TRUE(flash_it().good);
  EXPECT_EQ(boot_address_, flash_base + 0x1000);
}

TEST_F(Abilities, HalfwordsThatTheProbeCannotDoEndTheJobBeforeAnythingIsErased) {
  with_fault(no_loader_runs);
  narrow_ = true;
  const JobResult result = flash_it();
  EXPECT_FALSE(result.good);
  EXPECT_THAT(result.what, AllOf(HasSubstr("programmed by 16-bit accesses"), HasSubstr("cannot do"),
                                 Not(HasSubstr("with firmware"))));
  EXPECT_EQ(result.flash, FlashState::unchanged);
  EXPECT_TRUE(now() == before_);
}

class F4Abilities : public Abilities {
 protected:
  F4Abilities() : Abilities(f4_scenario(), "f4") {}
};

TEST_F(F4Abilities, BytesStandInForHalfwordsThatTheProbeCannotDo) {
  with_fault(no_loader_runs);
  with_fault("voltage=2400");
  narrow_ = true;
  const JobResult result = flash_it();
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_TRUE(now() == wanted_);
  EXPECT_THAT(result.messages,
              AllOf(HasSubstr("through the probe alone"), Not(HasSubstr("16-bit"))));
}

}  // namespace
}  // namespace flashhost::testing
