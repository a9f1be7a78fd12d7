/* What the STM32F1 functions return when something went wrong: the error bits of FLASH_SR (PGERR
 * 0x04, WRPRTERR 0x10) or one of these. */
#ifndef FLASHHOST_LOADERS_F1_H
#define FLASHHOST_LOADERS_F1_H

#define F1_STATUS_ALIGNMENT 0x40u /* ProgramPage got an odd address or length */
#define F1_STATUS_LOCKED 0x80u    /* the key sequence had no effect (it is FLASH_CR.LOCK) */
#define F1_STATUS_CLOCK 0xC0u     /* HSI is not ready, or the core clock does not switch to it */

/* Init's second argument. The highest byte is for FLASH_ACR, with its prefetch bit always set; the
 * rest is RCC_CFGR without its lowest byte, for a clock from the PLL and HSI / 2. Without a highest
 * byte the core stays at 8 MHz. */
#define F1_INIT_SLOW 0x10001000u   /* 24 MHz: no wait state, PLL times 6 */
#define F1_INIT_COMMON 0x11001C00u /* 36 MHz: one wait state, PLL times 9 */
#define F1_INIT_MIDDLE 0x11002800u /* 48 MHz: one wait state, PLL times 12 */
#define F1_INIT_FAST 0x12003804u   /* 64 MHz: two wait states, PLL times 16, APB1 at half of it */

/* Of F1_INIT_SLOW, which every chip stands. */
#define F1_CLOCK_HZ 24000000u

#endif
