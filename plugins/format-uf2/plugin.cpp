#include "families.hpp"
#include "uf2.hpp"

#include <flashhost/error.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>
#include <flashhost/text.hpp>

#include <optional>

namespace {

using namespace flashhost;

class Uf2Format final : public Format, public FormatWriter {
 public:
  explicit Uf2Format(Host & /*host*/) {}

  void configure(const Settings &settings) override {
    family_.reset();
    if (const auto text = settings.text("family")) {
      family_ = text->starts_with("0x") ? parse_address(*text) : uf2::family_id(*text);
      if (!family_) {
        settings.reject("family",
                        "it is no known family, such as \"STM32F4\", and no id, such as "
                        "\"0x57755a57\"");
      }
    }
    settings.reject_unknown();
  }

  [[nodiscard]] int recognises(std::string_view extension,
                               std::span<const std::uint8_t> head) const override {
    if (uf2::starts_with_block(head)) return 100;
    return extension == "uf2" ? 50 : 0;
  }

  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                                 const ParseOptions &options) const override {
    if (options.address) {
      throw Error(Errc::config, "an address is given, but UF2 carries its own addresses",
                  "Remove address from this [[image]].");
    }
    return uf2::parse(file, family_, options.stop);
  }

  [[nodiscard]] const FormatWriter *writer() const override { return this; }
  [[nodiscard]] Bytes write(const ParsedFile &content) const override {
    return uf2::write(content);
  }

 private:
  std::optional<std::uint32_t> family_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, Uf2Format, "uf2", "1.0",
                 "UF2 files, as boot loaders with a USB drive take them")
