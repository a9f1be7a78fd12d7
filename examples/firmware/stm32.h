/* What all STM32s but the F1 share, as far as the example firmwares use it. The series' header
 * defines HSI_HZ before it includes this, and the ports. */
#ifndef STM32_H
#define STM32_H

#include <stdint.h>

typedef volatile struct {
  uint32_t MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR;
} Gpio;

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

static inline void make_output(Gpio *port, uint32_t pin) {
  port->MODER = (port->MODER & ~(3u << 2 * pin)) | 1u << 2 * pin;
}

static inline void set_pin(Gpio *port, uint32_t pin, uint32_t level) {
  port->BSRR = level != 0 ? 1u << pin : 0x10000u << pin;
}

static inline void start_systick(uint32_t hertz) {
  SYSTICK->RVR = HSI_HZ / hertz - 1;
  SYSTICK->CVR = 0;
  SYSTICK->CSR = 7;
}

/* Period of LSI / (4 << prescaler). */
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
