/* What the STM32F1 functions return when something went wrong: the error bits of FLASH_SR (PGERR
 * 0x04, WRPRTERR 0x10) or one of these. */
#ifndef FLASHHOST_LOADERS_F1_H
#define FLASHHOST_LOADERS_F1_H

#define F1_STATUS_ALIGNMENT 0x40u /* ProgramPage got an odd address or length */
#define F1_STATUS_LOCKED 0x80u    /* the key sequence had no effect (it is FLASH_CR.LOCK) */
#define F1_STATUS_CLOCK 0xC0u     /* HSI is not ready, or the core clock does not switch to it */

/* Init sets this clock, from HSI, if asked for it; otherwise the core stays at 8 MHz. */
#define F1_CLOCK_HZ 24000000u

#endif
