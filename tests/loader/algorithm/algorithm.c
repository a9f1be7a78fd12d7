/* A flash algorithm as chip vendors write them for CMSIS packs, for the STM32F1: it knows nothing
 * of the agent, keeps its data at r9, waits without ticks, and is strict. For tests. */
#include <stdint.h>

#define PAGE 256u
#define MARKER 0x5EED5EEDu
#define MOST_CALLS 61u

/* RW data, then ZI data: what it was called for, in order. */
struct data {
  uint32_t marker;
  uint32_t function;
  uint32_t calls;
  uint32_t log[MOST_CALLS];
};
register struct data *data __asm("r9");
const uint32_t algorithm_data[] = {MARKER};

typedef volatile struct {
  uint32_t acr, keyr, optkeyr, sr, cr, ar;
} Flash;
#define FLASH ((Flash *)0x40022000u)
enum {
  SR_BSY = 1,
  SR_ERRORS = 0x14,
  SR_ALL = 0x34,
  CR_PG = 1,
  CR_PER = 2,
  CR_STRT = 0x40,
  CR_LOCK = 0x80
};

enum {
  CALL_INIT = 0x10000000,
  CALL_UNINIT = 0x20000000,
  CALL_ERASE = 0x30000000,
  CALL_PROGRAM = 0x40000000
};

/* 0 when its data is what it was linked with and it is called for what it was initialised for. */
static int called(uint32_t call, uint32_t detail, uint32_t function) {
  struct data *d = data;
  if (d->marker != MARKER || d->calls >= MOST_CALLS) {
    return 1;
  }
  d->log[d->calls] = call | (detail & 0xFFFFFFu);
  d->calls++;
  return d->function != function;
}

static int finish(Flash *flash) {
  while ((flash->sr & SR_BSY) != 0) {
  }
  flash->cr = 0;
  return (int)(flash->sr & SR_ERRORS);
}

__attribute__((used)) int do_init(uint32_t address, uint32_t clock, uint32_t function) {
  Flash *flash = FLASH;
  (void)address;
  (void)clock;
  if (called(CALL_INIT, function, 0) || function == 0) {
    return 1;
  }
  data->function = function;
  flash->cr = CR_LOCK;
  flash->keyr = 0x45670123u;
  flash->keyr = 0xCDEF89ABu;
  return (int)(flash->cr & CR_LOCK);
}

__attribute__((used)) int do_uninit(uint32_t function) {
  int bad = called(CALL_UNINIT, function, function);
  data->function = 0;
  FLASH->cr = CR_LOCK;
  return bad;
}

__attribute__((used)) int do_erase_sector(uint32_t address) {
  Flash *flash = FLASH;
  if (called(CALL_ERASE, address, 1)) {
    return 1;
  }
  flash->sr = SR_ALL;
  flash->cr = CR_PER;
  flash->ar = address;
  flash->cr = CR_PER | CR_STRT;
  (void)flash->sr;
  return finish(flash);
}

__attribute__((used)) int do_program_page(uint32_t address, uint32_t size, const uint8_t *from) {
  Flash *flash = FLASH;
  if (called(CALL_PROGRAM, address, 2) || size != PAGE || address % PAGE != 0 ||
      ((uint32_t)from & 7) != 0) {
    return 1;
  }
  flash->sr = SR_ALL;
  for (; size != 0; size -= 2, address += 2, from += 2) {
    flash->cr = CR_PG;
    *(volatile uint16_t *)address = *(const uint16_t *)from;
    int status = finish(flash);
    if (status != 0) {
      return status;
    }
  }
  return 0;
}
