// What the loader is to program, packed where the link is slower than the flash.
#include "loader_client.hpp"
#include "loaders/unpack/unpack.inc"

#include <algorithm>
#include <array>
#include <cstring>

namespace flashhost {

using namespace std::chrono_literals;

namespace {

// What unpacking costs the target: for its codes, however small the block is, and for each byte
// that comes out.
struct Cycles {
  std::int64_t codes = 0, byte = 0;
};
constexpr Cycles typical{70'000, 90}, most{200'000, 400};
// A gain smaller than this part of the time is not worth it: both times are estimates.
constexpr std::int64_t least_part = 10;
constexpr std::int64_t kib = 1024;
// A byte by SWD at 480 kHz takes 24 us. Flash that is slower than that never waits for a usual
// wire: there, the RAM is of more use for slots.
constexpr Nanoseconds slow_flash = 20us;

Nanoseconds unpacking_time(const Cycles &cycles, std::uint32_t length, std::uint32_t clock_hz) {
  return Nanoseconds{1s} * (cycles.codes + length * cycles.byte) / clock_hz;
}

}  // namespace

// Without what each transfer costs, however small it is: that is the time of a look.
Nanoseconds LoaderClient::kib_time(std::size_t bytes, Nanoseconds took) const {
  const Nanoseconds look = look_time_ == Nanoseconds::max() ? 0ns : look_time_;
  return std::max(took - look, 0ns) * kib / static_cast<std::int64_t>(bytes);
}

Nanoseconds LoaderClient::wire_time(std::size_t bytes) const {
  return kib_time_.value_or(guessed_kib_time_) * static_cast<std::int64_t>(bytes) / kib;
}

// How fast an algorithm unpacks that knows nothing of ticks is not known: nor is its clock.
bool LoaderClient::may_pack() const {
  return packer_ && code_.ticks && chip_.program_typical < chip_.program_unit * slow_flash;
}

// While one block is sent, the one before it is unpacked and programmed.
Bytes LoaderClient::packed(const Request &request, std::uint64_t coming) {
  if (!packer_ || request.length % 4 != 0) return {};
  const Nanoseconds flash = typical_time(request), plain = wire_time(request.length);
  if (plain <= flash) return {};
  Bytes payload = packer_->pack(request.address, request.payload);
  if (payload.empty()) return {};
  const Nanoseconds time = std::max(
      wire_time(payload.size()), flash + unpacking_time(typical, request.length, code_.clock_hz));
  const Nanoseconds gain = plain - time;
  if (gain * least_part < plain) return {};
  if (!has_unpacker_) {
    const auto blocks = static_cast<std::int64_t>(coming / request.length);
    const Nanoseconds loading = 2 * wire_time(std::size(unpack_blob::code));  // and reading it back
    if (blocks * gain < loading) return {};
    load_unpacker();
  }
  return payload;
}

void LoaderClient::load_unpacker() {
  write_confirmed(layout_.unpacker, unpack_blob::code);
  const std::array<std::uint32_t, 2> fields{(layout_.unpacker + unpack_blob::entry) | 1,
                                            layout_.unpacked};
  static_assert(offsetof(fh_mailbox, unpacked) == offsetof(fh_mailbox, unpack) + 4);
  Bytes bytes(sizeof fields);
  std::memcpy(bytes.data(), fields.data(), bytes.size());
  write_confirmed(layout_.mailbox + std::uint32_t{offsetof(fh_mailbox, unpack)}, bytes);
  has_unpacker_ = true;
  observer_.message(Level::debug, "the link is slower than the flash: what is sent is compressed");
}

void LoaderClient::program(std::uint32_t address, std::span<const std::uint8_t> data,
                           std::uint64_t coming, std::function<void()> done) {
  const auto length = static_cast<std::uint32_t>(data.size());
  Request request{FH_OP_PROGRAM,
                  address,
                  length,
                  data,
                  chip_.program_maximum * (length / chip_.program_unit),
                  own_time(FH_OP_PROGRAM, length),
                  longest_calls(FH_OP_PROGRAM, length)};
  const Bytes payload = packed(request, coming);
  if (!payload.empty()) {
    request.payload = payload;
    request.beside_op = FH_PACKED_SIZE(payload.size());
    request.own_time += unpacking_time(most, length, code_.clock_hz);
  }
  send(request, std::move(done));
  if (packer_) packer_->programmed(address, data);
}

}  // namespace flashhost
