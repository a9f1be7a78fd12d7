#include "loader_client.hpp"

#include "stop.hpp"

#include <flashhost/error.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

// While the flash is busy, so much passes between the end of a poll and the next one. Commands
// without a time limit (CRC, FINISH) are polled that often, counted from the beginning of a poll.
constexpr Nanoseconds poll_interval = 1ms;
// Between two looks at all that the agent says of itself, and not more often than every so many
// polls. In between only `done` is read, which takes the probe one round trip less.
constexpr Nanoseconds look_interval = 30ms;
constexpr int polls_per_look = 6;
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
Nanoseconds LoaderClient::typical_time(const Request &request) const {
  if (request.op == FH_OP_ERASE_ALL) return chip_.mass_erase_typical;
  if (request.op == FH_OP_ERASE) {
    const auto sector = std::ranges::find(chip_.sectors, request.address, &Sector::address);
    if (sector == chip_.sectors.end()) return 0ns;
    return request.length / sector->size * sector->erase_typical;
  }
  if (request.op != FH_OP_PROGRAM) return 0ns;
  const bool is_faster = mass_erased_ && chip_.program_after_mass_erase > 0ns;
  return (is_faster ? chip_.program_after_mass_erase : chip_.program_typical) *
         (request.length / chip_.program_unit);
}

void LoaderClient::write_slot(const Command &command) {
  const std::uint32_t end =
      layout_.trailer_of(command.sequence) + std::uint32_t{sizeof(fh_trailer)};
  const Nanoseconds asked = probe_.now();
  probe_.write_memory(end - static_cast<std::uint32_t>(command.block.size()), command.block,
                      Width::word);
  if (command.block.size() >= smallest_measured) {
    const Nanoseconds now = kib_time(command.block.size(), probe_.now() - asked);
    kib_time_ = std::min(now, kib_time_.value_or(now));
  }
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
  send({op, address, length, payload, maximum, own_time(op, length), longest_calls(op, length), 0},
       std::move(done));
}

void LoaderClient::send(const Request &request, std::function<void()> done) {
  if (is_finishing_) {
    throw Error(Errc::internal, "a command for the loader behind its last one",
                "This is a bug in flashhost: please report it.");
  }
  const bool erases = request.op == FH_OP_ERASE || request.op == FH_OP_ERASE_ALL;
  if (packer_ && erases) packer_->erased({request.address, request.length});
  while (in_flight_.size() >= layout_.slot_count) poll();
  if (in_flight_.empty()) front_since_ = probe_.now();
  const std::uint32_t sequence = next_sequence_++;
  const std::uint32_t op = request.op | request.beside_op;
  in_flight_.push_back(
      {encode_command(op, request.address, request.length, request.payload, sequence), sequence,
       request.address, request.maximum, request.own_time, longest_silence(request.op),
       function_of(request.op), longest_init(), request.calls, std::move(done)});
  write_slot(in_flight_.back());
  observer_.flash_given(typical_time(request));
  mass_erased_ = mass_erased_ || request.op == FH_OP_ERASE_ALL;
}

void LoaderClient::erase(const Sector &first, std::uint32_t count) {
  const std::uint32_t length = count * first.size;
  Request request{FH_OP_ERASE,
                  first.address,
                  length,
                  {},
                  count * first.erase_maximum,
                  own_time(FH_OP_ERASE, length),
                  count * longest_calls(FH_OP_ERASE, first.size)};
  if (count > 1) request.beside_op = FH_SECTOR_SIZE(first.size);
  send(request, {});
}

void LoaderClient::drain() {
  while (!in_flight_.empty()) poll();
}

std::uint32_t LoaderClient::ask(fh_op op, std::span<const MemoryRange> ranges) {
  std::vector<fh_range> all;
  all.reserve(ranges.size());
  for (const MemoryRange &range : ranges) all.push_back({range.address, range.size});
  const std::span<const std::uint8_t> bytes{reinterpret_cast<const std::uint8_t *>(all.data()),
                                            all.size() * sizeof(fh_range)};
  const auto size = static_cast<std::uint32_t>(bytes.size());
  submit(op, 0, size, bytes, 0ns);
  return layout_.trailer_of(next_sequence_ - 1) - size;
}

void LoaderClient::expect_query_and_finish(fh_op op, const std::vector<MemoryRange> &ranges) {
  if (ranges.size() > ranges_per_query()) return;
  expected_ = {ranges, ask(op, ranges)};
  send_finish();
}

std::vector<fh_result> LoaderClient::query(fh_op op, const std::vector<MemoryRange> &ranges,
                                           const std::function<void()> &meanwhile) {
  const bool is_asked = expected_ && expected_->ranges == ranges;
  std::vector<fh_result> results(ranges.size());
  std::span<const MemoryRange> rest(ranges);
  for (std::size_t first = 0; first < ranges.size();) {
    const auto part = rest.subspan(first, std::min(ranges_per_query(), rest.size() - first));
    const std::uint32_t address = is_asked ? expected_->answer : ask(op, part);
    while (!in_flight_.empty()) {
      if (meanwhile) meanwhile();
      poll();
    }
    Bytes answer(part.size() * sizeof(fh_result));
    probe_.read_memory(address, answer, Width::word);
    std::memcpy(&results[first], answer.data(), answer.size());
    first += part.size();
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

void LoaderClient::send_finish() {
  submit(FH_OP_FINISH, 0, 0, {}, 0ns);
  is_finishing_ = true;
}

void LoaderClient::finish() {
  if (!is_finishing_) send_finish();
  drain();
}

void LoaderClient::poll() {
  throw_if_stopped(stop_);
  const Nanoseconds asked = probe_.now();
  const std::size_t before = in_flight_.size();
  if (asked - looked_ >= std::max(look_interval, polls_per_look * poll_time_) || is_late(asked)) {
    look(asked);
    looked_ = probe_.now();
  } else {
    retire(probe_.read_word(layout_.mailbox + std::uint32_t{offsetof(fh_mailbox, done)}));
    poll_time_ = probe_.now() - asked;
  }
  if (in_flight_.size() != before) return;
  const bool is_for_flash = !in_flight_.empty() && in_flight_.front().maximum != 0ns;
  const Nanoseconds since = is_for_flash ? 0ns : probe_.now() - asked;
  if (since < poll_interval) probe_.sleep(poll_interval - since);
}

// By the host's time, so that is for the loader to confirm.
bool LoaderClient::is_late(Nanoseconds now) const {
  if (in_flight_.empty()) return false;
  const Command &command = in_flight_.front();
  return command.maximum != 0ns && now - front_since_ > command.maximum + command.own_time;
}

void LoaderClient::look(Nanoseconds asked) {
  fh_mailbox mailbox = read_mailbox();
  if (mailbox.magic != FH_LOADER_MAGIC) fail_silent(mailbox);
  retire(mailbox.done);
  if (!in_flight_.empty() && has_failed(mailbox)) fail(mailbox);
  // Rejected, or not even seen: then the sequence word itself arrived damaged.
  const bool waits = mailbox.state == FH_STATE_BAD_SLOT || mailbox.state == FH_STATE_IDLE;
  if (waits && !in_flight_.empty()) rewrite_slot(in_flight_.front());
  check_heartbeat(mailbox, asked);
  if (!in_flight_.empty()) check_operation_time(mailbox);
}

void LoaderClient::retire(std::uint32_t done) {
  if (done >= next_sequence_) return;  // a damaged reading, or the RAM was overwritten
  // Sequence numbers do not wrap: 2^32 commands of a job are out of reach.
  while (!in_flight_.empty() && in_flight_.front().sequence <= done) {
    const std::function<void()> then = std::move(in_flight_.front().done);
    in_flight_.pop_front();
    front_since_ = probe_.now();
    rewrites_ = 0;
    if (then) then();
  }
  observer_.flash_left(in_flight_.size());
}

}  // namespace flashhost
