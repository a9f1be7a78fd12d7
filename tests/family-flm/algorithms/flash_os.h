/* What a CMSIS flash algorithm consists of (Open-CMSIS-Pack-Spec, flash algorithms). */
#ifndef FLASH_OS_H
#define FLASH_OS_H

#include <stdint.h>

#ifndef SECTOR_ENTRIES
#define SECTOR_ENTRIES 512
#endif

struct sectors {
  uint32_t size, offset;
};
#define END_OF_SECTORS {0xFFFFFFFFu, 0xFFFFFFFFu}

struct flash_device {
  uint16_t version;
  char name[128];
  uint16_t type;
  uint32_t address, size, page, reserved;
  uint8_t erased;
  uint32_t program_ms, erase_ms;
  struct sectors sectors[SECTOR_ENTRIES];
};
#define DESCRIPTION __attribute__((section("DevDscr"), used))

enum { ON_CHIP = 1 };
enum { ERASE = 1, PROGRAM = 2, VERIFY = 3 };

extern const struct flash_device FlashDevice;
int Init(uint32_t address, uint32_t clock, uint32_t function);
int UnInit(uint32_t function);
int EraseChip(void);
int EraseSector(uint32_t address);
int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data);
int BlankCheck(uint32_t address, uint32_t size, uint8_t pattern);
uint32_t Verify(uint32_t address, uint32_t size, const uint8_t *data);

#endif
