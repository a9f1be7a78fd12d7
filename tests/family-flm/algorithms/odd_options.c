/* The option words of the made-up chip of tests/models/odd_chip.hpp. They are written as a whole,
 * which erases them: they are one sector and one page. */
#include "odd_controller.h"

#define SIZE (4 * OPTION_COUNT)

DESCRIPTION const struct flash_device FlashDevice = {
    0x0101, "flashhost test: ODD80 options", ON_CHIP, 0x13000, SIZE, SIZE, 0, 0xFF, 100,
    200,    {{SIZE, 0}, END_OF_SECTORS},
};

int EraseSector(uint32_t address) {
  (void)address;
  return 0;
}

int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) {
  if (size != SIZE) {
    return 1;
  }
  for (uint32_t i = 0; i != OPTION_COUNT; ++i) {
    FLASH->options[i] = ((const uint32_t *)data)[i];
  }
  return run(WRITE_OPTIONS, address, 0);
}
