#include "odd_chip.hpp"

#include <flashhost/machine/model_plugin.hpp>

FLASHHOST_MODEL(flashhost::test::odd::OddModel, "odd", "a made-up chip of the tests")
