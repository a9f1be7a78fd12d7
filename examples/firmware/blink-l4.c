/* The demo for STM32L4, G4, WB and, with STM32G0 defined, G0 boards. Switches the flash's caches
 * on, checks its own image by CRC-32, then toggles the LEDs every 100 ms from a SysTick interrupt
 * of 1 kHz. The main loop feeds the independent watchdog (500 ms) as long as the interrupt is
 * alive. */
#include "blink.h"
#include "stm32l4.h"

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
  static uint32_t left = TOGGLE_TICKS / 2;
  ticks++;
  if (--left == 0) {
    left = TOGGLE_TICKS;
    led ^= 1;
    set_leds(led);
  }
}

int main(void) {
  start_clocks();
  start_watchdog(2, 1000); /* LSI / 16: 500 ms */
  if (crc32((const uint8_t *)image_start, (const uint8_t *)image_end) != *image_end) {
    return 1; /* a damaged image shows nothing: the watchdog resets it again and again */
  }
  make_leds();
  start_systick(TICK_HZ);
  for (uint32_t last = 0;;) {
    while (ticks - last < 50) {
    }
    last = ticks;
    IWDG->KR = IWDG_RELOAD;
  }
}
