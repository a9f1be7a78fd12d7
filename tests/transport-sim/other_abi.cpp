// A model that was compiled for another version of the machine.
#include <flashhost/machine/model_plugin.h>

extern "C" {
__attribute__((section(FLASHHOST_MODEL_SECTION),
               visibility("default"))) extern const flashhost_model flashhost_model_v1;
__attribute__((used))
const flashhost_model flashhost_model_v1 = {sizeof(flashhost_model),
                                            FLASHHOST_MODEL_ABI + 1,
                                            "",
                                            "other_abi",
                                            "",
                                            []() -> void * { return nullptr; },
                                            [](void *) {}};
}
