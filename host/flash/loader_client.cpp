#include "loader_client.hpp"

#include "stop.hpp"

#include <flashhost/error.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

constexpr Nanoseconds poll_interval = 1ms;
constexpr int most_rewrites = 8;
constexpr std::uint32_t sequence_word = offsetof(fh_trailer, sequence);

// What the agent calls Init for before this command; any: FINISH, which ends with UnInit.
fh_function function_of(fh_op op) {
  switch (op) {
    case FH_OP_ERASE:
    case FH_OP_ERASE_ALL:
      return FH_FUNCTION_ERASE;
    case FH_OP_PROGRAM:
      return FH_FUNCTION_PROGRAM;
    case FH_OP_CRC:
      return FH_FUNCTION_VERIFY;
    default:
      return FH_FUNCTION_ANY;
  }
}

}  // namespace

LoaderClient::~LoaderClient() {
  observer_.flash_left(0);
}

// Of the flash operations alone.
Nanoseconds LoaderClient::typical_time(fh_op op, std::uint32_t address,
                                       std::uint32_t length) const {
  if (op == FH_OP_ERASE_ALL) return chip_.mass_erase_typical;
  if (op == FH_OP_ERASE) {
    const auto sector = std::ranges::find(chip_.sectors, address, &Sector::address);
    return sector == chip_.sectors.end() ? 0ns : sector->erase_typical;
  }
  if (op != FH_OP_PROGRAM) return 0ns;
  const bool is_faster = mass_erased_ && chip_.program_after_mass_erase > 0ns;
  return (is_faster ? chip_.program_after_mass_erase : chip_.program_typical) *
         (length / chip_.program_unit);
}

void LoaderClient::write_slot(const Command &command) {
  const std::uint32_t end =
      layout_.trailer_of(command.sequence) + std::uint32_t{sizeof(fh_trailer)};
  probe_.write_memory(end - static_cast<std::uint32_t>(command.block.size()), command.block,
                      Width::word);
}

void LoaderClient::rewrite_slot(const Command &command) {
  // Only while the slot does not count as written: see loader_abi.h.
  if (probe_.read_word(layout_.trailer_of(command.sequence) + sequence_word) == command.sequence)
    return;
  if (++rewrites_ > most_rewrites) {
    throw Error(
        Errc::target, "commands for the loader keep arriving damaged in the target's RAM",
        "A link that corrupts data (lower transport.speed: --speed 950kHz), or something on "
        "the target that writes to its RAM.")
        .see(Cause::bad_ram);
  }
  write_slot(command);
}

void LoaderClient::submit(fh_op op, std::uint32_t address, std::uint32_t length,
                          std::span<const std::uint8_t> payload, Nanoseconds maximum,
                          std::function<void()> done) {
  while (in_flight_.size() >= layout_.slot_count) poll();
  const std::uint32_t sequence = next_sequence_++;
  in_flight_.push_back({encode_command(op, address, length, payload, sequence), sequence, address,
                        maximum, own_time(op, length), longest_silence(op), function_of(op),
                        longest_init(), longest_calls(op, length), std::move(done)});
  write_slot(in_flight_.back());
  observer_.flash_given(typical_time(op, address, length));
  mass_erased_ = mass_erased_ || op == FH_OP_ERASE_ALL;
}

void LoaderClient::drain() {
  while (!in_flight_.empty()) poll();
}

std::vector<fh_result> LoaderClient::query(fh_op op, const std::vector<MemoryRange> &ranges,
                                           const std::function<void()> &meanwhile) {
  std::vector<fh_result> results;
  const std::size_t most = layout_.payload() / sizeof(fh_range);
  for (std::size_t first = 0; first < ranges.size(); first += most) {
    const std::size_t count = std::min(most, ranges.size() - first);
    std::vector<fh_range> part;
    part.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      part.push_back({ranges[first + i].address, ranges[first + i].size});
    }
    const auto size = static_cast<std::uint32_t>(count * sizeof(fh_range));
    submit(op, 0, size, {reinterpret_cast<const std::uint8_t *>(part.data()), size}, 0ns);
    const std::uint32_t trailer = layout_.trailer_of(next_sequence_ - 1);
    while (!in_flight_.empty()) {
      if (meanwhile) meanwhile();
      poll();
    }
    Bytes answer(size);
    probe_.read_memory(trailer - size, answer, Width::word);
    results.resize(first + count);
    std::memcpy(&results[first], answer.data(), answer.size());
  }
  return results;
}

// A damaged reading would take good words for bad ones: a new number counts when it is read twice.
std::uint32_t LoaderClient::unreadable() {
  if (code_.nmi == LoaderCode::none) return 0;
  const auto read = [&] {
    return probe_.read_word(layout_.mailbox + std::uint32_t{offsetof(fh_mailbox, unreadable)});
  };
  std::uint32_t found = read();
  for (int i = 0; i < most_rewrites && found != unreadable_; ++i) {
    const std::uint32_t next = read();
    if (next == found) unreadable_ = found;
    found = next;
  }
  return unreadable_;
}

void LoaderClient::finish() {
  submit(FH_OP_FINISH, 0, 0, {}, 0ns);
  drain();
}

void LoaderClient::poll() {
  throw_if_stopped(stop_);
  const Nanoseconds asked = probe_.now();
  fh_mailbox mailbox = read_mailbox();
  if (mailbox.magic != FH_LOADER_MAGIC) fail_silent(mailbox);
  const std::size_t before = in_flight_.size();
  retire(mailbox);
  observer_.flash_left(in_flight_.size());
  if (!in_flight_.empty() && has_failed(mailbox)) fail(mailbox);
  // Rejected, or not even seen: then the sequence word itself arrived damaged.
  const bool waits = mailbox.state == FH_STATE_BAD_SLOT || mailbox.state == FH_STATE_IDLE;
  if (waits && !in_flight_.empty()) rewrite_slot(in_flight_.front());
  check_heartbeat(mailbox, asked);
  if (!in_flight_.empty()) check_operation_time(mailbox);
  if (in_flight_.size() == before) probe_.sleep(poll_interval);
}

void LoaderClient::retire(const fh_mailbox &mailbox) {
  // Sequence numbers do not wrap: 2^32 commands of a job are out of reach.
  while (!in_flight_.empty() && in_flight_.front().sequence <= mailbox.done) {
    const std::function<void()> done = std::move(in_flight_.front().done);
    in_flight_.pop_front();
    rewrites_ = 0;
    if (done) done();
  }
}

}  // namespace flashhost
