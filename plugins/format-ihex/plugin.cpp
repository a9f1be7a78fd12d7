#include "ihex.hpp"

#include <flashhost/assembler.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>

#include <text_records.hpp>

namespace {

using namespace flashhost;

class IhexFormat final : public Format, public FormatWriter {
 public:
  explicit IhexFormat(Host & /*host*/) {}

  void configure(const Settings &settings) override {
    overlap_ = overlap_setting(settings);
    settings.reject_unknown();
  }

  [[nodiscard]] int recognises(std::string_view extension,
                               std::span<const std::uint8_t> head) const override {
    if (ihex::starts_with_record(head)) return 90;
    return extension == "hex" || extension == "ihex" || extension == "ihx" ? 50 : 0;
  }

  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                                 const ParseOptions &options) const override {
    if (options.address) text_records::refuse_address("Intel HEX carries its");
    return ihex::parse(file, options.stop, overlap_);
  }

  [[nodiscard]] const FormatWriter *writer() const override { return this; }
  [[nodiscard]] Bytes write(const ParsedFile &content) const override {
    return ihex::write(content);
  }

 private:
  Overlap overlap_ = Overlap::refuse;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, IhexFormat, "ihex", "1.0",
                 "Intel HEX files")
