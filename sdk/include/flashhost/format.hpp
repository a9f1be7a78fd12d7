// Format: how a file's bytes become addressed segments.
#pragma once

#include <flashhost/settings.hpp>
#include <flashhost/types.hpp>

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace flashhost {

struct ParseOptions {
  // Of the first byte, as the user or the host says; Errc::config for formats that carry addresses.
  std::optional<std::uint32_t> address;
  // The user may want to stop (Ctrl-C). A parser whose work can take longer looks at it at least
  // every 100 ms and then throws Errc::interrupted; one that only copies may ignore it.
  std::stop_token stop{};  // NOLINT(readability-redundant-member-init): may be left out
};

struct ParsedFile {
  std::vector<Segment> segments;             // ascending, not overlapping, not adjacent, none empty
  std::optional<std::uint32_t> entry_point;  // for information
  // Which chips the file says that it is for: the beginning of their names, such as "STM32F4" for
  // all STM32F4. Empty: the file does not say. A format fills it only from what stands in the file,
  // never by guessing; the host compares it with the name of the chip.
  std::string made_for{};  // NOLINT(readability-redundant-member-init): may be left out
  friend bool operator==(const ParsedFile &, const ParsedFile &) = default;
};

// The other direction, for formats that have it: `flashhost read -o FILE`.
// [any thread, one call at a time] Pure: writes no file, keeps no state.
class FormatWriter {
 public:
  FormatWriter() = default;
  FormatWriter(const FormatWriter &) = delete;
  FormatWriter &operator=(const FormatWriter &) = delete;
  virtual ~FormatWriter() = default;

  // The bytes of a file from which parse makes the same content again (given the address, if the
  // format carries none). content is as ParsedFile promises. Throws Errc::image for what the format
  // cannot express.
  [[nodiscard]] virtual Bytes write(const ParsedFile &content) const = 0;
};

// [any thread, one call at a time] Pure: reads no file, keeps no state but its settings.
class Format {
 public:
  Format() = default;
  Format(const Format &) = delete;
  Format &operator=(const Format &) = delete;
  virtual ~Format() = default;

  virtual void configure(const Settings &settings) = 0;
  // Whether files of this format carry no addresses: parse then needs ParseOptions::address. Where
  // the user gives none, the host takes the start of the chip's flash.
  [[nodiscard]] virtual bool needs_address() const { return false; }
  // How sure the format is that it can parse the file, 0 (no) to 100. A match by content counts
  // more than 50, one by extension alone at most 50. extension: lower case, without the dot. head:
  // the first up to 4096 bytes.
  [[nodiscard]] virtual int recognises(std::string_view extension,
                                       std::span<const std::uint8_t> head) const = 0;
  // Throws Errc::image with "line N: reason", or for a binary format with the block or section that
  // it is about; the host puts the file's name before it. Whatever the file contains, time and
  // memory stay in proportion to its size. A file without any data is no error here, but an empty
  // result: the host refuses it.
  [[nodiscard]] virtual ParsedFile parse(std::span<const std::uint8_t> file,
                                         const ParseOptions &options) const = 0;

  // Owned by the Format and valid as long as it is; null: this format can only be read. To offer a
  // writer, derive from both classes and return this.
  [[nodiscard]] virtual const FormatWriter *writer() const { return nullptr; }
};

}  // namespace flashhost
