/* What the STM32F4 functions return when something went wrong: the error bits of FLASH_SR (OPERR
 * 0x02, WRPERR 0x10, PGAERR 0x20, PGPERR 0x40, PGSERR 0x80) or one of these. */
#ifndef FLASHHOST_LOADERS_F4_H
#define FLASHHOST_LOADERS_F4_H

#define F4_STATUS_ALIGNMENT 0x00000200u /* ProgramPage got an address or length off its unit */
#define F4_STATUS_CLOCK 0x00000400u     /* HSI is not ready, or the core clock does not switch */
#define F4_STATUS_LOCKED 0x80000000u    /* the keys had no effect (it is FLASH_CR.LOCK) */

/* Init sets this clock, from HSI, if asked for more than HSI's own 16 MHz. */
#define F4_CLOCK_HZ 60000000u

#endif
