#include "sim_transport.hpp"

#include <flashhost/plugin.hpp>

FLASHHOST_PLUGIN(FLASHHOST_KIND_TRANSPORT, flashhost::Transport, flashhost::sim::SimTransport,
                 "sim", "1.0", "a simulated board behind a simulated ST-Link; no hardware needed")
