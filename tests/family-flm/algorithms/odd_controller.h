/* The flash controller of the made-up chip of tests/models/odd_chip.hpp, which takes commands: what
 * its algorithms share. */
#ifndef ODD_CONTROLLER_H
#define ODD_CONTROLLER_H

#include "flash_os.h"

#define KIB 1024u
#define OPTION_COUNT 10u

typedef volatile struct {
  uint32_t status, key, command, address, data, start, reserved[10], options[OPTION_COUNT];
} Flash;
#define FLASH ((Flash *)0x4F000000u)

enum {
  BUSY = 1,
  OPEN = 2,
  ERRORS = 0x300,
  ERASE_SECTOR = 0xE5,
  PROGRAM_WORD = 0x9A,
  ERASE_ROW_SECTOR = 0x3B,
  PROGRAM_ROW_WORD = 0x64,
  WRITE_OPTIONS = 0xC7
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

#endif
