#include "access.hpp"

#include "loader_access.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace flashhost {

namespace {

constexpr int most_loader_failures = 2;

std::string width_names(const std::vector<Width> &widths) {
  std::string text;
  for (const Width width : widths) {
    text += fmt::format("{}{}-bit", text.empty() ? "" : " or ", 8 * static_cast<int>(width));
  }
  return text;
}

}  // namespace

AccessChoice::AccessChoice(Target &target, Use use, Observer &observer, std::stop_token stop,
                           bool compress)
    : target_(target),
      use_(use),
      observer_(observer),
      stop_(std::move(stop)),
      compress_(compress) {}

bool AccessChoice::tries_loader() const {
  return !refused_ && failures_ < most_loader_failures &&
         !target_.family().loader(target_.chip()).code.empty();
}

std::unique_ptr<FlashAccess> AccessChoice::open() {
  while (tries_loader()) {
    try {
      auto loader = start_loader(target_.probe(), target_.family(), target_.chip(), observer_,
                                 stop_, target_.core(), compress_ && failures_ == 0);
      loader_runs_ = true;
      return loader;
    } catch (const Error &error) {
      refused_ = error.code() == Errc::refused;
      if (!refused_ && error.code() != Errc::target && error.code() != Errc::memory_fault) throw;
      note_failure(error);
      if (!refused_) target_.prepare();
    }
  }
  if (failures_ == 0) reason_ = "its family has no code for one";
  way_ = use_ == Use::reading ? DirectWay{}
                              : direct_way(target_.family(), target_.chip(), target_.probe_info());
  if (use_ == Use::reading || way_.flash != nullptr) {
    observer_.message(failures_ == 0 ? Level::debug : Level::warning,
                      fmt::format("no loader can run on this target ({}): {} through the probe "
                                  "alone, which is slower",
                                  reason_, use_ == Use::reading ? "reading" : "writing"));
  }
  return make_direct_access(target_.probe(), way_, target_.chip(), observer_, stop_);
}

void AccessChoice::close(const Error &error) {
  if (std::exchange(loader_runs_, false) && error.code() == Errc::target) note_failure(error);
}

void AccessChoice::note_failure(const Error &error) {
  ++failures_;
  reason_ = error.what();
  observer_.message(Level::debug, fmt::format("the loader failed: {}", reason_));
}

void AccessChoice::require_a_way(const Plan &plan) const {
  if (loader_runs_) return;
  if (way_.flash == nullptr) {
    const bool may_help = failures_ > 0 && !refused_;
    const Error error(Errc::refused,
                      fmt::format("no loader can run on this target ({}), and family {} has no way "
                                  "to write without one",
                                  reason_, target_.family_id()),
                      may_help ? "Power-cycle the board and try again; -v shows why the loader "
                                 "failed."
                               : "Ask the author of the family plugin for another way to write.");
    throw may_help ? error.see(Cause::bad_ram) : error;
  }
  if (way_.width || plan.programmed_bytes == 0) return;
  const ProbeInfo &info = target_.probe_info();
  throw Error(Errc::refused,
              fmt::format("no loader can run on this target ({}), and without one it is "
                          "programmed by {} accesses, which {} cannot do",
                          reason_, width_names(way_.flash->widths(target_.chip())),
                          info.firmware.empty()
                              ? info.product
                              : fmt::format("{} with firmware {}", info.product, info.firmware)),
              "Update the probe's firmware, or use another probe.")
      .see(Cause::bad_ram);
}

}  // namespace flashhost
