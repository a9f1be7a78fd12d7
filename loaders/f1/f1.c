/* STM32F0, F1 and F3: flash program and erase controller (PM0075), clocks (RM0008). No function
 * keeps anything in memory; the entry points are in entry.S. */
#include "f1.h"

#include "../stm32/stm32.h"

typedef volatile struct {
  uint32_t cr, cfgr, cir, apb2rstr, apb1rstr, ahbenr;
} Rcc;
#define RCC ((Rcc *)0x40021000u)

/* One bank's registers; acr exists only in the first bank. */
typedef volatile struct {
  uint32_t acr, keyr, optkeyr, sr, cr, ar;
} Bank;
#define BANK1 ((Bank *)0x40022000u)

/* In bank 2 address bit 19 is set, and the registers are 0x40 higher. */
static inline Bank *bank_at(Bank *bank1, uint32_t offset) {
  return (Bank *)((uint32_t)bank1 + offset);
}
#define BANK_OFFSET(address) (((address) >> 13) & 0x40u)
#define AT_BANK_START(address) (((address) << 13) == 0)

enum {
  RCC_CR_HSION = 1 << 0,
  RCC_CR_CSSON = 1 << 19,
  RCC_CR_PLLON = 1 << 24,
  RCC_CR_PLLRDY = 1 << 25,
  RCC_CFGR_SW_PLL = 2,
  RCC_CFGR_SW = 3,
  RCC_CFGR_SWS = 3 << 2,
  RCC_CFGR_SWS_PLL = 2 << 2,
  RCC_AHBENR_CRCEN = 1 << 6,
  SR_BSY = 1 << 0,
  SR_PGERR = 1 << 2,
  SR_WRPRTERR = 1 << 4,
  SR_EOP = 1 << 5,
  SR_ERRORS = SR_PGERR | SR_WRPRTERR,
  CR_PG = 1 << 0,
  CR_MER = 1 << 2,
  CR_STRT = 1 << 6,
  CR_LOCK = 1 << 7
};

_Static_assert(__builtin_offsetof(Bank, sr) == 12 && __builtin_offsetof(Bank, cr) == 16 &&
                   F1_STATUS_ALIGNMENT == 0x40 && SR_ERRORS == 0x14,
               "entry.S is wrong");

/* Waits for the end of an operation; returns its errors. */
ENTRY int finish(Bank *bank) {
  (void)wait(&bank->sr, SR_BSY, 0, NO_LIMIT);
  return (int)(bank->sr & SR_ERRORS);
}

/* Switches to HSI, PLL off, prescalers 1. The chip switches when the new clock is ready. */
static __attribute__((noinline)) int use_hsi(void) {
  Rcc *rcc = RCC;
  KEEP(rcc);
  rcc->cr |= RCC_CR_HSION;
  rcc->cfgr &= ~(uint32_t)RCC_CFGR_SW;
  if (!wait(&rcc->cfgr, RCC_CFGR_SWS, 0, CLOCK_TICKS)) {
    return F1_STATUS_CLOCK;
  }
  rcc->cr &= ~(uint32_t)(RCC_CR_PLLON | RCC_CR_CSSON);
  (void)wait(&rcc->cr, RCC_CR_PLLRDY, 0, CLOCK_TICKS);
  rcc->cfgr = 0;
  return 0;
}

/* Locks first, whatever LOCK reads: keys to an unlocked controller lock it until reset, but some
 * clones read 0 while they are locked. Writing CR also clears what others left set there. */
static __attribute__((noinline)) int unlock(Bank *bank) {
  (void)finish(bank);
  bank->cr = CR_LOCK;
  bank->keyr = 0x45670123u;
  bank->keyr = 0xCDEF89ABu;
  bank->cr = 0;
  return (int)(bank->cr & CR_LOCK);
}

ENTRY int do_init(uint32_t address, uint32_t settings, uint32_t function, uint32_t bank2) {
  Rcc *rcc = RCC;
  Bank *bank = BANK1;
  KEEP(rcc);
  KEEP(bank);
  (void)address;
  (void)function;
  int status = use_hsi();
  if (status != 0) {
    return status;
  }
  rcc->ahbenr |= RCC_AHBENR_CRCEN;
  if (settings >= 1u << 24) { /* f1.h */
    bank->acr = settings >> 24;
    rcc->cfgr = settings << 8;
    rcc->cr |= RCC_CR_PLLON;
    rcc->cfgr |= RCC_CFGR_SW_PLL;
    (void)wait(&rcc->cfgr, RCC_CFGR_SWS, RCC_CFGR_SWS_PLL, CLOCK_TICKS); /* HSI does, too */
  }
  return unlock(bank) | unlock(bank_at(bank, bank2)); /* without a bank 2 the same again */
}

ENTRY int do_uninit(uint32_t function, uint32_t bank2) {
  Bank *bank = BANK1;
  KEEP(bank);
  (void)function;
  bank->cr = CR_LOCK;
  bank_at(bank, bank2)->cr = CR_LOCK; /* without a bank 2 the same again */
  return use_hsi();
}

/* Makes the bank of an address ready for an operation. */
ENTRY Bank *begin(uint32_t address, uint32_t mode) {
  Bank *bank = bank_at(BANK1, BANK_OFFSET(address));
  bank->sr = SR_EOP | SR_ERRORS;
  bank->cr = mode;
  return bank;
}

ENTRY int do_erase(uint32_t address, uint32_t mode) {
  Bank *bank = begin(address, mode);
  bank->ar = address;
  bank->cr = mode | CR_STRT;
  (void)bank->sr; /* BSY may read 0 in the cycle after STRT (ES096) */
  int status = finish(bank);
  bank->cr = 0;
  return status;
}

ENTRY int do_erase_chip(uint32_t banks) {
  int status = do_erase(0, CR_MER);
  if (status == 0 && banks != 0) {
    status = do_erase(banks << 19, CR_MER);
  }
  return status;
}

#include "../stm32/crc.h"
