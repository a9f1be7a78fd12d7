#include "flash_job.hpp"

#include <flashhost/text.hpp>

#include <fmt/format.h>

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
  std::string also = report.programmed_bytes == report.image_bytes
                         ? ""
                         : format_size(report.programmed_bytes) + " programmed, ";
  if (report.put_back_bytes > 0) {
    also += format_size(report.put_back_bytes) + " of it put back, ";
  }
  return fmt::format("{} written{} in {} ({}{:.0f} KiB/s{})", format_size(report.image_bytes),
                     verified, format_duration(report.time), also, rate,
                     in_detail ? fmt::format(", {:.2f}x the flash's own time", ratio) : "");
}

}  // namespace flashhost
