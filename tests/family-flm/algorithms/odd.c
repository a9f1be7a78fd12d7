/* The made-up chip of tests/models/odd_chip.hpp: flash at 0 in sectors of two sizes, and a
 * controller that takes commands. Pages of 256 bytes. */
#include "flash_os.h"

#define KIB 1024u
#define PAGE 256u

typedef volatile struct {
  uint32_t status, key, command, address, data, start;
} Flash;
#define FLASH ((Flash *)0x4F000000u)

enum { BUSY = 1, OPEN = 2, ERRORS = 0x300, ERASE_SECTOR = 0xE5, PROGRAM_WORD = 0x9A };

DESCRIPTION const struct flash_device FlashDevice = {
    0x0101,
    "flashhost test: ODD64 64 KiB",
    ON_CHIP,
    0,
    64 * KIB,
    PAGE,
    0,
    0xFF,
    100,
    200,
    {{KIB, 0}, {4 * KIB, 16 * KIB}, END_OF_SECTORS},
};

static int run(uint32_t command, uint32_t address, uint32_t data) {
  FLASH->status = ERRORS;
  FLASH->command = command;
  FLASH->address = address;
  FLASH->data = data;
  FLASH->start = 1;
  while ((FLASH->status & BUSY) != 0) {
  }
  return (FLASH->status & ERRORS) != 0;
}

int Init(uint32_t address, uint32_t clock, uint32_t function) {
  (void)address;
  (void)clock;
  (void)function;
  FLASH->key = 0x0DDBA115u;
  return (FLASH->status & OPEN) == 0;
}

int UnInit(uint32_t function) {
  (void)function;
  FLASH->key = 0;
  return 0;
}

int EraseSector(uint32_t address) {
  return run(ERASE_SECTOR, address, 0);
}

int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) {
  for (; size != 0; size -= 4, address += 4, data += 4) {
    if (run(PROGRAM_WORD, address, *(const uint32_t *)data) != 0) {
      return 1;
    }
  }
  return 0;
}
