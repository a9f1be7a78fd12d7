/* The few registers of an STM32F4 that the example firmwares use (RM0090). */
#ifndef STM32F4_H
#define STM32F4_H

#define HSI_HZ 16000000u /* LSI: 32 kHz */
#include "stm32.h"

#define RCC_AHB1ENR (*(volatile uint32_t *)0x40023830u)
#define RCC_AHB1ENR_GPIOA (1u << 0)
#define RCC_AHB1ENR_GPIOC (1u << 2)
#define RCC_AHB1ENR_GPIOD (1u << 3)

#define FLASH_ACR (*(volatile uint32_t *)0x40023C00u)
#define FLASH_ACR_CACHES (7u << 8) /* prefetch, instructions, data */

#define GPIOA ((Gpio *)0x40020000u)
#define GPIOC ((Gpio *)0x40020800u)
#define GPIOD ((Gpio *)0x40020C00u)

#endif
