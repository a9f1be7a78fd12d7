/* The firmware that was there before, for STM32L4, G4, WB and, with STM32G0 defined, G0 boards:
 * caches full of its code, a SysTick interrupt of 4 kHz, a short watchdog (50 ms) fed by it, and
 * the same LEDs blinking from it every 40 ms. */
#include "stm32l4.h"

enum { TICK_HZ = 4000, LED_TICKS = 160, ROUNDS = 40, WORDS = 512 };

static uint32_t words[WORDS];

void SysTick_Handler(void);
void SysTick_Handler(void) {
  static uint32_t ticks;
  static uint32_t led;
  static uint32_t left = LED_TICKS;
  ticks++;
  IWDG->KR = IWDG_RELOAD;
  if (--left == 0) {
    left = LED_TICKS;
    led ^= 1;
    set_leds(led);
  }
  uint32_t sum = ticks;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    sum = (sum << 5 | sum >> 27) ^ words[(ticks + i) % WORDS];
  }
  words[ticks % WORDS] = sum;
}

int main(void) {
  start_clocks();
  start_watchdog(0, 400); /* LSI / 4: 50 ms */
  make_leds();
  start_systick(TICK_HZ);
  for (;;) {
  }
}
