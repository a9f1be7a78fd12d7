// The flash through the probe alone: no code runs on the target.
#pragma once

#include "flash_access.hpp"
#include "observer.hpp"

#include <memory>
#include <optional>
#include <stop_token>

namespace flashhost {

// The family's way to erase and program through the probe alone. flash null: the family has none,
// the flash can only be read. width empty: it can only be erased, since the probe has no accesses
// of a width that programs this flash.
struct DirectWay {
  DirectFlash *flash = nullptr;
  std::optional<Width> width;
};
[[nodiscard]] DirectWay direct_way(Family &family, const Chip &chip, const ProbeInfo &probe);

// For a prepared target. References outlive the object. Its calls throw Errc::internal for what the
// DirectWay cannot do.
[[nodiscard]] std::unique_ptr<FlashAccess> make_direct_access(Probe &probe, const DirectWay &way,
                                                              const Chip &chip, Observer &observer,
                                                              std::stop_token stop);

}  // namespace flashhost
