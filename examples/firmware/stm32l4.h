/* The few registers of an STM32L4, G4 or WB, or with STM32G0 defined of a G0, that the example
 * firmwares use (RM0351, RM0440, RM0434, RM0444). */
#ifndef STM32L4_H
#define STM32L4_H

#define HSI_HZ 16000000u /* LSI: 32 kHz */
#include "stm32.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#ifdef STM32G0
#define GPIO_BASE 0x50000000u
#define FLASH_ACR_CACHES (3u << 8) /* prefetch, instructions */
#else
#define GPIO_BASE 0x48000000u
#define FLASH_ACR_CACHES (7u << 8) /* prefetch, instructions, data */
#endif

#define GPIOA ((Gpio *)GPIO_BASE)
#define GPIOB ((Gpio *)(GPIO_BASE + 0x400u))

/* A WB has RCC and flash controller elsewhere. */
static inline uint32_t is_wb(void) {
#ifdef STM32G0
  return 0;
#else
  return (REGISTER(0xE0042000u) & 0xFFFu) == 0x495u;
#endif
}

/* The caches on; the core at 16 MHz, as a G0 is after a reset anyway; ports A and B with a clock.
 * The other bits of FLASH_ACR stay: one of them would switch the debug port off. */
static inline void start_clocks(void) {
  const uint32_t rcc = is_wb() ? 0x58000000u : 0x40021000u;
  REGISTER(is_wb() ? 0x58004000u : 0x40022000u) |= FLASH_ACR_CACHES;
#ifdef STM32G0
  REGISTER(rcc + 0x34) |= 3;
#else
  REGISTER(rcc) |= 1u << 8; /* HSION */
  while ((REGISTER(rcc) & 1u << 10) == 0) {
  }
  REGISTER(rcc + 0x08) = 1; /* SW = HSI16 */
  REGISTER(rcc + 0x4C) |= 3;
#endif
}

/* The LEDs of a Nucleo-64 (PA5), a Nucleo-32 (PB3) and a Nucleo-WB55 (PB5). */
static inline void make_leds(void) {
  make_output(GPIOA, 5);
  make_output(GPIOB, 3);
  make_output(GPIOB, 5);
}

static inline void set_leds(uint32_t level) {
  set_pin(GPIOA, 5, level);
  set_pin(GPIOB, 3, level);
  set_pin(GPIOB, 5, level);
}

#endif
