/* STM32F1 with pages of 1 KiB (PM0075): an algorithm as chip vendors write them. Bad ones are made
 * of it by defining one of the BAD_* macros, for tests of what becomes of them. */
#include "flash_os.h"

#define FLASH_START 0x08000000u
#define PAGE 1024u

typedef volatile struct {
  uint32_t acr, keyr, optkeyr, sr, cr, ar;
} Flash;
#define FLASH ((Flash *)0x40022000u)

enum {
  SR_BSY = 1,
  SR_ERRORS = 0x14,
  SR_ALL = 0x34,
  CR_PG = 0x01,
  CR_PER = 0x02,
  CR_MER = 0x04,
  CR_STRT = 0x40,
  CR_LOCK = 0x80
};

DESCRIPTION const struct flash_device FlashDevice = {
    0x0101,
    "flashhost test: STM32F1 128 KiB",
    ON_CHIP,
    FLASH_START,
    0x20000,
    PAGE,
    0,
    0xFF,
    100,
    500,
#ifdef BAD_SECTORS
    {{2 * PAGE, 0}, END_OF_SECTORS},
#else
    {{PAGE, 0}, END_OF_SECTORS},
#endif
};

#ifdef BAD_NEEDS_UNINIT
/* Initialised data and zeros: both have to be what they were linked as at the first Init. */
static volatile uint32_t marker = 0x5EED5EED;
static volatile uint32_t now;
#define ALLOW(function)                            \
  if (marker != 0x5EED5EED || now != (function)) { \
    return 1;                                      \
  }
#else
#define ALLOW(function)
#endif

static int finish(void) {
  while ((FLASH->sr & SR_BSY) != 0) {
  }
  FLASH->cr = 0;
  return (FLASH->sr & SR_ERRORS) != 0;
}

int Init(uint32_t address, uint32_t clock, uint32_t function) {
  (void)address;
  (void)clock;
  ALLOW(0)
#ifdef BAD_NEEDS_UNINIT
  now = function;
#else
  (void)function;
#endif
#ifdef BAD_MASKS_INTERRUPTS
  __asm volatile("cpsid i");
#endif
  if ((FLASH->cr & CR_LOCK) != 0) {
    FLASH->keyr = 0x45670123u;
    FLASH->keyr = 0xCDEF89ABu;
  }
  return (FLASH->cr & CR_LOCK) != 0;
}

int UnInit(uint32_t function) {
  ALLOW(function)
#ifdef BAD_NEEDS_UNINIT
  now = 0;
#else
  (void)function;
#endif
  FLASH->cr = CR_LOCK;
  return 0;
}

int EraseChip(void) {
  ALLOW(ERASE)
  FLASH->sr = SR_ALL;
  FLASH->cr = CR_MER;
  FLASH->cr = CR_MER | CR_STRT;
  return finish();
}

static __attribute__((used)) int erase_page(uint32_t address) {
  FLASH->sr = SR_ALL;
  FLASH->cr = CR_PER;
  FLASH->ar = address;
  FLASH->cr = CR_PER | CR_STRT;
  (void)FLASH->sr; /* BSY may read 0 in the cycle after STRT */
  return finish();
}

#ifdef BAD_CLOBBERS_REGISTERS
__attribute__((naked)) int EraseSector(uint32_t address) {
  (void)address;
  __asm volatile(
      "push {r3, lr}\n"
      "bl erase_page\n"
      "movs r4, #0xBA\n"
      "mov r5, r4\n"
      "mov r6, r4\n"
      "mov r7, r4\n"
      "mov r8, r4\n"
      "mov r9, r4\n"
      "mov r10, r4\n"
      "mov r11, r4\n"
      "pop {r3, pc}");
}
#else
int EraseSector(uint32_t address) {
  ALLOW(ERASE)
#if defined(BAD_NEIGHBOUR)
  return erase_page(address) | erase_page(address + PAGE);
#elif defined(BAD_FAR)
  return erase_page(address) | erase_page(address + 32 * PAGE);
#else
  return erase_page(address);
#endif
}
#endif

int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) {
  ALLOW(PROGRAM)
#ifdef BAD_DOES_NOTHING
  return 0;
#endif
#ifdef BAD_NEVER_RETURNS
  for (;;) {
  }
#endif
#ifdef BAD_FAULTS
  __asm volatile("udf #0");
#endif
#ifdef BAD_FAILS
  if (address == FLASH_START + 2 * PAGE) {
    return 1;
  }
#endif
#ifdef BAD_STACK
  volatile uint32_t large[512];
  for (uint32_t i = 0; i < 512; i++) {
    large[i] = 0xDEADBEEFu;
  }
  __asm volatile("" : : "r"(large));
#endif
  FLASH->sr = SR_ALL;
  for (; size != 0; size -= 2, address += 2, data += 2) {
    FLASH->cr = CR_PG;
    *(volatile uint16_t *)address = *(const uint16_t *)data;
    int status = finish();
    if (status != 0) {
      return status;
    }
  }
  return 0;
}

int BlankCheck(uint32_t address, uint32_t size, uint8_t pattern) {
  for (const uint8_t *at = (const uint8_t *)address; size != 0; size--, at++) {
    if (*at != pattern) {
      return 1;
    }
  }
  return 0;
}

uint32_t Verify(uint32_t address, uint32_t size, const uint8_t *data) {
  const uint8_t *at = (const uint8_t *)address;
  for (; size != 0 && *at == *data; size--) {
    at++;
    data++;
  }
  return (uint32_t)at;
}
