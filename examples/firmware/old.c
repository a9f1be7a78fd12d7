/* The firmware that was there before: everything that makes flashing hard. A SysTick interrupt of 4
 * kHz that takes a good part of the time, a short watchdog (50 ms) fed by it, DMA that copies into
 * SRAM round after round, and PC13 and PB1 blinking from it: every 40 ms and every 15 ms. */
#include "stm32f103.h"

enum {
  LED = 13,
  OTHER = 1,
  TICK_HZ = 4000,
  LED_TICKS = 160,
  OTHER_TICKS = 60,
  WORDS = 64,
  ROUNDS = 40
};

static uint32_t source[WORDS];
static uint32_t copy[8 * WORDS];
static volatile uint32_t checksum;

static void copy_by_dma(void) {
  static uint32_t round;
  DMA1_CHANNEL1->CCR = 0;
  DMA1_CHANNEL1->CPAR = (uint32_t)source;
  DMA1_CHANNEL1->CMAR = (uint32_t)&copy[(round++ % 8) * WORDS];
  DMA1_CHANNEL1->CNDTR = WORDS;
  DMA1_CHANNEL1->CCR = DMA_CCR_MEM2MEM | DMA_CCR_WORDS | DMA_CCR_PINC | DMA_CCR_MINC | DMA_CCR_EN;
}

void SysTick_Handler(void);
void SysTick_Handler(void) {
  static uint32_t ticks;
  static uint32_t led;
  static uint32_t other;
  ticks++;
  IWDG->KR = IWDG_RELOAD;
  if (ticks % LED_TICKS == 0) {
    led ^= 1;
    set_pin(GPIOC, LED, led);
  }
  if (ticks % OTHER_TICKS == 0) {
    other ^= 1;
    set_pin(GPIOB, OTHER, other);
  }
  uint32_t sum = checksum;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    sum = (sum << 5 | sum >> 27) ^ copy[(ticks + i) % (8 * WORDS)];
  }
  checksum = sum;
  source[ticks % WORDS] = sum + ticks;
  copy_by_dma();
}

int main(void) {
  start_watchdog(0, 500); /* LSI / 4: 50 ms */
  RCC->AHBENR |= RCC_AHBENR_DMA1 | RCC_AHBENR_SRAM | RCC_AHBENR_FLITF;
  RCC->APB2ENR |= RCC_APB2ENR_GPIOB | RCC_APB2ENR_GPIOC;
  GPIOC->CRH = (GPIOC->CRH & ~(0xFu << 20)) | GPIO_OUTPUT_2MHZ << 20;
  GPIOB->CRL = (GPIOB->CRL & ~(0xFu << 4)) | GPIO_OUTPUT_2MHZ << 4;
  for (uint32_t i = 0; i < WORDS; i++) {
    source[i] = i * 0x9E3779B9u;
  }
  start_systick(TICK_HZ);
  for (;;) {
  }
}
