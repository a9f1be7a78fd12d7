/* What the host side and these functions agree on. */
#ifndef FLASHHOST_LOADERS_L4_H
#define FLASHHOST_LOADERS_L4_H

/* What the functions return when something went wrong: the error bits of FLASH_SR (PROGERR 0x08,
 * WRPERR 0x10, PGAERR 0x20, SIZERR 0x40, PGSERR 0x80, MISSERR 0x100, FASTERR 0x200) or one of
 * these. */
#define L4_STATUS_ALIGNMENT 0x10000000u /* ProgramPage got an address or length off 8 bytes */
#define L4_STATUS_CLOCK 0x20000000u     /* HSI is not ready, or the core clock does not switch */
#define L4_STATUS_LOCKED 0x80000000u    /* the keys had no effect (it is FLASH_CR.LOCK) */

/* Init's second argument in place of the clock: what differs between the chips. Its lowest four
 * bits are the binary logarithm of the page size. */
#define L4_FACTS_CLOCK_AT 4u               /* 3 bits: the oscillator's number in RCC_CFGR.SW */
#define L4_FACTS_DIVIDER_AT 7u             /* 3 bits: RCC_CR.HSIDIV */
#define L4_FACTS_WIDE_SOURCE 0x400u        /* RCC_CFGR.SW has three bits */
#define L4_FACTS_HIGH_BASE 0x800u          /* RCC at 0x58000000, flash controller at 0x58004000 */
#define L4_FACTS_SECOND_BUSY 0x1000u       /* FLASH_SR bit 17 is BSY2 */
#define L4_FACTS_BANK_BIT_THIRTEEN 0x2000u /* FLASH_CR.BKER is bit 13, not 11 */
#define L4_FACTS_SWAPPED 0x4000u           /* the second bank is shown first */
#define L4_FACTS_BOTH_MASSES 0x8000u       /* a mass erase needs MER1 and MER2 */
#define L4_FACTS_ROWS 0x1000000u           /* rows can be programmed fast after a mass erase */
#define L4_FACTS_ROWS_ALWAYS 0x2000000u    /* and after the erase of a page */
#define L4_FACTS_BANK_AT 16u /* 8 bits: distance of the banks in 64 KiB; 0: one bank */

/* Bytes of RAM behind the code, at r9. */
#define L4_STATE_SIZE 16u

#endif
