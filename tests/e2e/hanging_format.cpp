// A format plugin that never comes back from parse; it says so before.
#include <flashhost/format.hpp>
#include <flashhost/plugin.hpp>

#include <unistd.h>

namespace {

using namespace flashhost;

class HangingFormat final : public Format {
 public:
  explicit HangingFormat(Host &host) : host_(host) {}

  void configure(const Settings &settings) override { settings.reject_unknown(); }
  [[nodiscard]] int recognises(std::string_view /*extension*/,
                               std::span<const std::uint8_t> /*head*/) const override {
    return 0;
  }
  [[nodiscard]] ParsedFile parse(std::span<const std::uint8_t> /*file*/,
                                 const ParseOptions & /*options*/) const override {
    host_.warning("parsing for ever");
    for (;;) ::pause();
  }

 private:
  Host &host_;
};

}  // namespace

FLASHHOST_PLUGIN(FLASHHOST_KIND_FORMAT, flashhost::Format, HangingFormat, "hanging", "1.0",
                 "never comes back")
