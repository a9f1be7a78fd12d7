#include "model_f4.hpp"

#include <flashhost/machine/model_plugin.hpp>

FLASHHOST_MODEL(flashhost::machine::stm32::ModelF4, "f4", "STM32F4")
