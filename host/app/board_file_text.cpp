#include "board_file_text.hpp"

#include "output/harmless.hpp"

#include <flashhost/error.hpp>
#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace flashhost {

namespace {

// What JSON writes for booleans, numbers, strings and lists of strings is TOML, too.
template <class Value>
std::string toml(const Value &value) {
  try {
    return nlohmann::json(value).dump();
  } catch (const nlohmann::json::type_error &) {
    throw Error(Errc::usage, "a text is not UTF-8, and cannot stand in a board file",
                "Give the file or the board another name.");
  }
}

std::string frequency(std::uint32_t hz) {
  constexpr std::uint32_t kilo = 1000;
  if (hz % (kilo * kilo) == 0) return fmt::format("{}MHz", hz / kilo / kilo);
  return hz % kilo == 0 ? fmt::format("{}kHz", hz / kilo) : fmt::format("{}Hz", hz);
}

std::string size(std::uint32_t bytes) {
  constexpr std::uint32_t kib = 1024;
  return bytes % kib == 0 ? toml(fmt::format("{}K", bytes / kib)) : toml(bytes);
}

class Text {
 public:
  void comment(const std::string &text) { text_ += "# " + harmless(text) + "\n"; }
  void remark(const std::string &text) {
    if (!text.empty()) comment(text);
  }
  void table(const std::string &name) { text_ += "\n[" + name + "]\n"; }
  void key(const std::string &name, const std::string &value) {
    text_ += name + " = " + value + "\n";
  }
  // Without a value as a comment, with the example or default.
  void key(const std::string &name, const std::optional<std::string> &value,
           const std::string &otherwise) {
    if (!value) text_ += "# ";
    key(name, value.value_or(otherwise));
  }
  void settings(const std::string &name, const Settings &settings) {
    if (settings.all().empty()) return;
    table(name);
    for (const Setting &setting : settings.all()) {
      key(toml(setting.key),
          std::visit([](const auto &value) { return toml(value); }, setting.value));
    }
  }
  void line(const std::string &text) { text_ += text + "\n"; }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

template <class T, class Write>
std::optional<std::string> written(const std::optional<T> &value, Write write) {
  return value ? std::optional<std::string>(write(*value)) : std::nullopt;
}

void add_transport(Text &text, const BoardFacts &facts) {
  const config::TransportConfig &transport = facts.config.transport;
  const auto quoted = [](const std::string &value) { return toml(value); };
  text.table("transport");
  text.comment("The probe: " + facts.probe + ".");
  text.key("plugin", written(transport.plugin, quoted), R"("ID")");
  text.remark(facts.probe_remark);
  if (transport.usb) {
    text.key("usb", toml(*transport.usb));
  } else {
    text.key("serial", written(transport.serial, quoted), R"("0123ABCD")");
  }
  text.comment("Clock of the debug connection. Default: the fastest that probe and chip support.");
  text.key("speed",
           written(transport.speed_hz, [](std::uint32_t hz) { return toml(frequency(hz)); }),
           R"("1MHz")");
  text.comment(
      "\"attach\" leaves the running chip alone, \"under-reset\" holds its reset pin, \"auto\" "
      "tries both.");
  std::optional<std::string> connect;
  if (transport.connect == Connect::attach) connect = R"("attach")";
  if (transport.connect == Connect::under_reset) connect = R"("under-reset")";
  text.key("connect", connect, R"("auto")");
  text.comment("Supply of the chip in volts. Default: what the probe measures.");
  text.key("voltage", written(transport.millivolts, [](int value) { return toml(value / 1000.0); }),
           "3.3");
  text.settings("transport.settings", transport.settings);
}

void add_family(Text &text, const BoardFacts &facts) {
  const config::FamilyConfig &family = facts.config.family;
  const auto quoted = [](const std::string &value) { return toml(value); };
  text.table("family");
  text.comment("The family of the chip.");
  text.key("plugin", written(family.plugin, quoted), R"("ID")");
  text.comment("The chip; any other one is an error.");
  text.remark(facts.chip_remark);
  text.key("chip", written(family.chip, quoted), toml(facts.chip));
  text.comment("Size of its flash. Default: what the chip reports.");
  text.key("flash_size", written(family.flash_size, size), R"("128K")");
  text.settings("family.settings", family.settings);
}

void add_image(Text &text, const std::vector<config::ImageConfig> &images) {
  const bool has_one = !images.empty();
  const std::optional<std::string> file =
      has_one ? std::optional(toml(images.front().file.string())) : std::nullopt;
  text.line("");
  text.comment(
      "The firmware: FILEs on the command line take its place. The path starts from this file's "
      "folder.");
  text.line(has_one ? "[[image]]" : "# [[image]]");
  text.key("file", file, R"("build/app.elf")");
  text.comment("Where the first byte of a raw binary goes. Default: the start of the flash.");
  text.key("address", has_one ? written(images.front().address, hex) : std::optional<std::string>(),
           "0x08000000");
}

void add_flash(Text &text) {
  text.table("flash");
  text.comment(R"("sectors", "mass", or "auto": what is faster and loses nothing.)");
  text.key("erase", std::nullopt, R"("auto")");
  text.comment("Keep what the image does not cover.");
  text.key("preserve", std::nullopt, "true");
  text.comment(R"("crc": checksums made on the chip; "readback": every byte; or "none".)");
  text.key("verify", std::nullopt, R"("crc")");
  text.comment(R"(Afterwards: "run", "halt", or "none": no reset, before the job either.)");
  text.key("reset", std::nullopt, R"("run")");
  text.comment("Lift a protection that is in the way, even if that erases the flash.");
  text.key("unlock", std::nullopt, "false");
  text.comment("Program the vectors last: a half-written board does not start.");
  text.key("guard", std::nullopt, "true");
  text.comment("Compress what is sent where the link is slower than the flash.");
  text.key("compress", std::nullopt, "true");
  text.comment("Doubts about the image are errors, not warnings.");
  text.key("strict", std::nullopt, "false");
}

}  // namespace

std::string board_file_text(const BoardFacts &facts) {
  Text text;
  text.comment("A board file of flashhost, written by `flashhost init`. Keys behind a # have the");
  text.comment("default or an example: remove the # to set them.");
  text.comment("All of them are explained in docs/board-toml.md.");
  text.table("board");
  text.comment("For messages.");
  text.key("name", toml(facts.config.board));
  add_transport(text, facts);
  add_family(text, facts);
  add_image(text, facts.config.images);
  add_flash(text);
  return std::move(text).text();
}

ChipNames chip_names(const Chip &found, std::span<const Part> parts, FlashSize size) {
  ChipNames names;
  const auto known = find_chip(parts, found.name);
  const bool any_size = size == FlashSize::given || found.size_doubt;
  const auto used = [&](const Chip &part) {
    return found.size_limit ? std::min(part.flash.size, found.size_limit->size) : part.flash.size;
  };
  const bool is_die = known && known->device_id == found.device_id;
  const bool is_known = is_die && used(*known) == found.flash.size;
  const std::uint32_t sold = is_known ? known->flash.size : found.flash.size;
  std::vector<Part> fitting(parts.begin(), parts.end());
  std::erase_if(fitting, [&](const Part &part) {
    return part.chip.device_id != found.device_id || (!any_size && part.chip.flash.size != sold);
  });
  names.parts = part_names(fitting);
  if (size == FlashSize::given ? is_die : is_known && !found.size_doubt) {
    names.common = found.name;
    if (names.parts.size() > 1) {
      names.remark = fmt::format("The chip says no more of its name than {}.", found.name);
    }
  } else {
    names.remark =
        fmt::format("Not named, since the size of its flash is not sure: {}.",
                    found.size_doubt ? found.size_doubt->reason
                                     : fmt::format("no part has just the {} that it reports",
                                                   format_size(found.flash.size)));
  }
  return names;
}

}  // namespace flashhost
