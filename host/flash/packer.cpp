#include "packer.hpp"

#include "crc32.hpp"

#include <zlib.h>

#include <algorithm>

namespace flashhost {

namespace {

constexpr std::size_t window = std::size_t{1} << MAX_WBITS;
constexpr int raw_deflate = -MAX_WBITS;
// The first three bits where there is just one block, with fixed or dynamic codes.
constexpr std::uint8_t fixed_codes = 3, dynamic_codes = 5, header_bits = 7;

void end(z_stream *stream) {
  deflateEnd(stream);  // does nothing where it has not begun
  delete stream;
}

}  // namespace

Packer::Packer() : stream_(nullptr, end) {}

Packer::~Packer() = default;

// Ready for another block, with what it may refer to.
bool Packer::begin(std::uint32_t address) {
  if (!stream_) {
    stream_.reset(new z_stream{});
    if (deflateInit2(stream_.get(), Z_BEST_COMPRESSION, Z_DEFLATED, raw_deflate, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      return false;
    }
  }
  if (deflateReset(stream_.get()) != Z_OK) return false;
  if (address != behind_ || known_.empty()) return true;
  return deflateSetDictionary(stream_.get(), known_.data(), static_cast<uInt>(known_.size())) ==
         Z_OK;
}

Bytes Packer::pack(std::uint32_t address, std::span<const std::uint8_t> data) {
  const std::uint32_t crc = loader_crc(data);
  if (data.size() <= sizeof crc || !begin(address)) return {};
  Bytes payload(data.size());
  for (std::size_t i = 0; i < sizeof crc; ++i) {
    payload[i] = static_cast<std::uint8_t>(crc >> (8 * i));
  }
  const auto room = std::span(payload).subspan(sizeof crc);
  z_stream &stream = *stream_;
  stream.next_in = const_cast<Bytef *>(data.data());  // zlib only reads it
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = room.data();
  stream.avail_out = static_cast<uInt>(room.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return {};  // there is no room
  const int header = room.front() & header_bits;
  if (header != fixed_codes && header != dynamic_codes) return {};
  payload.resize(sizeof crc + stream.total_out);
  return payload;
}

void Packer::erased(MemoryRange range) {
  const auto size = static_cast<std::uint32_t>(known_.size());
  if (range.overlaps({behind_ - size, size})) known_.clear();
}

void Packer::programmed(std::uint32_t address, std::span<const std::uint8_t> data) {
  if (address != behind_) known_.clear();
  known_.insert(known_.end(), data.begin(), data.end());
  if (known_.size() > window) known_.erase(known_.begin(), known_.end() - window);
  behind_ = address + static_cast<std::uint32_t>(data.size());
}

}  // namespace flashhost
