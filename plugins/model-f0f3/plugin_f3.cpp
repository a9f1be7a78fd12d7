#include "model_f0f3.hpp"

#include <flashhost/machine/model_plugin.hpp>

FLASHHOST_MODEL(flashhost::machine::stm32::ModelF3, "stm32f3", "STM32F3")
