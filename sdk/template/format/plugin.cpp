// format-acme: a file whose first four bytes are the address (little-endian) of the rest.
#include <flashhost/error.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>

namespace {

using namespace flashhost;

constexpr std::size_t header_size = 4;

class AcmeFormat final : public Format {
 public:
  // The host outlives this object; it is there for messages: host.debug("{} bytes", n).
  explicit AcmeFormat(Host & /*host*/) {}

  // This format has no settings. A key that nobody asked for is a mistake in the board file.
  void configure(const Settings &settings) override { settings.reject_unknown(); }

  // There is no magic number to go by, so the extension alone decides: at most 50.
  [[nodiscard]] int recognises(std::string_view extension,
                               std::span<const std::uint8_t> /*head*/) const override {
    return extension == "acme" ? 50 : 0;
  }

  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                                 const ParseOptions &options) const override {
    if (options.address) {
      throw Error(Errc::image, "an ACME file carries its own address",
                  "Remove `address` from this [[image]].");
    }
    if (file.size() < header_size) {
      throw Error(Errc::image,
                  fmt::format("the file has {} bytes, but its address alone takes {}", file.size(),
                              header_size),
                  "It is cut off, or no ACME file.");
    }
    std::uint32_t address = 0;
    for (std::size_t i = 0; i < header_size; ++i) address |= std::uint32_t{file[i]} << (8 * i);
    const auto data = file.subspan(header_size);
    if (address + std::uint64_t{data.size()} > std::uint64_t{1} << 32) {
      throw Error(Errc::image,
                  fmt::format("{} bytes at {} reach beyond the 32-bit address space", data.size(),
                              hex(address)),
                  "The first four bytes are probably no address.");
    }
    if (data.empty()) return {};
    return {{{address, Bytes(data.begin(), data.end())}}, std::nullopt};
  }
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, AcmeFormat, "acme", "1.0",
                 "address, then bytes (the SDK's template)")
