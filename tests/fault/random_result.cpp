#include "random_result.hpp"

#include <algorithm>
#include <cctype>

namespace flashhost::testing {

namespace {

bool lies(const Fault &fault) {
  return fault.kind == FaultKind::read_damaged || fault.kind == FaultKind::write_damaged ||
         fault.kind == FaultKind::write_lost || fault.kind == FaultKind::last_word_lost;
}

// Nobody can put the target back.
bool ends_all(const Fault &fault) {
  return fault.kind == FaultKind::killed || fault.attaches_in_vain == for_good;
}

bool contains(const std::string &text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

bool has_fault(const RandomJob &job, std::string_view name) {
  return std::ranges::any_of(job.board.faults,
                             [&](const std::string &fault) { return fault.starts_with(name); });
}

bool has_fault(const RandomJob &job, FaultKind kind) {
  return std::ranges::find(job.probe_faults, kind, &Fault::kind) != job.probe_faults.end();
}

bool is_of_the_chip(std::string_view fault) {
  constexpr std::string_view names[] = {"flash_time", "single_bank", "swapped_banks",
                                        "boot_bank2", "dual_bank",   "secure_from"};
  return std::ranges::any_of(names, [&](std::string_view name) { return fault.starts_with(name); });
}

bool is_in_the_flash(std::string_view fault) {
  return fault.starts_with("torn_word") || fault.starts_with("ecc_single");
}

bool may_erase_all(const RandomJob &job) {
  return job.options.unlock && (has_fault(job, "read_protected") ||
                                (has_fault(job, "write_protected") && !job.probe_faults.empty()));
}

std::string judge_text(const RandomJob &job, const JobResult &result) {
  switch (result.code) {
    case Errc::usage:
    case Errc::config:
    case Errc::plugin:
    case Errc::internal:
    case Errc::interrupted:
      return "an error of the wrong kind";
    case Errc::image:
      if (!has_fault(job, "flash_size_register") && !has_fault(job, "secure_from"))
        return "an error of the wrong kind";
      break;
    default:
      break;
  }
  constexpr std::size_t shortest = 20;
  const bool number = std::ranges::any_of(
      result.what, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  const bool cause = result.what.size() >= shortest && (number || !result.hint.empty());
  return cause ? "" : "an error without a cause";
}

bool may_be_left(const RandomJob &job, const JobResult &result) {
  // Through a reset that does not reach the chip one may get in by chance, but not a second time.
  const bool by_chance = job.target.connect == Connect::under_reset &&
                         (!job.board.nrst || has_fault(job, "nrst_not_wired"));
  const bool hopeless = std::ranges::any_of(
      job.probe_faults, [&](const Fault &fault) { return ends_all(fault) || lies(fault); });
  if (by_chance || hopeless) return true;
  if (result.good) return false;
  const bool said_so = contains(result.messages, "could not be put back") ||
                       contains(result.hint, "ower-cycle") || contains(result.hint, "off and on");
  // For longer than anybody waits, or while connecting.
  const bool lost = result.code == Errc::probe ||
                    (result.code == Errc::target && has_fault(job, FaultKind::cut_off));
  const bool stays_away = contains(result.what, "did not come back within");
  const bool let_be = lost && (!result.connected || stays_away);
  // Since its id could not be read at first.
  const bool taken_for_another = contains(result.what, "on another chip");
  return said_so || let_be || taken_for_another;
}

}  // namespace flashhost::testing
