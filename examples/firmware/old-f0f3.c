/* The firmware that was there before on STM32F0 and F3 boards: a SysTick interrupt of 4 kHz that
 * feeds a short watchdog (50 ms) and blinks PB3 and PC9 every 40 ms. */
#include "stm32f0f3.h"

enum { TICK_HZ = 4000, LED_TICKS = 160 };

void SysTick_Handler(void);
void SysTick_Handler(void) {
  static uint32_t ticks;
  static uint32_t led;
  IWDG->KR = IWDG_RELOAD;
  if (++ticks % LED_TICKS == 0) {
    led ^= 1;
    set_pin(GPIOB, 3, led);
    set_pin(GPIOC, 9, led);
  }
}

int main(void) {
  start_watchdog(0, 500); /* LSI / 4: 50 ms */
  RCC_AHBENR |= RCC_AHBENR_GPIOB | RCC_AHBENR_GPIOC;
  make_output(GPIOB, 3);
  make_output(GPIOC, 9);
  start_systick(TICK_HZ);
  for (;;) {
  }
}
