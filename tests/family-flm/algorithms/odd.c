/* The made-up chip of tests/models/odd_chip.hpp: its main flash, in sectors of two sizes; with ROW
 * its user row. PAGE: another page size. ALIAS: for this alias address of the main flash. */
#include "odd_controller.h"

#ifdef ROW
#define NAME "flashhost test: ODD80 user row"
#define START 0x12000u
#define SIZE (4 * KIB)
#define PAGE 64u
enum { ERASE_COMMAND = ERASE_ROW_SECTOR, PROGRAM_COMMAND = PROGRAM_ROW_WORD };
#else
#define SIZE (64 * KIB)
enum { ERASE_COMMAND = ERASE_SECTOR, PROGRAM_COMMAND = PROGRAM_WORD };
#if defined ALIAS
#define NAME "flashhost test: ODD80 64 KiB, at its alias"
#define START ALIAS
#elif defined PAGE
#define NAME "flashhost test: ODD64 64 KiB, large pages"
#else
#define NAME "flashhost test: ODD64 64 KiB"
#endif
#endif

#ifndef START
#define START 0u
#endif
#ifndef PAGE
#define PAGE 256u
#endif
#ifndef ALIAS
#define ALIAS 0u
#endif

DESCRIPTION const struct flash_device FlashDevice = {
    0x0101,
    NAME,
    ON_CHIP,
    START,
    SIZE,
    PAGE,
    0,
    0xFF,
    100,
    200,
    {
        {KIB, 0},
#ifndef ROW
        {4 * KIB, 16 * KIB},
#endif
        END_OF_SECTORS,
    },
};

int EraseSector(uint32_t address) {
  return run(ERASE_COMMAND, address - ALIAS, 0);
}

int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) {
  for (; size != 0; size -= 4, address += 4, data += 4) {
    if (run(PROGRAM_COMMAND, address - ALIAS, *(const uint32_t *)data) != 0) {
      return 1;
    }
  }
  return 0;
}
