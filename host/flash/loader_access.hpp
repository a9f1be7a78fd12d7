// The flash through the loader agent.
#pragma once

#include "flash_access.hpp"
#include "observer.hpp"

#include <flashhost/cortex_m.hpp>

#include <memory>
#include <optional>
#include <stop_token>

namespace flashhost {

// Loads and starts the agent on a prepared target. Throws as LoaderClient::start.
// References outlive the object. Destroying it sends nothing: finish lets the agent lock the flash
// and halts the core, or the caller halts the core. core, compress: as LoaderClient has them.
[[nodiscard]] std::unique_ptr<FlashAccess> start_loader(
    Probe &probe, Family &family, const Chip &chip, Observer &observer, std::stop_token stop,
    const std::optional<cortex_m::Core> &core = {}, bool compress = false);

}  // namespace flashhost
