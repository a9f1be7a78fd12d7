#include "stlink_transport.hpp"

#include <flashhost/plugin.hpp>

FLASHHOST_PLUGIN(FLASHHOST_KIND_TRANSPORT, flashhost::Transport, flashhost::stlink::StlinkTransport,
                 "stlinkv2", "1.0", "ST-LINK/V2, V2-1 and V3 probes over USB")
