// The erase verb: a flash job whose image is erased bytes. Everything else is the job's.
#pragma once

#include "flash_job.hpp"

#include <string>

namespace flashhost {

// Errc::image with this hint unless the range lies in the chip's flash (not in its further flash).
void check_in_flash(MemoryRange range, const Chip &chip, const std::string &hint);
// Errc::image unless the range lies in the chip's flash or its further flash.
void check_erasable(MemoryRange range, const Chip &chip);

// flashes: of the chip, as Target::flashes.
[[nodiscard]] Image erased_image(MemoryRange range, const std::vector<Chip> &flashes);

// "128 sectors erased and verified blank in 0.5 s"
[[nodiscard]] std::string erase_text(const FlashReport &report, MemoryRange range);

}  // namespace flashhost
