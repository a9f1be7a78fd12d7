/* The few registers of an STM32F103 that the example firmwares use (RM0008). */
#ifndef STM32F103_H
#define STM32F103_H

#include <stdint.h>

typedef volatile struct {
  uint32_t CR, CFGR, CIR, APB2RSTR, APB1RSTR, AHBENR, APB2ENR, APB1ENR, BDCR, CSR;
} Rcc;
#define RCC ((Rcc *)0x40021000u)
#define RCC_AHBENR_DMA1 (1u << 0)
#define RCC_AHBENR_SRAM (1u << 2)
#define RCC_AHBENR_FLITF (1u << 4)
#define RCC_APB2ENR_GPIOB (1u << 3)
#define RCC_APB2ENR_GPIOC (1u << 4)

typedef volatile struct {
  uint32_t CRL, CRH, IDR, ODR, BSRR, BRR, LCKR;
} Gpio;
#define GPIOB ((Gpio *)0x40010C00u)
#define GPIOC ((Gpio *)0x40011000u)
#define GPIO_OUTPUT_2MHZ 2u

typedef volatile struct {
  uint32_t KR, PR, RLR, SR;
} Iwdg;
#define IWDG ((Iwdg *)0x40003000u)
#define IWDG_RELOAD 0xAAAAu
#define IWDG_UNLOCK 0x5555u
#define IWDG_START 0xCCCCu

typedef volatile struct {
  uint32_t CTRL, LOAD, VAL, CALIB;
} SysTickTimer;
#define SYSTICK ((SysTickTimer *)0xE000E010u)
#define SYSTICK_CTRL_RUN 7u /* core clock, interrupt, enabled */

typedef volatile struct {
  uint32_t CCR, CNDTR, CPAR, CMAR;
} DmaChannel;
#define DMA1_CHANNEL1 ((DmaChannel *)0x40020008u)
#define DMA_CCR_EN (1u << 0)
#define DMA_CCR_PINC (1u << 6)
#define DMA_CCR_MINC (1u << 7)
#define DMA_CCR_WORDS ((2u << 8) | (2u << 10))
#define DMA_CCR_MEM2MEM (1u << 14)

#define HSI_HZ 8000000u

static inline void set_pin(Gpio *port, uint32_t pin, uint32_t level) {
  port->BSRR = level ? 1u << pin : 1u << (pin + 16);
}

/* period in cycles of LSI / 4 << prescaler, about 40 kHz */
static inline void start_watchdog(uint32_t prescaler, uint32_t periods) {
  IWDG->KR = IWDG_START;
  IWDG->KR = IWDG_UNLOCK;
  IWDG->PR = prescaler;
  IWDG->RLR = periods - 1;
  while (IWDG->SR != 0) {
  }
  IWDG->KR = IWDG_RELOAD;
}

static inline void start_systick(uint32_t hertz) {
  SYSTICK->LOAD = HSI_HZ / hertz - 1;
  SYSTICK->VAL = 0;
  SYSTICK->CTRL = SYSTICK_CTRL_RUN;
}

#endif
