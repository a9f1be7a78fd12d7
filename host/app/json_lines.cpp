#include "json_lines.hpp"

#include "output/lost_output.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace flashhost {

namespace {

void print(Stream &out, const nlohmann::json &object) {
  out.line(json_text(object));
}

double seconds(Nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// Null where nothing was done.
nlohmann::json ratio(Nanoseconds time, Nanoseconds of) {
  if (of == Nanoseconds::zero()) return nullptr;
  return seconds(time) / seconds(of);
}

const char *level_name(Level level) {
  switch (level) {
    case Level::trace:
      return "trace";
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      break;
  }
  return "error";
}

const char *action_name(Action action) {
  switch (action) {
    case Action::skip:
      return "skip";
    case Action::program:
      return "program";
    case Action::erase_and_program:
      break;
  }
  return "erase_and_program";
}

}  // namespace

std::string json_text(const nlohmann::json &object) {
  constexpr bool ensure_ascii = true;
  return object.dump(-1, ' ', ensure_ascii, nlohmann::json::error_handler_t::replace);
}

const char *verify_name(Verify verify) {
  switch (verify) {
    case Verify::crc:
      return "crc";
    case Verify::readback:
      return "readback";
    case Verify::none:
      break;
  }
  return "none";
}

JsonLines::JsonLines(Stream &out) : out_(out) {}

void JsonLines::step(std::string_view name, std::uint64_t total) {
  print(out_, {{"event", "step"}, {"name", name}, {"total_bytes", total}});
}

void JsonLines::progress(std::uint64_t done) {
  print(out_, {{"event", "progress"}, {"done_bytes", done}});
}

void JsonLines::message(Level level, const std::string &text) {
  print(out_, {{"event", "message"}, {"level", level_name(level)}, {"text", text}});
}

void JsonLines::result(const FlashReport &report, const JobNames &names, const std::string &text) {
  throw_if_lost(out_);
  print(out_, {{"event", "result"},
               {"exit_code", 0},
               {"image_bytes", report.image_bytes},
               {"programmed_bytes", report.programmed_bytes},
               {"put_back_bytes", report.put_back_bytes},
               {"erased_sectors", report.erased_sectors},
               {"mass_erase", report.mass_erase},
               {"passes", report.passes},
               {"verified", verify_name(report.verified)},
               {"seconds", seconds(report.time)},
               {"flash_seconds", seconds(report.flash_time)},
               {"floor_seconds", seconds(report.floor)},
               {"ratio_to_flash", ratio(report.time, report.flash_time)},
               {"ratio_to_floor", ratio(report.time, report.floor)},
               {"board", names.board},
               {"chip", names.chip},
               {"probe", names.probe},
               {"serial", names.serial},
               {"flash_state", name(flash.get())},
               {"text", text}});
}

void JsonLines::done(const std::string &verb, const std::string &text) {
  throw_if_lost(out_);
  print(out_, {{"event", "done"},
               {"verb", verb},
               {"exit_code", 0},
               {"flash_state", name(flash.get())},
               {"text", text}});
}

void JsonLines::plan(const Plan &plan, const Chip &chip) {
  for (const SectorPlan &sector : plan.sectors) {
    print(out_, {{"event", "sector"},
                 {"address", sector.sector.address},
                 {"size", sector.sector.size},
                 {"action", action_name(sector.action)},
                 {"guarded", sector.guarded},
                 {"keeps", sector.keeps}});
  }
  throw_if_lost(out_);
  print(out_, {{"event", "plan"},
               {"chip", chip.name},
               {"image_bytes", plan.image_bytes},
               {"programmed_bytes", plan.programmed_bytes},
               {"put_back_bytes", plan.put_back_bytes},
               {"erased_sectors", plan.erased_sectors},
               {"mass_erase", plan.mass_erase},
               {"flash_seconds", seconds(plan.flash_time())},
               {"floor_seconds", seconds(plan.floor)}});
}

void JsonLines::row(const std::string &event, const nlohmann::json &fields) {
  nlohmann::json object = fields;
  object["event"] = event;
  print(out_, object);
}

void JsonLines::option(const std::string &field, std::uint32_t value, const std::string &meaning,
                       const std::string &text) {
  print(out_, {{"event", "option"},
               {"field", field},
               {"value", value},
               {"meaning", meaning},
               {"text", text}});
}

void JsonLines::error(const Error &error) {
  const std::string_view heading = title(error.cause());
  print(out_, {{"event", "error"},
               {"exit_code", exit_code(error.code())},
               {"text", error.what()},
               {"hint", error.hint()},
               {"flash_state", name(flash.get())},
               {"see", heading.empty() ? error.cause() : heading}});
}

void JsonLines::out_of_memory(int exit_code) noexcept {
  std::array<char, 160> line{};
  const auto end = fmt::format_to_n(
      line.data(), line.size(),
      R"({{"event":"error","exit_code":{},"flash_state":"{}","hint":"","see":"","text":"out of memory"}})",
      exit_code, name(flash.get()));
  out_.line({line.data(), std::min(line.size(), end.size)});
}

}  // namespace flashhost
