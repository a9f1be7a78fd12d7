// The agent and a family's functions in the RAM of a Board, and the host's end of the mailbox: as
// little as tests need, and nothing of the host's own client. FLASHHOST_AGENT_BLOB,
// FLASHHOST_F1_BLOB, FLASHHOST_F4_BLOB and FLASHHOST_UNPACK_BLOB name raw files that replace the
// committed blobs.
#pragma once

#include "board.hpp"

#include <flashhost/loader_abi.h>

#include <optional>

namespace loader_test {

inline constexpr std::size_t kibibyte = 1024;

[[nodiscard]] Bytes agent_code();

// The functions of a family: their code, and where in it they stand.
struct Functions {
  Bytes code;
  std::uint32_t init = 0, uninit = 0, erase_sector = 0, erase_chip = 0, program_page = 0, idle = 0,
                crc = 0;
  std::uint32_t clock_hz = 0;
  std::uint32_t init_argument = 0;  // the second one; 0: the clock
};
[[nodiscard]] Functions f1_functions();
[[nodiscard]] Functions f1_functions_for_two_banks();
enum class Banks : std::uint8_t { one, two_of_512k, two_of_1m };
[[nodiscard]] Functions f4_functions(std::uint32_t width = 4, Banks banks = Banks::one);

// The CRC of the agent: polynomial 0x04C11DB7, unreflected, over little-endian words.
[[nodiscard]] std::uint32_t crc_of(std::span<const std::uint8_t> bytes);
[[nodiscard]] Bytes bytes_of(std::span<const std::uint32_t> words);
[[nodiscard]] Bytes pattern(std::size_t size, std::uint32_t seed = 1);  // no erased bytes in it

// What a command's slot holds, up to its end.
struct Command {
  std::uint32_t op = 0;
  std::uint32_t address = 0;
  std::uint32_t length = 0;
  Bytes payload;
  std::uint32_t flip_crc = 0;  // to damage it

  [[nodiscard]] Bytes block(std::uint32_t sequence) const;
};

[[nodiscard]] Command erase(std::uint32_t address, std::uint32_t length);
[[nodiscard]] Command erase_all(std::uint32_t length);
[[nodiscard]] Command program(std::uint32_t address, Bytes data);
// packed: deflate data from which `data` comes out.
[[nodiscard]] Command program_packed(std::uint32_t address, const Bytes &data, const Bytes &packed);
[[nodiscard]] Command crc(const std::vector<fh_range> &ranges);
[[nodiscard]] Command finish();

// May code on the target find the vector table? A Cortex-M0 has no VTOR.
enum class Vectors : std::uint8_t { redirected, as_after_reset };

struct Setup {
  std::uint32_t ram = sram_start;
  std::uint32_t slot_payload = 1024;
  std::uint32_t slot_count = 4;
  Functions family = f1_functions();
  std::uint32_t clock_hz = 0;  // 0: the family's
  Time look_every = 20us;      // while waiting: less often is less work where much time passes
  std::uint32_t stack_size = FH_STACK_SIZE;
  Vectors vectors = Vectors::redirected;
};

class Loader {
 public:
  Loader(Board &board, const Setup &setup);
  explicit Loader(Board &board) : Loader(board, Setup{}) {}

  [[nodiscard]] fh_parameters &parameters() { return mailbox_.parameters; }  // until download
  // Replaces a family function by this Thumb code.
  void replace(std::uint32_t fh_parameters::*function, const Bytes &code);

  void download();
  void go(std::uint32_t primask = 1);  // from the entry
  void load_unpacker();                // behind the slots
  void start();  // download, go, wait for the magic; a test failure when it does not come

  [[nodiscard]] fh_mailbox mailbox();
  std::uint32_t send(const Command &command);  // waits for a free slot; its sequence
  void write_slot(std::uint32_t sequence, std::span<const std::uint8_t> block);
  [[nodiscard]] Bytes payload(std::uint32_t sequence, std::size_t size);  // of that command's slot
  [[nodiscard]] std::uint32_t sequence_word(std::uint32_t sequence) const;  // address
  [[nodiscard]] bool wait_done(std::uint32_t sequence, Time limit = 5s);
  [[nodiscard]] bool execute(const Command &command) { return wait_done(send(command)); }
  // Sends it and returns the mailbox of the halted agent; a test failure when it does not halt.
  [[nodiscard]] fh_mailbox fail(const Command &command);
  // The same, also by a fault.
  [[nodiscard]] fh_mailbox fail_by_any(const Command &command);
  [[nodiscard]] fh_mailbox wait_halt(Time limit = 5s);
  [[nodiscard]] std::vector<fh_result> results(std::uint32_t sequence, std::size_t count);

  [[nodiscard]] std::uint32_t vectors() const { return vectors_; }
  [[nodiscard]] std::uint32_t mailbox_address() const { return mailbox_address_; }
  [[nodiscard]] std::uint32_t agent() const { return agent_; }
  [[nodiscard]] std::uint32_t family() const { return family_; }
  [[nodiscard]] std::uint32_t stack_top() const { return stack_top_; }
  [[nodiscard]] std::uint32_t end() const { return end_; }  // of the last slot
  [[nodiscard]] std::uint32_t unpacked() const;             // where Unpack writes to
  [[nodiscard]] std::uint32_t slot_count() const { return slot_count_; }

 private:
  [[nodiscard]] std::uint32_t slot_end(std::uint32_t sequence) const;

  Board &board_;
  Bytes agent_code_ = agent_code();
  Bytes family_code_;
  fh_mailbox mailbox_{};
  std::uint32_t vectors_ = 0, mailbox_address_ = 0, agent_ = 0, family_ = 0, stack_top_ = 0,
                end_ = 0;
  std::uint32_t slot_count_;
  Vectors redirect_;
  std::uint32_t next_ = 1;
  Time step_;
};

}  // namespace loader_test
