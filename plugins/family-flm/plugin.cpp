#include "flm_family.hpp"

#include <flashhost/plugin.hpp>

FLASHHOST_PLUGIN(FLASHHOST_KIND_FAMILY, flashhost::Family, flashhost::flm::FlmFamily, "flm", "1.0",
                 "any chip with a CMSIS flash algorithm (FLM), alone or from a pack")
