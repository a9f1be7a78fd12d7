// Makes zip archives, byte by byte: also such as no program would write.
#pragma once

#include <flashhost/types.hpp>

#include <zlib.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace flashhost::test {

struct ZipEntry {
  std::string name;
  Bytes content;
  bool deflate = false;
  std::uint16_t flags = 0;    // bit 0: encrypted
  int method = -1;            // other than what is done
  std::int64_t claimed = -1;  // size, other than the true one
  std::uint32_t crc_error = 0;
};

class ZipMaker {
 public:
  ZipMaker &add(ZipEntry entry) {
    entries_.push_back(std::move(entry));
    return *this;
  }
  ZipMaker &add(const std::string &name, const std::string &text) {
    return add({.name = name, .content = Bytes(text.begin(), text.end())});
  }

  [[nodiscard]] Bytes make() const {
    Bytes file;
    Bytes directory;
    for (const ZipEntry &entry : entries_) {
      const Bytes packed = entry.deflate ? deflated(entry.content) : entry.content;
      Bytes fields;  // those that local header and directory share
      put(fields, 20, 2);
      put(fields, entry.flags, 2);
      put(fields,
          static_cast<std::uint64_t>(entry.method >= 0 ? entry.method
                                     : entry.deflate   ? 8
                                                       : 0),
          2);
      put(fields, 0x58210000, 4);
      put(fields,
          crc32(0, entry.content.data(), static_cast<uInt>(entry.content.size())) ^ entry.crc_error,
          4);
      put(fields, packed.size(), 4);
      put(fields,
          entry.claimed >= 0 ? static_cast<std::uint64_t>(entry.claimed) : entry.content.size(), 4);
      put(fields, entry.name.size(), 2);
      put(fields, 0, 2);
      put(directory, 0x02014B50, 4);
      put(directory, 20, 2);
      append(directory, fields);
      put(directory, 0, 10);
      put(directory, file.size(), 4);
      append(directory, Bytes(entry.name.begin(), entry.name.end()));
      put(file, 0x04034B50, 4);
      append(file, fields);
      append(file, Bytes(entry.name.begin(), entry.name.end()));
      append(file, packed);
    }
    const std::size_t start = file.size();
    append(file, directory);
    put(file, 0x06054B50, 4);
    put(file, 0, 4);
    put(file, entries_.size(), 2);
    put(file, entries_.size(), 2);
    put(file, directory.size(), 4);
    put(file, start, 4);
    put(file, 0, 2);
    return file;
  }

 private:
  static void put(Bytes &to, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) {
      to.push_back(i < 8 ? static_cast<std::uint8_t>(value >> 8 * i) : std::uint8_t{0});
    }
  }
  static void append(Bytes &to, const Bytes &bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
  }

  static Bytes deflated(const Bytes &content) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
    Bytes packed(deflateBound(&stream, static_cast<uLong>(content.size())));
    stream.next_in = const_cast<Bytef *>(content.data());
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
  }

  std::vector<ZipEntry> entries_;
};

}  // namespace flashhost::test
