#include "transport.hpp"

#include <flashhost/plugin.hpp>

FLASHHOST_PLUGIN(FLASHHOST_KIND_TRANSPORT, flashhost::Transport,
                 flashhost::cmsisdap::CmsisDapTransport, "cmsisdap", "1.0",
                 "CMSIS-DAP probes, v1 and v2, over USB")
