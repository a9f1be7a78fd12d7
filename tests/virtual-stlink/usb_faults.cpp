#include "usb_faults.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace virtual_stlink {

namespace {

using target_model::Nanoseconds;

enum class Value : std::uint8_t { none, number, number_and_time, number_and_optional_time };

struct Parsed {
  std::uint64_t number = 0;
  std::optional<Nanoseconds> time;
};

struct Row {
  std::string_view name;
  Value value;
  std::string_view meaning;
  void (*apply)(UsbFaults &, const Parsed &);
};

constexpr Row rows[] = {
    {"usb_unplug_at", Value::number_and_optional_time,
     "with the N-th transfer the probe is unplugged; with :MS it is back after so many "
     "milliseconds, at another device number",
     [](UsbFaults &f, const Parsed &p) {
       f.unplug_at = p.number;
       f.replug_after = p.time;
     }},
    {"usb_stall_at", Value::number, "the N-th transfer stalls its endpoint",
     [](UsbFaults &f, const Parsed &p) { f.stall_at = p.number; }},
    {"usb_short_reply_at", Value::number, "the first reply from the N-th transfer on is cut short",
     [](UsbFaults &f, const Parsed &p) { f.short_reply_at = p.number; }},
    {"usb_garbage_reply_at", Value::number,
     "the first reply from the N-th transfer on has random content",
     [](UsbFaults &f, const Parsed &p) { f.garbage_reply_at = p.number; }},
    {"usb_no_reply_at", Value::number, "the first reply from the N-th transfer on never comes",
     [](UsbFaults &f, const Parsed &p) { f.no_reply_at = p.number; }},
    {"usb_late_reply_at", Value::number_and_time,
     "the first reply from the N-th transfer on comes MS milliseconds late",
     [](UsbFaults &f, const Parsed &p) {
       f.late_reply_at = p.number;
       f.late_by = *p.time;
     }},
    {"busy", Value::none, "another program has claimed the probe",
     [](UsbFaults &f, const Parsed &) { f.busy = true; }},
    {"no_permission", Value::none, "only root may open the probe",
     [](UsbFaults &f, const Parsed &) { f.no_permission = true; }},
};

std::string_view shape(Value value) {
  switch (value) {
    case Value::none:
      return "";
    case Value::number:
      return "=N";
    case Value::number_and_time:
      return "=N:MS";
    case Value::number_and_optional_time:
      break;
  }
  return "=N[:MS]";
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) return {};
  return value;
}

std::optional<Parsed> parse(std::string_view text, Value value) {
  if (value == Value::none) return text.empty() ? std::optional(Parsed{}) : std::nullopt;
  const std::size_t colon = text.find(':');
  const bool has_time = colon != std::string_view::npos;
  if (has_time ? value == Value::number : value == Value::number_and_time) return {};
  const auto count = number(text.substr(0, colon));
  if (!count) return {};
  Parsed parsed{*count, {}};
  if (has_time) {
    const auto time = number(text.substr(colon + 1));
    if (!time) return {};
    parsed.time = std::chrono::milliseconds(*time);
  }
  return parsed;
}

}  // namespace

std::vector<UsbFaultName> usb_fault_names() {
  std::vector<UsbFaultName> names;
  for (const Row &row : rows) {
    names.push_back({std::string(row.name).append(shape(row.value)), std::string(row.meaning)});
  }
  return names;
}

UsbFaults take_usb_faults(std::vector<std::string> &faults) {
  UsbFaults result;
  std::erase_if(faults, [&](const std::string &fault) {
    const std::size_t equals = fault.find('=');
    const std::string name = fault.substr(0, equals);
    const auto *const row = std::ranges::find(rows, name, &Row::name);
    if (row == std::end(rows)) return false;
    const std::string value = equals == std::string::npos ? "" : fault.substr(equals + 1);
    const auto parsed = parse(value, row->value);
    if (!parsed) {
      throw std::invalid_argument("fault '" + fault + "': write it as " +
                                  std::string(row->name).append(shape(row->value)) +
                                  ", with N and MS from 1");
    }
    row->apply(result, *parsed);
    return true;
  });
  return result;
}

}  // namespace virtual_stlink
