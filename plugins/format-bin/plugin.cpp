#include <flashhost/error.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <ihex.hpp>
#include <srec.hpp>

#include <algorithm>
#include <string_view>

namespace {

using namespace flashhost;

bool begins_with(std::span<const std::uint8_t> file, std::string_view text) {
  return file.size() >= text.size() &&
         std::equal(text.begin(), text.end(), file.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// What the file is if it is clearly none; empty: nothing is against it. A firmware begins with the
// initial stack pointer, an address in RAM: none of these is one.
std::string_view other_format(std::span<const std::uint8_t> file) {
  constexpr std::size_t first_line = 4096;
  if (begins_with(file,
                  "\x7f"
                  "ELF")) {
    return "an ELF file";
  }
  if (begins_with(file, "UF2\nWQ]\x9e")) return "a UF2 file";
  const auto head = file.first(std::min(file.size(), first_line));
  if (ihex::starts_with_record(head)) return "an Intel HEX file";
  if (srec::starts_with_record(head)) return "an S-record file";
  return {};
}

class BinFormat final : public Format, public FormatWriter {
 public:
  explicit BinFormat(Host & /*host*/) {}

  void configure(const Settings &settings) override {
    raw_ = settings.boolean("raw").value_or(false);
    settings.reject_unknown();
  }

  [[nodiscard]] bool needs_address() const override { return true; }

  [[nodiscard]] int recognises(std::string_view extension,
                               std::span<const std::uint8_t> /*head*/) const override {
    return extension == "bin" ? 50 : 0;
  }

  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                                 const ParseOptions &options) const override {
    if (!options.address) {
      throw Error(
          Errc::config, "a raw binary carries no address, and none is given",
          "Add the address of its first byte to this [[image]], for example address = 0x08000000.");
    }
    const std::string_view other = raw_ ? std::string_view() : other_format(file);
    if (!other.empty()) {
      throw Error(Errc::image,
                  fmt::format("it is {}, and would be written as it is, as a raw binary", other),
                  "Leave out format and address: flashhost then recognises the file, which carries "
                  "its own addresses. If its very bytes are wanted in the flash: [image.settings] "
                  "raw = true.");
    }
    const std::uint32_t address = *options.address;
    if (file.size() > (std::uint64_t{1} << 32) - address) {
      throw Error(Errc::image, fmt::format("{} at {} reach beyond the 32-bit address space",
                                           format_size(file.size()), hex(address)));
    }
    if (file.empty()) return {};
    return {{{address, Bytes(file.begin(), file.end())}}, {}};
  }

  [[nodiscard]] const FormatWriter *writer() const override { return this; }

  [[nodiscard]] Bytes write(const ParsedFile &content) const override {
    if (content.segments.empty()) return {};
    if (content.segments.size() == 1) return content.segments.front().data;
    throw Error(Errc::image,
                fmt::format("a raw binary has no place for a gap, but nothing is known between {} "
                            "and {}",
                            hex(static_cast<std::uint32_t>(content.segments[0].end())),
                            hex(content.segments[1].address)),
                "Write each part to a file of its own, or use a format that carries addresses.");
  }

 private:
  bool raw_ = false;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, BinFormat, "bin", "1.0",
                 "raw binary files")
