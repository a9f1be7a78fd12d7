#include "flash_job.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace flashhost {

std::string to_text(const FlashReport &report, bool in_detail) {
  const char *verified = report.verified == Verify::none ? ", not verified," : " and verified";
  if (report.programmed_bytes == 0 && report.erased_sectors == 0) {
    return fmt::format("nothing to do: the flash already holds all {} of the image{} ({})",
                       format_size(report.image_bytes),
                       report.verified == Verify::none ? "" : ", verified",
                       format_duration(report.time));
  }
  const double seconds = std::chrono::duration<double>(report.time).count();
  const double rate = static_cast<double>(report.programmed_bytes) / 1024 / seconds;
  const double ratio = seconds / std::chrono::duration<double>(report.flash_time).count();
  constexpr double smallest_rate = 1;  // smaller ones, of a few bytes, say nothing
  std::vector<std::string> details;
  if (report.programmed_bytes != report.image_bytes) {
    details.push_back(format_size(report.programmed_bytes) + " programmed");
  }
  if (report.put_back_bytes > 0) {
    details.push_back(format_size(report.put_back_bytes) + " of it put back");
  }
  if (rate >= smallest_rate) details.push_back(fmt::format("{:.0f} KiB/s", rate));
  if (in_detail) details.push_back(fmt::format("{:.2f}x the flash's own time", ratio));
  return fmt::format("{} written{} in {}{}", format_size(report.image_bytes), verified,
                     format_duration(report.time),
                     details.empty() ? "" : fmt::format(" ({})", fmt::join(details, ", ")));
}

}  // namespace flashhost
