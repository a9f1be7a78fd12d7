/* The flash algorithm of the made-up chip in tests/models/tiny_chip.hpp, whose core is an ARMv6-M.
 * For tests. */
#include "../../../loaders/agent/tick.h"

#define ENTRY __attribute__((used))

typedef volatile struct {
  uint32_t control, erase, status;
} Controller;
#define CONTROLLER ((Controller *)0x50000000u)
enum { CONTROL_ENABLE = 1, STATUS_BUSY = 1 };
enum { FLASH_START = 0x08000000, FLASH_SIZE = 0x4000, PAGE_SIZE = 0x200 };

static int wait_ready(void) {
  do {
    (void)fh_tick();
  } while ((CONTROLLER->status & STATUS_BUSY) != 0);
  return 0;
}

ENTRY int do_init(uint32_t address, uint32_t clock, uint32_t function) {
  (void)address;
  (void)clock;
  (void)function;
  CONTROLLER->control = CONTROL_ENABLE;
  return CONTROLLER->control != CONTROL_ENABLE;
}

ENTRY int do_uninit(uint32_t function) {
  (void)function;
  CONTROLLER->control = 0;
  return 0;
}

ENTRY int do_erase_sector(uint32_t address) {
  CONTROLLER->erase = address;
  return wait_ready();
}

ENTRY int do_erase_chip(void) {
  for (uint32_t at = 0; at != FLASH_SIZE; at += PAGE_SIZE) {
    (void)do_erase_sector(FLASH_START + at);
  }
  return 0;
}

ENTRY int do_program_page(uint32_t address, uint32_t size, const uint8_t *data) {
  if (((address | size) & 3) != 0) {
    return 1;
  }
  for (uint32_t at = 0; at != size; at += 4) {
    *(volatile uint32_t *)(address + at) = *(const uint32_t *)(data + at);
    (void)wait_ready();
  }
  return 0;
}
