#include "plugin/guard.hpp"
#include "plugin/guarded.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

#include <utility>

namespace flashhost {

namespace {

class GuardedFormat final : public Format, private FormatWriter {
 public:
  explicit GuardedFormat(std::shared_ptr<LoadedPlugin> plugin) : guard_(std::move(plugin)) {}

  void configure(const Settings &settings) override {
    guard_.call("configure", [&] { format().configure(settings); });
  }
  bool needs_address() const override {
    return guard_.call("needs_address", [&] { return format().needs_address(); });
  }
  int recognises(std::string_view extension, std::span<const std::uint8_t> head) const override {
    const int sureness = guard_.call(
        "recognises", [&] { return format().recognises(extension, head); },
        [&] { return fmt::format("\"{}\", {}", extension, format_size(head.size())); });
    if (sureness < 0 || sureness > 100) {
      guard_.broken("recognises", fmt::format("it answered {}, not 0 to 100", sureness));
    }
    return sureness;
  }
  ParsedFile parse(std::span<const std::uint8_t> file, const ParseOptions &options) const override {
    ParsedFile parsed = guard_.call(
        "parse", [&] { return format().parse(file, options); },
        [&] { return format_size(file.size()); });
    if (const auto what = violation(parsed)) guard_.broken("parse", *what);
    return parsed;
  }
  const FormatWriter *writer() const override {
    return plugins_writer() == nullptr ? nullptr : this;
  }

 private:
  Bytes write(const ParsedFile &content) const override {
    const FormatWriter *writer = plugins_writer();
    if (writer == nullptr)
      guard_.broken("writer", "it returned null, but had returned an object before");
    return guard_.call(
        "write", [&] { return writer->write(content); },
        [&] { return fmt::format("{} segments", content.segments.size()); });
  }
  [[nodiscard]] const FormatWriter *plugins_writer() const {
    return guard_.call("writer", [&] { return format().writer(); });
  }
  [[nodiscard]] Format &format() const { return guard_.plugin().object<Format>(); }

  Guard guard_;
};

}  // namespace

std::shared_ptr<Format> guarded_format(std::shared_ptr<LoadedPlugin> plugin) {
  return std::make_shared<GuardedFormat>(std::move(plugin));
}

std::optional<std::string> violation(const ParsedFile &parsed) {
  std::uint64_t end = 0;
  bool first = true;
  for (const Segment &segment : parsed.segments) {
    if (segment.data.empty())
      return fmt::format("the segment at {} is empty", hex(segment.address));
    if (segment.end() > (std::uint64_t{1} << 32)) {
      return fmt::format("the segment at {} ends beyond the address space", hex(segment.address));
    }
    if (!first && segment.address <= end) {
      return fmt::format("the segment at {} {} the one before it", hex(segment.address),
                         segment.address == end ? "touches" : "overlaps or precedes");
    }
    end = segment.end();
    first = false;
  }
  return std::nullopt;
}

}  // namespace flashhost
