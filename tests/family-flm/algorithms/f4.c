/* STM32F4 with 1 MiB in one bank, at 2.7 V and more (RM0090): an algorithm as chip vendors write
 * them. It has only what every algorithm must have, and EraseChip. */
#include "flash_os.h"

#define FLASH_START 0x08000000u
#define KIB 1024u

typedef volatile struct {
  uint32_t acr, keyr, optkeyr, sr, cr;
} Flash;
#define FLASH ((Flash *)0x40023C00u)

enum {
  ACR_PREFETCH_AND_CACHES = 0x700,
  SR_BSY = 1 << 16,
  SR_ERRORS = 0xF2,
  CR_PG = 1 << 0,
  CR_SER = 1 << 1,
  CR_MER = 1 << 2,
  CR_SECTOR = 3,
  CR_32_BITS = 2 << 8,
  CR_STRT = 1 << 16
};
#define CR_LOCK (1u << 31)

DESCRIPTION const struct flash_device FlashDevice = {
    0x0101,
    "flashhost test: STM32F4 1 MiB",
    ON_CHIP,
    FLASH_START,
    0x100000,
    KIB,
    0,
    0xFF,
    100,
    6000,
    {{16 * KIB, 0}, {64 * KIB, 0x10000}, {128 * KIB, 0x20000}, END_OF_SECTORS},
};

static int finish(void) {
  while ((FLASH->sr & SR_BSY) != 0) {
  }
  FLASH->cr = 0;
  return (FLASH->sr & SR_ERRORS) != 0;
}

static int erase(uint32_t mode) {
  FLASH->sr = SR_ERRORS;
  FLASH->cr = CR_32_BITS | mode;
  FLASH->cr = CR_32_BITS | mode | CR_STRT;
  return finish();
}

int Init(uint32_t address, uint32_t clock, uint32_t function) {
  (void)address;
  (void)clock;
  (void)function;
  FLASH->acr &= ~(uint32_t)ACR_PREFETCH_AND_CACHES;
  if ((FLASH->cr & CR_LOCK) != 0) {
    FLASH->keyr = 0x45670123u;
    FLASH->keyr = 0xCDEF89ABu;
  }
  return (FLASH->cr & CR_LOCK) != 0;
}

int UnInit(uint32_t function) {
  (void)function;
  FLASH->cr = CR_LOCK;
  return 0;
}

int EraseChip(void) {
  return erase(CR_MER);
}

int EraseSector(uint32_t address) {
  uint32_t offset = address - FLASH_START;
  uint32_t sector = offset < 0x10000 ? offset >> 14 : 4 + (offset >> 17);
  return erase(CR_SER | sector << CR_SECTOR);
}

int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) {
  FLASH->sr = SR_ERRORS;
  for (; size != 0; size -= 4, address += 4, data += 4) {
    FLASH->cr = CR_32_BITS | CR_PG;
    *(volatile uint32_t *)address = *(const uint32_t *)data;
    int status = finish();
    if (status != 0) {
      return status;
    }
  }
  return 0;
}
