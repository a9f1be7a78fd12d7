/* The few registers of an STM32L4, G4 or WB, or with STM32G0 defined of a G0, that the example
 * firmwares use (RM0351, RM0440, RM0434, RM0444). */
#ifndef STM32L4_H
#define STM32L4_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#ifdef STM32G0
#define GPIO_BASE 0x50000000u
#define FLASH_ACR_CACHES (3u << 8) /* prefetch, instructions */
#else
#define GPIO_BASE 0x48000000u
#define FLASH_ACR_CACHES (7u << 8) /* prefetch, instructions, data */
#endif

typedef volatile struct {
  uint32_t MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR;
} Gpio;
#define GPIOA ((Gpio *)GPIO_BASE)
#define GPIOB ((Gpio *)(GPIO_BASE + 0x400u))

typedef volatile struct {
  uint32_t KR, PR, RLR, SR;
} Iwdg;
#define IWDG ((Iwdg *)0x40003000u)
#define IWDG_RELOAD 0xAAAAu
#define IWDG_UNLOCK 0x5555u
#define IWDG_START 0xCCCCu

typedef volatile struct {
  uint32_t CSR, RVR, CVR;
} SysTick;
#define SYSTICK ((SysTick *)0xE000E010u)

#define HSI_HZ 16000000u

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

static inline void make_output(Gpio *port, uint32_t pin) {
  port->MODER = (port->MODER & ~(3u << 2 * pin)) | 1u << 2 * pin;
}

static inline void set_pin(Gpio *port, uint32_t pin, uint32_t level) {
  port->BSRR = level != 0 ? 1u << pin : 0x10000u << pin;
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

static inline void start_systick(uint32_t hertz) {
  SYSTICK->RVR = HSI_HZ / hertz - 1;
  SYSTICK->CVR = 0;
  SYSTICK->CSR = 7;
}

/* Period of LSI / (4 << prescaler), 32 kHz. */
static inline void start_watchdog(uint32_t prescaler, uint32_t counts) {
  IWDG->KR = IWDG_START;
  IWDG->KR = IWDG_UNLOCK;
  IWDG->PR = prescaler;
  IWDG->RLR = counts - 1;
  while (IWDG->SR != 0) {
  }
  IWDG->KR = IWDG_RELOAD;
}

#endif
