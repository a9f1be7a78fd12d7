/* STM32F4: flash controller, clocks (RM0090). No function keeps anything in memory; the width
 * of programming is in FLASH_CR.PSIZE after Init. The entry points are in entry.S. */
#include "f4.h"

#include "../stm32/stm32.h"

typedef volatile struct {
  uint32_t cr, pllcfgr, cfgr, unused[9], ahb1enr;
} Rcc;
#define RCC ((Rcc *)0x40023800u)

typedef volatile struct {
  uint32_t acr, keyr, optkeyr, sr, cr;
} Flash;
#define FLASH ((Flash *)0x40023C00u)

enum {
  RCC_CR_HSION = 1 << 0,
  RCC_CR_CSSON = 1 << 19,
  RCC_CR_PLLON = 1 << 24,
  RCC_CR_PLLRDY = 1 << 25,
  RCC_CFGR_SW = 3,
  RCC_CFGR_SWS = 3 << 2,
  RCC_CFGR_SW_PLL = 2,
  RCC_CFGR_SWS_PLL = 2 << 2,
  RCC_CFGR_PPRE1_2 = 4 << 10,
  RCC_AHB1ENR_CRCEN = 1 << 12,
  ACR_RESET_CACHES = 3 << 11,
  SR_BSY = 1 << 16,
  SR_ERRORS = 0xF2,
  SR_ALL = 0x1F3,
  CR_PG = 1 << 0,
  CR_SER = 1 << 1,
  CR_PSIZE = 3 << 8,
  CR_STRT = 1 << 16
};
#define CR_LOCK (1u << 31)
/* HSI / 8 * 120 / 4, which an F401 may run at in any voltage scale; for USB / 5, and R = 2 where
 * there is one. */
#define PLL_60MHZ (2u << 28 | 5u << 24 | 1u << 16 | 120u << 6 | 8u)
/* Wait states for that, as an F401 needs them, with caches and prefetch off. Above 2.7 V, where
 * words are programmed, one is enough; else for 1.8 V. */
#define ACR_LATENCY(psize) ((psize) == 2 ? 1u : 3u)

static __attribute__((noinline)) int finish(Flash *flash) {
  (void)wait(&flash->sr, SR_BSY, 0, NO_LIMIT);
  return (int)(flash->sr & SR_ERRORS);
}

/* Switches to HSI, PLL off, prescalers 1. The chip switches when the new clock is ready. */
static __attribute__((noinline)) int use_hsi(void) {
  Rcc *rcc = RCC;
  KEEP(rcc);
  rcc->cr |= RCC_CR_HSION;
  rcc->cfgr &= ~(uint32_t)RCC_CFGR_SW;
  if (!wait(&rcc->cfgr, RCC_CFGR_SWS, 0, CLOCK_TICKS)) {
    return F4_STATUS_CLOCK;
  }
  rcc->cr &= ~(uint32_t)(RCC_CR_PLLON | RCC_CR_CSSON);
  (void)wait(&rcc->cr, RCC_CR_PLLRDY, 0, CLOCK_TICKS);
  rcc->cfgr = 0;
  return 0;
}

ENTRY int do_init(uint32_t address, uint32_t clock, uint32_t function, uint32_t psize) {
  Rcc *rcc = RCC;
  Flash *flash = FLASH;
  KEEP(rcc);
  KEEP(flash);
  (void)address;
  (void)function;
  int status = use_hsi();
  if (status != 0) {
    return status;
  }
  rcc->ahb1enr |= RCC_AHB1ENR_CRCEN;
  /* A cache can be reset only while it is off. */
  uint32_t latency = ACR_LATENCY(psize);
  flash->acr = latency;
  flash->acr = latency | ACR_RESET_CACHES;
  flash->acr = latency;
  if (clock > 16000000u) {
    rcc->pllcfgr = PLL_60MHZ;
    rcc->cr |= RCC_CR_PLLON;
    rcc->cfgr = RCC_CFGR_PPRE1_2 | RCC_CFGR_SW_PLL;
    (void)wait(&rcc->cfgr, RCC_CFGR_SWS, RCC_CFGR_SWS_PLL, CLOCK_TICKS); /* HSI does, too */
  }
  /* Locks first, whatever LOCK reads: keys to an unlocked controller lock it until reset. Writing
   * CR also clears what others left set there. */
  (void)finish(flash);
  flash->cr = CR_LOCK;
  flash->keyr = 0x45670123u;
  flash->keyr = 0xCDEF89ABu;
  flash->cr = psize << 8;
  return (int)(flash->cr & CR_LOCK);
}

ENTRY int do_uninit(uint32_t function) {
  (void)function;
  FLASH->cr = CR_LOCK;
  return use_hsi();
}

/* Erases by mode, bits of CR. Clears the last operation's errors, which would prevent the start. */
ENTRY int operate(uint32_t mode) {
  Flash *flash = FLASH;
  KEEP(flash);
  uint32_t psize = flash->cr & CR_PSIZE;
  mode |= psize;
  flash->sr = SR_ALL;
  flash->cr = mode;
  flash->cr = mode | CR_STRT;
  __asm volatile("dsb" ::: "memory");
  int status = finish(flash);
  flash->cr = psize;
  return status;
}

/* bank: its size in units of 512 KiB, 0 when there is one bank. Sectors of a bank: 4 of 16 KiB, one
 * of 64 KiB, then 128 KiB each. */
ENTRY int do_erase(uint32_t address, uint32_t bank) {
  uint32_t offset = address - 0x08000000u;
  uint32_t bank_size = bank << 19;
  uint32_t number = 0;
  if (bank_size != 0 && offset >= bank_size) {
    offset -= bank_size;
    number = 0x10;
  }
  if (offset < 0x10000) {
    number += offset >> 14;
  } else {
    number += 4 + (offset >> 17);
  }
  return operate(CR_SER | number << 3);
}

/* By words, which decides how fast all is: the next one is loaded while the flash is busy. */
static inline int program_words(Flash *flash, uint32_t address, uint32_t stop,
                                const uint32_t *data) {
  int status;
  uint32_t word = *data;
  do {
    if (word != 0xFFFFFFFFu) {
      *(volatile uint32_t *)address = word;
    }
    __asm volatile("dsb" ::: "memory");
    address += 4;
    word = *(volatile const uint32_t *)++data; /* behind the last one is RAM, too */
    WAIT_CLOSELY(status = (int)flash->sr, (status & SR_BSY) == 0);
    status &= SR_ERRORS;
  } while (status == 0 && address != stop);
  return status;
}

ENTRY int do_program_page(uint32_t address, uint32_t size, const uint8_t *data) {
  Flash *flash = FLASH;
  KEEP(flash);
  uint32_t stop = address + size;
  uint32_t psize = flash->cr & CR_PSIZE;
  uint32_t unit = 1u << (psize >> 8);
  int status = F4_STATUS_ALIGNMENT;
  if (((address | size) & (unit - 1)) == 0) {
    flash->sr = SR_ALL;
    flash->cr = psize | CR_PG;
    if (unit == 4) {
      status = program_words(flash, address, stop, (const uint32_t *)data);
      stop = address;
    }
    while (address != stop) {
      if (unit == 2) {
        uint16_t half = *(const uint16_t *)data;
        if (half != 0xFFFF) {
          *(volatile uint16_t *)address = half;
        }
      } else if (*data != 0xFF) {
        *(volatile uint8_t *)address = *data;
      }
      __asm volatile("dsb" ::: "memory");
      address += unit;
      data += unit;
      WAIT_CLOSELY(status = (int)flash->sr, (status & SR_BSY) == 0);
      status &= SR_ERRORS;
      if (status != 0) {
        break;
      }
    }
    flash->cr = psize;
  }
  return status;
}

#include "../stm32/crc.h"
