/* The firmware that was there before, for STM32F4 boards: caches full of its code, a SysTick
 * interrupt of 4 kHz, a short watchdog (50 ms) fed by it, and the same LEDs blinking from it every
 * 40 ms. */
#include "stm32f4.h"

enum { TICK_HZ = 4000, LED_TICKS = 160, ROUNDS = 40, WORDS = 512 };

static uint32_t words[WORDS];

void SysTick_Handler(void);
void SysTick_Handler(void) {
  static uint32_t ticks;
  static uint32_t led;
  ticks++;
  IWDG->KR = IWDG_RELOAD;
  if (ticks % LED_TICKS == 0) {
    led ^= 1;
    set_pin(GPIOA, 5, led);
    set_pin(GPIOC, 13, led);
    set_pin(GPIOD, 12, led);
  }
  uint32_t sum = ticks;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    sum = (sum << 5 | sum >> 27) ^ words[(ticks + i) % WORDS];
  }
  words[ticks % WORDS] = sum;
}

int main(void) {
  FLASH_ACR = FLASH_ACR_CACHES;
  start_watchdog(0, 400); /* LSI / 4: 50 ms */
  RCC_AHB1ENR |= RCC_AHB1ENR_GPIOA | RCC_AHB1ENR_GPIOC | RCC_AHB1ENR_GPIOD;
  make_output(GPIOA, 5);
  make_output(GPIOC, 13);
  make_output(GPIOD, 12);
  start_systick(TICK_HZ);
  for (;;) {
  }
}
