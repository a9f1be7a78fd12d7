#include <flashhost/error.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace {

using namespace flashhost;

class BinFormat final : public Format, public FormatWriter {
 public:
  explicit BinFormat(Host & /*host*/) {}

  void configure(const Settings &settings) override { settings.reject_unknown(); }

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
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, BinFormat, "bin", "1.0",
                 "raw binary files")
