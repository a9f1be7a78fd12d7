/* The few registers of STM32F0 and F3 that the example firmwares use (RM0091, RM0364). */
#ifndef STM32F0F3_H
#define STM32F0F3_H

#define HSI_HZ 8000000u /* LSI: 40 kHz */
#include "stm32.h"

#define RCC_AHBENR (*(volatile uint32_t *)0x40021014u)
#define RCC_AHBENR_GPIOB (1u << 18)
#define RCC_AHBENR_GPIOC (1u << 19)

#define GPIOB ((Gpio *)0x48000400u)
#define GPIOC ((Gpio *)0x48000800u)

#endif
