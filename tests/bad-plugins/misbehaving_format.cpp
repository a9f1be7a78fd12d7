#include "misbehave.hpp"

#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>

namespace {

using namespace flashhost;

class MisbehavingFormat final : public Format, public FormatWriter {
 public:
  explicit MisbehavingFormat(Host & /*host*/) {}

  void configure(const Settings &settings) override { orders_.configure(settings); }
  [[nodiscard]] int recognises(std::string_view /*extension*/,
                               std::span<const std::uint8_t> /*head*/) const override {
    orders_.at("recognises");
    return orders_.told("recognises", "too sure") ? 101 : 0;
  }
  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> /*file*/,
                                 const ParseOptions & /*options*/) const override {
    orders_.at("parse");
    if (orders_.told("parse", "overlap")) return {{{0x100, Bytes(4)}, {0x102, Bytes(4)}}, {}};
    return {};
  }
  [[nodiscard]] const FormatWriter *writer() const override {
    orders_.at("writer");
    return this;
  }
  [[nodiscard]] Bytes write(const ParsedFile & /*content*/) const override {
    orders_.at("write");
    return {};
  }

 private:
  misbehaving::Orders orders_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, MisbehavingFormat, "misbehaving", "1.0",
                 "throws where it is told to")
