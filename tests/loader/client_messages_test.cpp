// What the host's end of the loader says when a function of the family fails, and when it does not.
#include "firmware.hpp"
#include "flash/loader_client.hpp"
#include "forwarding_probe.hpp"
#include "job.hpp"

#include <flashhost/text.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <regex>

namespace flashhost::testing {
namespace {

using bench::ForwardingProbe;

using ::testing::HasSubstr;

constexpr std::uint32_t kib = 1024;

// All that is said.
class Listener final : public Observer {
 public:
  void step(std::string_view, std::uint64_t) override {}
  void progress(std::uint64_t) override {}
  void message(Level level, const std::string &text) override {
    if (level >= Level::info) said += text + "\n";
  }
  std::string said;
};

class ClientOfALoader : public ::testing::Test {
 protected:
  using Use = std::function<void(LoaderClient &, const Chip &)>;

  // Starts the chip's loader, after `change` if there is one, uses it and finishes it.
  JobResult run_loader(const Use &use, const std::function<void(LoaderCode &)> &change = {}) {
    Job job;
    job.work = [&](Target &target, Observer &) {
      target.prepare();
      LoaderCode code = target.family().loader(target.chip());
      if (change) change(code);
      LoaderClient client(target.probe(), target.chip(), code, listener_, {});
      client.start();
      use(client, target.chip());
      client.finish();
      return FlashReport{};
    };
    job.probe = probe_;
    return run(*board_, job);
  }

  // One of its functions does nothing but return this.
  std::function<void(LoaderCode &)> returning(std::uint32_t LoaderCode::*function,
                                              std::uint8_t status) {
    return [this, function, status](LoaderCode &code) {
      code_.assign(code.code.begin(), code.code.end());
      code_.resize((code_.size() + 3) / 4 * 4);
      code.*function = static_cast<std::uint32_t>(code_.size());
      code_.insert(code_.end(), {status, 0x20, 0x70, 0x47});  // movs r0, #status; bx lr
      code.code = code_;
    };
  }

  void use_board(const BoardSpec &spec) {
    board_ = std::make_unique<Board>(spec, firmware(8 * kib, 1));
  }

  Listener listener_;
  std::unique_ptr<Board> board_ = std::make_unique<Board>(BoardSpec{}, firmware(8 * kib, 1));
  std::function<std::unique_ptr<Probe>(std::unique_ptr<Probe>)> probe_;

 private:
  Bytes code_;
};

TEST_F(ClientOfALoader, IsToldTheLastQuestionAndTheEndAtOnce) {
  const JobResult result = run_loader([](LoaderClient &client, const Chip &chip) {
    const std::vector<MemoryRange> all{chip.flash};
    const std::uint32_t crc = client.query(FH_OP_CRC, all).at(0).value;
    client.expect_query_and_finish(FH_OP_CRC, all);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(client.query(FH_OP_CRC, all).at(0).value, crc);
    try {
      static_cast<void>(client.query(FH_OP_CRC, {chip.sectors.front().range()}));
      ADD_FAILURE() << "a loader that has ended was asked";
    } catch (const Error &error) {
      EXPECT_EQ(error.code(), Errc::internal);
    }
  });
  EXPECT_TRUE(result.good) << result.what;
}

void erase_first(LoaderClient &client, const Chip &chip) {
  const Sector &sector = chip.sectors.front();
  client.submit(FH_OP_ERASE, sector.address, sector.size, {}, sector.erase_maximum);
  client.drain();
}

void program_first(LoaderClient &client, const Chip &chip) {
  erase_first(client, chip);
  const Bytes data(64, 0x12);
  client.submit(FH_OP_PROGRAM, chip.flash.address, 64, data, 32 * chip.program_maximum);
}

TEST_F(ClientOfALoader, TellsARefusalOnceInTheControllersWords) {
  const struct {
    Use use;
    std::uint32_t LoaderCode::*function;
    std::uint8_t status;
    const char *what, *hint;
  } rows[] = {
      {erase_first, &LoaderCode::erase_sector, 0x10,
       "erasing at 0x08000000 failed: WRPRTERR: [^()]*\\(FLASH_SR 0x00000010\\)", "helps against"},
      {program_first, &LoaderCode::program_page, 0x10,
       "programming at 0x08000000 failed: WRPRTERR: [^()]*\\(FLASH_SR 0x00000010\\); expected "
       "0x12121212, found 0xffffffff",
       "helps against"},
      {program_first, &LoaderCode::program_page, 0x04,
       "programming at 0x08000000 failed: PGERR: [^()]*\\(FLASH_SR 0x00000004\\); expected "
       "0x12121212, found 0xffffffff",
       "replace the chip"},
  };
  for (const auto &row : rows) {
    const JobResult result = run_loader(row.use, returning(row.function, row.status));
    EXPECT_FALSE(result.good);
    EXPECT_EQ(result.code, Errc::flash);
    EXPECT_TRUE(std::regex_match(result.what, std::regex(row.what))) << result.what;
    EXPECT_THAT(result.hint, HasSubstr(row.hint));
  }
}

TEST_F(ClientOfALoader, SaysThatTheControllerCouldNotBeClosed) {
  const JobResult result = run_loader(erase_first, returning(&LoaderCode::uninit, 0x80));
  EXPECT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::target);
  EXPECT_THAT(result.what, HasSubstr("the flash controller could not be closed: status 0x00000080: "
                                     "the flash controller stayed locked"));
  EXPECT_THAT(result.hint, HasSubstr("Power-cycle"));
}

// The agent looks at all of the flash afterwards, which takes longer than the erase itself.
TEST_F(ClientOfALoader, DoesNotTakeTheLookAfterAMassEraseForASlowFlash) {
  use_board({.part = "STM32F103RE", .faults = {"flash_time=maximum"}});
  const JobResult result = run_loader([](LoaderClient &client, const Chip &chip) {
    client.submit(FH_OP_ERASE_ALL, chip.flash.address, chip.flash.size, {},
                  chip.mass_erase_maximum);
  });
  EXPECT_TRUE(result.good) << result.what;
  EXPECT_EQ(listener_.said, "");
  EXPECT_TRUE(board_->flash() == Bytes(512 * kib, 0xFF));
}

// Damages one word of what is written to RAM, once.
class DamagesTheLoader final : public ForwardingProbe {
 public:
  DamagesTheLoader(std::unique_ptr<Probe> probe, std::uint32_t address, bool mends)
      : ForwardingProbe(std::move(probe)), address_(address), mends_(mends) {}
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    ForwardingProbe::write_memory(address, data, width);
    if (done_ || address_ < address || address_ >= address + data.size()) return;
    done_ = true;
    word_ = read_word(address_);
    write_word(address_, word_ ^ 0x40U);
  }
  // By the time that it is looked for, it is gone.
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    if (mends_ && done_ && out.size() > kib) ForwardingProbe::write_word(address_, word_);
    ForwardingProbe::read_memory(address, out, width);
  }

 private:
  std::uint32_t address_, word_ = 0;
  bool mends_, done_ = false;
};

class ADamagedLoader : public ClientOfALoader,
                       public ::testing::WithParamInterface<std::uint32_t> {};

TEST_P(ADamagedLoader, IsNotRunAndTheDamageIsNamed) {
  const std::uint32_t address = 0x20000000 + GetParam();
  probe_ = [address](std::unique_ptr<Probe> probe) {
    return std::make_unique<DamagesTheLoader>(std::move(probe), address, false);
  };
  const JobResult result = run_loader([](LoaderClient &, const Chip &) {});
  EXPECT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::target);
  EXPECT_THAT(result.what,
              HasSubstr("the loader in RAM is not what was written: " + hex(address) + " holds "));
}

constexpr std::uint32_t agent = FH_VECTOR_TABLE_SIZE + sizeof(fh_mailbox);
INSTANTIATE_TEST_SUITE_P(At, ADamagedLoader,
                         ::testing::Values(0U, 60U, FH_VECTOR_TABLE_SIZE,
                                           FH_VECTOR_TABLE_SIZE +
                                               offsetof(fh_mailbox, parameters.erase_sector),
                                           agent, agent + 8, agent + 40, agent + 400, agent + 1600,
                                           agent + 1800));

TEST_F(ClientOfALoader, SaysThatTheLoaderWasDamagedThoughItReadsRight) {
  probe_ = [](std::unique_ptr<Probe> probe) {
    return std::make_unique<DamagesTheLoader>(std::move(probe), 0x20000000 + agent + 400, true);
  };
  const JobResult result = run_loader([](LoaderClient &, const Chip &) {});
  EXPECT_EQ(result.code, Errc::target);
  EXPECT_EQ(result.what, "the loader found itself damaged in RAM, where it reads right");
}

// Nothing of the loader arrives, and nobody says so.
class LosesTheLoader final : public ForwardingProbe {
 public:
  using ForwardingProbe::ForwardingProbe;
  void write_memory(std::uint32_t address, std::span<const std::uint8_t> data,
                    Width width) override {
    if (data.size() < kib) ForwardingProbe::write_memory(address, data, width);
  }
};

TEST_F(ClientOfALoader, TakesNoEarlierLoaderForItself) {
  ASSERT_TRUE(run_loader([](LoaderClient &, const Chip &) {}).good);
  probe_ = [](std::unique_ptr<Probe> probe) {
    return std::make_unique<LosesTheLoader>(std::move(probe));
  };
  const JobResult result = run_loader([](LoaderClient &client, const Chip &chip) {
    static_cast<void>(client.query(FH_OP_CRC, {chip.flash}));
  });
  EXPECT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::target) << result.what;
}

// Writes so many words below the stack pointer.
Bytes idle_with_stack(std::uint8_t words) {
  return {0x68,  0x46,   // mov r0, sp
          words, 0x21,   // movs r1, #words
          0xAA,  0x22,   // movs r2, #0xAA
          0x04,  0x38,   // subs r0, #4
          0x02,  0x60,   // str r2, [r0]
          0x01,  0x39,   // subs r1, #1
          0xFB,  0xD1,   // bne
          0x70,  0x47};  // bx lr
}

TEST_F(ClientOfALoader, LetsIdleUseSoMuchOfTheStackAndNoMore) {
  constexpr std::uint8_t most = FH_IDLE_STACK / 4;
  for (const std::uint8_t words : {std::uint8_t{1}, most, std::uint8_t{most + 2}}) {
    Bytes bytes;
    const auto with_idle = [&](LoaderCode &code) {
      bytes.assign(code.code.begin(), code.code.end());
      bytes.resize((bytes.size() + 3) / 4 * 4);
      code.idle = static_cast<std::uint32_t>(bytes.size());
      const Bytes idle = idle_with_stack(words);
      bytes.insert(bytes.end(), idle.begin(), idle.end());
      code.code = bytes;
    };
    const JobResult result = run_loader([](LoaderClient &, const Chip &) {}, with_idle);
    EXPECT_EQ(result.good, words <= most) << int{words} << ": " << result.what;
  }
}

// An agent of another version.
class OtherVersion final : public ForwardingProbe {
 public:
  using ForwardingProbe::ForwardingProbe;
  void read_memory(std::uint32_t address, std::span<std::uint8_t> out, Width width) override {
    ForwardingProbe::read_memory(address, out, width);
    if (out.size() != offsetof(fh_mailbox, parameters)) return;
    fh_mailbox mailbox{};
    std::memcpy(&mailbox, out.data(), out.size());
    if (mailbox.magic != FH_LOADER_MAGIC) return;
    mailbox.abi = FH_LOADER_ABI + 1;
    std::memcpy(out.data(), &mailbox, out.size());
  }
};

TEST_F(ClientOfALoader, RefusesAnAgentOfAnotherVersion) {
  probe_ = [](std::unique_ptr<Probe> probe) {
    return std::make_unique<OtherVersion>(std::move(probe));
  };
  const JobResult result = run_loader([](LoaderClient &, const Chip &) {});
  EXPECT_FALSE(result.good);
  EXPECT_EQ(result.code, Errc::internal);
  EXPECT_THAT(result.what, HasSubstr("the loader agent is of another version (5) than the host"));
}

}  // namespace
}  // namespace flashhost::testing
