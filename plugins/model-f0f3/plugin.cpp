#include "model_f0f3.hpp"

#include <flashhost/machine/model_plugin.hpp>

FLASHHOST_MODEL(flashhost::machine::stm32::ModelF0F3, "f0f3", "STM32F0 and STM32F3")
