// The host's end of the loader agent: lays it out in RAM, starts it, streams commands, waits
// as long as there is progress. How long the flash takes is judged by the target's own clock, the
// heartbeat, so a late host or probe does not make the flash look slow.
#pragma once

#include "observer.hpp"
#include "packer.hpp"

#include <flashhost/cortex_m.hpp>
#include <flashhost/family.hpp>
#include <flashhost/loader_abi.h>

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace flashhost {

// Addresses in target RAM; see loader_abi.h.
struct LoaderLayout {
  std::uint32_t vectors = 0;
  std::uint32_t mailbox = 0;
  std::uint32_t agent = 0;
  std::uint32_t family = 0;
  std::uint32_t scratch = 0;
  // Behind what is written before the loader begins, and summed up by it: a large scratch memory is
  // left out, and what follows it is read back instead.
  std::uint32_t checked_end = 0;
  std::uint32_t stack_guard = 0;
  std::uint32_t stack_top = 0;
  std::uint32_t slots = 0;
  std::uint32_t slot_size = 0;
  std::uint32_t slot_count = 0;
  // The code that unpacks, and where it unpacks to; 0: there is no room for them.
  std::uint32_t unpacker = 0;
  std::uint32_t unpacked = 0;

  [[nodiscard]] std::uint32_t payload() const;  // of one slot, a power of two
  // Of the slot that takes this command.
  [[nodiscard]] std::uint32_t trailer_of(std::uint32_t sequence) const;
  friend bool operator==(const LoaderLayout &, const LoaderLayout &) = default;
};

// Empty when ram has no room for two slots of useful size: of a page and a write unit at least.
// unpack: to have room for that as well, if there is enough.
[[nodiscard]] std::optional<LoaderLayout> lay_out(MemoryRange ram, std::size_t agent_size,
                                                  const LoaderCode &code,
                                                  std::uint32_t write_unit = 1,
                                                  bool unpack = false);

// Sets two words of what is written to RAM, at `place` and behind it, so that the agent finds its
// sums right: see loader_abi.h. Size and place are multiples of 4.
void balance(std::span<std::uint8_t> written, std::size_t place);

// The block that publishes a command: payload, padding, trailer with its CRC.
[[nodiscard]] Bytes encode_command(std::uint32_t op, std::uint32_t address, std::uint32_t length,
                                   std::span<const std::uint8_t> payload, std::uint32_t sequence);

// One thread. The target must be prepared (cortex_m::quiesce, Family::prepare) and halted.
// References outlive the object. After any exception the core's state is unknown: call stop().
// core: as quiesce has found it; empty: it is read. compress: what is to be programmed, where the
// link is slower than the flash.
class LoaderClient {
 public:
  LoaderClient(Probe &probe, const Chip &chip, const LoaderCode &code, Observer &observer,
               std::stop_token stop, const std::optional<cortex_m::Core> &core = {},
               bool compress = false);
  LoaderClient(const LoaderClient &) = delete;
  LoaderClient &operator=(const LoaderClient &) = delete;
  ~LoaderClient();

  // Loads and starts. Errc::target when the loader does not come up; Errc::refused, with the target
  // untouched, when there is too little RAM for it.
  void start();

  // Queues a command, waiting for a free slot if it must. maximum: of its flash operations by the
  // datasheet, without the agent's own work; 0: it has none.
  void submit(fh_op op, std::uint32_t address, std::uint32_t length,
              std::span<const std::uint8_t> payload, Nanoseconds maximum,
              std::function<void()> done = {});
  // At most payload() bytes. coming: bytes that are still to be programmed, these included.
  void program(std::uint32_t address, std::span<const std::uint8_t> data, std::uint64_t coming,
               std::function<void()> done);
  // As many sectors as count, of the first one's size, one behind the other.
  void erase(const Sector &first, std::uint32_t count);
  void drain();
  // The results of FH_OP_CRC, one a range, however many there are; drains. meanwhile, if any:
  // called between two looks at the agent.
  [[nodiscard]] std::vector<fh_result> query(fh_op op, const std::vector<MemoryRange> &ranges,
                                             const std::function<void()> &meanwhile = {});
  // The agent is told at once what query will be asked for next, if one command can tell it, and to
  // finish then.
  void expect_query_and_finish(fh_op op, const std::vector<MemoryRange> &ranges);
  // Lets the agent lock the flash and halt, unless it was told so before. Drains.
  void finish();
  // How long it takes to read a few words: the shortest that was seen.
  [[nodiscard]] Nanoseconds reading_time() const { return look_time_; }
  // Words of flash that the loader has read so far and that could not be read without error.
  [[nodiscard]] std::uint32_t unreadable();
  // Largest payload of one command, bytes.
  [[nodiscard]] std::uint32_t payload() const { return layout_.payload(); }

 private:
  // By a smaller block nobody learns how fast the link is.
  static constexpr std::size_t smallest_measured = 1024;

  struct Command {
    Bytes block;
    std::uint32_t sequence = 0;
    std::uint32_t address = 0;
    Nanoseconds maximum{};
    Nanoseconds own_time{};  // the longest that agent and family's code take beside the flash
    Nanoseconds silence{};   // after so long without a heartbeat the loader is dead
    // By the limits of an algorithm that knows nothing of ticks; 0: none. Of UnInit and Init, where
    // the command is not for the function that Init was called for last, and of all the rest.
    std::uint32_t function = FH_FUNCTION_ANY;
    Nanoseconds init{}, calls{};
    std::function<void()> done;
  };

  // What becomes a command. own_time, calls: as there.
  struct Request {
    fh_op op = FH_OP_CRC;
    std::uint32_t address = 0, length = 0;
    std::span<const std::uint8_t> payload{};  // NOLINT(readability-redundant-member-init)
    Nanoseconds maximum{}, own_time{}, calls{};
    std::uint32_t beside_op = 0;  // FH_SECTOR_SIZE or FH_PACKED_SIZE
  };

  void send(const Request &request, std::function<void()> done);
  void send_finish();
  // What is to be sent for a request; empty: its payload, since that is as fast.
  [[nodiscard]] Bytes packed(const Request &request, std::uint64_t coming);
  [[nodiscard]] bool may_pack() const;
  void load_unpacker();
  [[nodiscard]] Nanoseconds kib_time(std::size_t bytes, Nanoseconds took) const;
  [[nodiscard]] Nanoseconds wire_time(std::size_t bytes) const;
  [[nodiscard]] std::size_t ranges_per_query() const { return payload() / sizeof(fh_range); }
  // Where the answer is going to be.
  [[nodiscard]] std::uint32_t ask(fh_op op, std::span<const MemoryRange> ranges);
  [[nodiscard]] std::uint32_t cycles_per_tick() const;
  [[nodiscard]] fh_parameters parameters(const cortex_m::Core &core);
  void download(const cortex_m::Core &core);
  [[nodiscard]] std::vector<MemoryRange> run_unchecked() const;
  void write_measured(std::uint32_t address, std::span<const std::uint8_t> bytes);
  void write_confirmed(std::uint32_t address, std::span<const std::uint8_t> bytes);
  // Throws where the RAM does not hold these.
  void compare(std::uint32_t address, std::span<const std::uint8_t> bytes);
  [[noreturn]] void fail_damaged();
  [[noreturn]] static void throw_damaged();
  void wait_ready();
  void report_crc(const fh_mailbox &mailbox);
  void write_slot(const Command &command);
  void rewrite_slot(const Command &command);
  [[nodiscard]] fh_mailbox read_mailbox();
  [[nodiscard]] bool has_failed(fh_mailbox &mailbox);
  void poll();
  void look(Nanoseconds asked);  // asked: the probe's time
  [[nodiscard]] bool is_late(Nanoseconds now) const;
  void retire(std::uint32_t done);
  [[nodiscard]] Nanoseconds typical_time(const Request &request) const;
  [[nodiscard]] Nanoseconds call_limit(fh_op op) const;
  [[nodiscard]] Nanoseconds longest_silence(fh_op op) const;
  [[nodiscard]] Nanoseconds longest_init() const;
  [[nodiscard]] Nanoseconds longest_calls(fh_op op, std::uint32_t length) const;
  [[nodiscard]] Nanoseconds own_time(fh_op op, std::uint32_t length) const;
  void check_heartbeat(const fh_mailbox &mailbox, Nanoseconds asked);
  [[nodiscard]] Nanoseconds time_spent(const fh_mailbox &mailbox, const Command &command) const;
  void check_operation_time(const fh_mailbox &mailbox);
  void check_call_time(const fh_mailbox &mailbox);
  // The flash controller's status now, in words.
  [[nodiscard]] std::string status_text(std::uint32_t address);
  [[noreturn]] void fail(const fh_mailbox &mailbox);
  [[noreturn]] void fail_by_fault();
  [[noreturn]] void fail_silent(const fh_mailbox &mailbox);

  Probe &probe_;
  std::optional<cortex_m::Core> core_;
  const Chip &chip_;
  Observer &observer_;
  std::stop_token stop_;
  LoaderCode code_;
  LoaderLayout layout_;
  Nanoseconds tick_{};  // between two heartbeats
  std::deque<Command> in_flight_;
  Nanoseconds front_since_{};  // when its first became the first
  // What was asked for by expect_query_and_finish, by the command before the last.
  struct Expected {
    std::vector<MemoryRange> ranges;
    std::uint32_t answer = 0;
  };
  std::optional<Expected> expected_;
  std::optional<Packer> packer_;
  bool has_unpacker_ = false;
  // How long a KiB takes to be written: the shortest so far; before, a careful guess.
  std::optional<Nanoseconds> kib_time_;
  Nanoseconds guessed_kib_time_{};
  Bytes loaded_;  // from the vector table on, until the agent is ready
  bool is_finishing_ = false;
  std::uint32_t next_sequence_ = 1;
  std::uint32_t heartbeat_ = 0;
  std::uint32_t unreadable_ = 0;
  Nanoseconds heartbeat_time_{};                // when it was seen for the first time
  Nanoseconds looked_{};                        // when all that the agent says was read last
  Nanoseconds poll_time_{};                     // that the last reading of `done` took
  Nanoseconds look_time_ = Nanoseconds::max();  // the shortest so far of all that the agent says
  int rewrites_ = 0;
  // The command that the agent was last seen at work on, whether after Init, how long, and when
  // that was.
  std::uint32_t timed_ = 0;
  bool timed_after_init_ = false;
  Nanoseconds timed_spent_{}, timed_seen_{};
  bool warned_slow_ = false;
  bool mass_erased_ = false;
};

}  // namespace flashhost
