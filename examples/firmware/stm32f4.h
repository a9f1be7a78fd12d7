/* The few registers of an STM32F4 that the example firmwares use (RM0090). */
#ifndef STM32F4_H
#define STM32F4_H

#include <stdint.h>

#define RCC_AHB1ENR (*(volatile uint32_t *)0x40023830u)
#define RCC_AHB1ENR_GPIOA (1u << 0)
#define RCC_AHB1ENR_GPIOC (1u << 2)
#define RCC_AHB1ENR_GPIOD (1u << 3)

#define FLASH_ACR (*(volatile uint32_t *)0x40023C00u)
#define FLASH_ACR_CACHES (7u << 8) /* prefetch, instructions, data */

typedef volatile struct {
  uint32_t MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR;
} Gpio;
#define GPIOA ((Gpio *)0x40020000u)
#define GPIOC ((Gpio *)0x40020800u)
#define GPIOD ((Gpio *)0x40020C00u)

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
