#include "probe_faults.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace flashhost::sim {

namespace {

using machine::Nanoseconds;

struct Parsed {
  std::uint64_t number = 0;
  std::optional<std::uint64_t> second;

  [[nodiscard]] std::optional<Nanoseconds> time() const {
    if (!second) return {};
    return std::chrono::milliseconds(*second);
  }
};

struct Row {
  std::string_view name;
  std::string_view value;  // its form: "", "=N", "=N:MS" or "=N[:...]"
  std::string_view meaning;
  void (*apply)(ProbeFaults &, const Parsed &);
};

constexpr Row rows[] = {
    {"usb_unplug_at", "=N[:MS]",
     "with the N-th transfer the probe is unplugged; with :MS it is back after so many "
     "milliseconds, at another device number",
     [](ProbeFaults &f, const Parsed &p) {
       f.usb.unplug_at = p.number;
       f.usb.replug_after = p.time();
     }},
    {"usb_stall_at", "=N", "the N-th transfer stalls its endpoint",
     [](ProbeFaults &f, const Parsed &p) { f.usb.stall_at = p.number; }},
    {"usb_short_reply_at", "=N", "the first reply from the N-th transfer on is cut short",
     [](ProbeFaults &f, const Parsed &p) { f.usb.short_reply_at = p.number; }},
    {"usb_garbage_reply_at", "=N", "the first reply from the N-th transfer on has random content",
     [](ProbeFaults &f, const Parsed &p) { f.usb.garbage_reply_at = p.number; }},
    {"usb_no_reply_at", "=N", "the first reply from the N-th transfer on never comes",
     [](ProbeFaults &f, const Parsed &p) { f.usb.no_reply_at = p.number; }},
    {"usb_late_reply_at", "=N:MS",
     "the first reply from the N-th transfer on comes MS milliseconds late",
     [](ProbeFaults &f, const Parsed &p) {
       f.usb.late_reply_at = p.number;
       f.usb.late_by = *p.time();
     }},
    {"busy", "", "another program has claimed the probe",
     [](ProbeFaults &f, const Parsed &) { f.usb.busy = true; }},
    {"no_permission", "", "only root may open the probe",
     [](ProbeFaults &f, const Parsed &) { f.usb.no_permission = true; }},
    {"swd_wait_at", "=N[:COUNT]",
     "from the N-th memory command on, COUNT commands (3) are answered WAIT",
     [](ProbeFaults &f, const Parsed &p) {
       f.swd.wait_at = p.number;
       f.swd.waits = p.second.value_or(SwdFaults::usual_waits);
     }},
    {"swd_parity_at", "=N", "the N-th memory command ends with a parity error",
     [](ProbeFaults &f, const Parsed &p) { f.swd.parity_at = p.number; }},
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) return {};
  return value;
}

std::optional<Parsed> parse(std::string_view text, std::string_view shape) {
  if (shape.empty()) return text.empty() ? std::optional(Parsed{}) : std::nullopt;
  const std::size_t colon = text.find(':');
  const bool has_second = colon != std::string_view::npos;
  if (has_second ? shape == "=N" : shape == "=N:MS") return {};
  const auto first = number(text.substr(0, colon));
  if (!first) return {};
  if (!has_second) return Parsed{*first, {}};
  const auto second = number(text.substr(colon + 1));
  if (!second) return {};
  return Parsed{*first, second};
}

}  // namespace

std::vector<FaultName> probe_fault_names() {
  std::vector<FaultName> names;
  for (const Row &row : rows) {
    names.push_back({std::string(row.name).append(row.value), std::string(row.meaning)});
  }
  return names;
}

ProbeFaults take_probe_faults(std::vector<std::string> &faults) {
  ProbeFaults result;
  std::erase_if(faults, [&](const std::string &fault) {
    const std::size_t equals = fault.find('=');
    const std::string name = fault.substr(0, equals);
    const auto *const row = std::ranges::find(rows, name, &Row::name);
    if (row == std::end(rows)) return false;
    const std::string value = equals == std::string::npos ? "" : fault.substr(equals + 1);
    const auto parsed = parse(value, row->value);
    if (!parsed) {
      throw std::invalid_argument("fault '" + fault + "': write it as " +
                                  std::string(row->name).append(row->value) +
                                  ", with numbers from 1");
    }
    row->apply(result, *parsed);
    return true;
  });
  return result;
}

SwdTrouble SwdDisturbance::next_command() {
  ++commands_;
  const bool waits = faults_.wait_at != 0 && commands_ >= faults_.wait_at &&
                     commands_ - faults_.wait_at < faults_.waits;
  if (waits) return SwdTrouble::wait;
  return commands_ == faults_.parity_at ? SwdTrouble::parity : SwdTrouble::none;
}

}  // namespace flashhost::sim
