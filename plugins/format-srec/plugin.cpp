#include "srec.hpp"

#include <flashhost/assembler.hpp>
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>

#include <text_records.hpp>

#include <algorithm>
#include <array>

namespace {

using namespace flashhost;

constexpr auto extensions =
    std::to_array<std::string_view>({"s19", "s28", "s37", "srec", "mot", "s", "mhx"});

class SrecFormat final : public Format, public FormatWriter {
 public:
  explicit SrecFormat(Host & /*host*/) {}

  void configure(const Settings &settings) override {
    overlap_ = overlap_setting(settings);
    settings.reject_unknown();
  }

  [[nodiscard]] int recognises(std::string_view extension,
                               std::span<const std::uint8_t> head) const override {
    if (srec::starts_with_record(head)) return 90;
    return std::find(extensions.begin(), extensions.end(), extension) != extensions.end() ? 50 : 0;
  }

  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> file,
                                 const ParseOptions &options) const override {
    if (options.address) text_records::refuse_address("S-records carry their");
    return srec::parse(file, options.stop, overlap_);
  }

  [[nodiscard]] const FormatWriter *writer() const override { return this; }
  [[nodiscard]] Bytes write(const ParsedFile &content) const override {
    return srec::write(content);
  }

 private:
  Overlap overlap_ = Overlap::refuse;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, SrecFormat, "srec", "1.0",
                 "Motorola S-record files")
