/* The demo for STM32F0 and F3 boards. Checks its own image by CRC-32, then toggles the LEDs of a
 * Nucleo-32 (PB3) and a Discovery (PC9) every 100 ms from a SysTick interrupt of 1 kHz. The main
 * loop feeds the independent watchdog (500 ms) as long as the interrupt is alive. Runs from HSI at
 * 8 MHz, on a Cortex-M0 and a Cortex-M4. */
#include "blink.h"
#include "stm32f0f3.h"

extern const uint32_t image_start[], image_end[];

enum { TICK_HZ = 1000, TOGGLE_TICKS = 100 };

static volatile uint32_t ticks;

static uint32_t crc32(const uint8_t *data, const uint8_t *end) {
  uint32_t crc = 0xFFFFFFFFu;
  for (; data != end; data++) {
    crc = crc_table[(crc ^ *data) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
}

void SysTick_Handler(void);
void SysTick_Handler(void) {
  static uint32_t led;
  if (++ticks % TOGGLE_TICKS == TOGGLE_TICKS / 2) {
    led ^= 1;
    set_pin(GPIOB, 3, led);
    set_pin(GPIOC, 9, led);
  }
}

int main(void) {
  start_watchdog(2, 1250); /* LSI / 16: 500 ms */
  if (crc32((const uint8_t *)image_start, (const uint8_t *)image_end) != *image_end) {
    return 1; /* a damaged image shows nothing: the watchdog resets it again and again */
  }
  RCC_AHBENR |= RCC_AHBENR_GPIOB | RCC_AHBENR_GPIOC;
  make_output(GPIOB, 3);
  make_output(GPIOC, 9);
  start_systick(TICK_HZ);
  for (uint32_t last = 0;;) {
    while (ticks - last < 50) {
    }
    last = ticks;
    IWDG->KR = IWDG_RELOAD;
  }
}
