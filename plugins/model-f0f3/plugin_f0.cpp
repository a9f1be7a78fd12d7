#include "model_f0f3.hpp"

#include <flashhost/machine/model_plugin.hpp>

FLASHHOST_MODEL(flashhost::machine::stm32::ModelF0, "stm32f0", "STM32F0")
