/* STM32s with the "L4 type" flash controller (RM0351, RM0440, RM0444 and others), Cortex-M0+ and
 * M4. What differs between the chips comes as Init's second argument and is kept at r9. The entry
 * points are in entry.S. */
#include "l4.h"

#include "../stm32/stm32.h"

typedef struct {
  uint32_t facts;
  uint32_t busy; /* bits of FLASH_SR */
  uint32_t fast; /* rows can be programmed fast */
} State;

static inline State *state(void) {
  State *found;
  __asm("mov %0, r9" : "=r"(found));
  return found;
}

typedef volatile struct {
  uint32_t cr, icscr, cfgr;
} Rcc;

typedef volatile struct {
  uint32_t acr, pdkeyr, keyr, optkeyr, sr, cr;
} Flash;

enum {
  RCC_CR_HSION = 1 << 8,
  RCC_CR_HSIRDY = 1 << 10,
  RCC_CR_HSIDIV_AT = 11,
  RCC_CR_CSSON = 1 << 19,
  RCC_CR_PLLON = 1 << 24,
  RCC_AHBENR_CRCEN = 1 << 12,
  ACR_CACHES = 0x700, /* prefetch, instructions, data */
  SR_BSY = 1 << 16,
  SR_BSY2 = 1 << 17,
  SR_CFGBSY = 1 << 18,
  SR_ERRORS = 0x3FA,
  SR_ALL = 0xFBFB,
  CR_PG = 1 << 0,
  CR_PER = 1 << 1,
  CR_PNB_AT = 3,
  CR_MER1 = 1 << 2,
  CR_BKER = 1 << 11,
  CR_BKER_THIRTEEN = 1 << 13,
  CR_MER2 = 1 << 15,
  CR_STRT = 1 << 16,
  CR_FSTPG = 1 << 18,
  ROW = 256
};
#define CR_LOCK (1u << 31)

static __attribute__((noinline)) Flash *flash_of(uint32_t facts) {
  return (Flash *)((facts & L4_FACTS_HIGH_BASE) != 0 ? 0x58004000u : 0x40022000u);
}

/* Waits for the end of an operation; returns its errors. */
static __attribute__((noinline)) int end(Flash *flash) {
  (void)wait(&flash->sr, state()->busy, 0, NO_LIMIT);
  return (int)(flash->sr & SR_ERRORS);
}

/* Switches to HSI, PLL off, prescalers 1. The chip switches when the new clock is ready. */
static __attribute__((noinline)) int use_hsi(uint32_t facts) {
  int high = (facts & L4_FACTS_HIGH_BASE) != 0;
  Rcc *rcc = (Rcc *)(high ? 0x58000000u : 0x40021000u);
  KEEP(rcc);
  uint32_t source = facts >> L4_FACTS_CLOCK_AT & 7;
  uint32_t divider = facts >> L4_FACTS_DIVIDER_AT & 7;
  uint32_t mask = (facts & L4_FACTS_WIDE_SOURCE) != 0 ? 7 : 3;
  uint32_t status_at = mask == 7 ? 3 : 2;
  rcc->cr |= RCC_CR_HSION;
  rcc->cfgr = (rcc->cfgr & ~mask) | source;
  if (!wait(&rcc->cfgr, mask << status_at, source << status_at, CLOCK_TICKS)) {
    return (int)L4_STATUS_CLOCK;
  }
  rcc->cr = (rcc->cr & ~(uint32_t)(RCC_CR_PLLON | RCC_CR_CSSON | 7 << RCC_CR_HSIDIV_AT)) |
            divider << RCC_CR_HSIDIV_AT;
  rcc->cfgr = source;
  /* RCC_AHB1ENR is at 0x48; where HSI is what SW = 0 means, RCC_AHBENR is at 0x38. */
  *(volatile uint32_t *)((uint32_t)rcc + (source == 0 ? 0x38u : 0x48u)) |= RCC_AHBENR_CRCEN;
  return 0;
}

ENTRY int do_init(uint32_t address, uint32_t facts) {
  (void)address;
  State *known = state();
  known->facts = facts;
  known->busy = SR_BSY | SR_CFGBSY;
  if ((facts & L4_FACTS_SECOND_BUSY) != 0) {
    known->busy |= SR_BSY2;
  }
  int status = use_hsi(facts);
  if (status != 0) {
    return status;
  }
  Flash *flash = flash_of(facts);
  flash->acr &= ~(uint32_t)ACR_CACHES;
  /* Locks first, whatever LOCK reads: keys to an unlocked controller lock it until reset. */
  (void)end(flash);
  flash->cr = CR_LOCK;
  flash->keyr = 0x45670123u;
  flash->keyr = 0xCDEF89ABu;
  flash->sr = SR_ALL;
  flash->cr = 0;
  return (int)(flash->cr & CR_LOCK);
}

ENTRY int do_uninit(void) {
  flash_of(state()->facts)->cr = CR_LOCK;
  return 0;
}

/* Erases by mode, bits of CR. Clears the last operation's errors, which would prevent the start. */
static __attribute__((noinline)) int operate(uint32_t mode) {
  Flash *flash = flash_of(state()->facts);
  flash->sr = SR_ALL;
  flash->cr = mode;
  flash->cr = mode | CR_STRT;
  __asm volatile("dsb" ::: "memory");
  int status = end(flash);
  flash->cr = 0;
  return status;
}

ENTRY int do_erase(uint32_t address) {
  uint32_t facts = state()->facts;
  state()->fast = facts & L4_FACTS_ROWS_ALWAYS;
  uint32_t offset = address - 0x08000000u;
  uint32_t distance = (facts >> L4_FACTS_BANK_AT & 0xFF) << 16;
  uint32_t second = 0;
  if (distance != 0) {
    if (offset >= distance) {
      offset -= distance;
      second = 1;
    }
    if ((facts & L4_FACTS_SWAPPED) != 0) {
      second ^= 1;
    }
  }
  uint32_t mode = CR_PER | offset >> (facts & 15) << CR_PNB_AT;
  if (second != 0) {
    mode |= (facts & L4_FACTS_BANK_BIT_THIRTEEN) != 0 ? CR_BKER_THIRTEEN : CR_BKER;
  }
  return operate(mode);
}

ENTRY int do_erase_chip(void) {
  uint32_t facts = state()->facts;
  state()->fast = facts & L4_FACTS_ROWS;
  return operate((facts & L4_FACTS_BOTH_MASSES) != 0 ? CR_MER1 | CR_MER2 : CR_MER1);
}

/* Whether all 32 double words of a row must be programmed. */
static __attribute__((noinline)) int is_full(const uint32_t *data) {
  const uint32_t *stop = data + ROW / 4;
  do {
    if ((data[0] & data[1]) == 0xFFFFFFFFu) {
      return 0;
    }
    data += 2;
  } while (data != stop);
  return 1;
}

/* Fast programming: the supply of the cells stays on for the whole row, so the next double word
 * must come within 20 us. The controller must not have PG set. */
static __attribute__((noinline)) int program_row(Flash *flash, uint32_t address,
                                                 const uint32_t *data) {
  const uint32_t *stop = data + ROW / 4;
  flash->cr = CR_FSTPG;
  do {
    ((volatile uint32_t *)address)[0] = data[0];
    ((volatile uint32_t *)address)[1] = data[1];
    (void)fh_tick();
    address += 8;
    data += 2;
  } while (data != stop);
  int status = end(flash);
  flash->cr = 0;
  return status;
}

/* The second word of a double word starts its programming. Double words of ones are left out: they
 * would be programmed, and could not be programmed again. */
ENTRY int do_program_page(uint32_t address, uint32_t size, const uint32_t *data) {
  Flash *flash = flash_of(state()->facts);
  uint32_t busy = state()->busy;
  uint32_t stop = address + size;
  int status = (int)L4_STATUS_ALIGNMENT;
  if (((address | size) & 7) == 0) {
    flash->sr = SR_ALL;
    do {
      if (state()->fast != 0 && (address & (ROW - 1)) == 0 && stop - address >= ROW &&
          is_full(data)) {
        status = program_row(flash, address, data);
        if (status == 0) {
          address += ROW;
          data += ROW / 4;
          continue;
        }
        state()->fast = 0; /* the chip does not want it: double word by double word */
        flash->sr = SR_ALL;
      }
      flash->cr = CR_PG;
      uint32_t low = data[0];
      uint32_t high = data[1];
      data += 2;
      if ((low & high) != 0xFFFFFFFFu) {
        ((volatile uint32_t *)address)[0] = low;
        ((volatile uint32_t *)address)[1] = high;
        __asm volatile("dsb" ::: "memory");
      }
      do { /* not end(): this loop decides how fast all is */
        (void)fh_tick();
        status = (int)flash->sr;
      } while (((uint32_t)status & busy) != 0);
      status &= SR_ERRORS;
      address += 8;
    } while (status == 0 && address != stop);
    flash->cr = 0;
  }
  return status;
}

#include "../stm32/crc.h"
