#include "model_l4.hpp"

#include <flashhost/machine/model_plugin.hpp>

FLASHHOST_MODEL(flashhost::machine::stm32::ModelL4, "l4", "STM32L4, G0, G4, C0, U0, WB, WL")
