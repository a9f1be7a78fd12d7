/* The demo. Checks its own image by CRC-32, then toggles PC13 every 100 ms, sends a text in Morse
 * code on PB0 and synthesises a two-tone signal into a ring buffer, from a SysTick interrupt of 1
 * kHz. The main loop feeds the independent watchdog (500 ms) as long as the interrupt is alive.
 * Runs from HSI at 8 MHz. */
#include "blink.h"

#include "stm32f103.h"

extern const uint32_t image_start[], image_end[];

enum { LED = 13, MORSE = 0, TICK_HZ = 1000, TOGGLE_TICKS = 100, DOT_TICKS = 60, SAMPLES = 256 };

static volatile uint32_t ticks;
static volatile int16_t samples[SAMPLES];

static uint32_t crc32(const uint8_t *data, const uint8_t *end) {
  uint32_t crc = 0xFFFFFFFFu;
  for (; data != end; data++) {
    crc = crc_table[(crc ^ *data) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
}

/* Two tones of DTMF digit "5" at a sample rate of 1 kHz, as phase steps of 2^32 per turn. */
static void synthesise(void) {
  static uint32_t low;
  static uint32_t high;
  static uint32_t next;
  low += 3307124818u;  /* 770 Hz */
  high += 1443109011u; /* 1336 Hz, folded to 336 Hz */
  int32_t sum = sine_table[low >> 21] + sine_table[high >> 21];
  samples[next] = (int16_t)(sum / 2);
  next = (next + 1) % SAMPLES;
}

/* The pattern of a character, dots 0 and dashes 1 after a leading 1; 0: a gap between words. */
static uint32_t pattern_of(char character) {
  if (character >= 'a' && character <= 'z') {
    character = (char)(character - 'a' + 'A');
  }
  for (const struct MorseCode *code = morse_codes; code->character != 0; code++) {
    if (code->character == character) {
      return code->pattern;
    }
  }
  return 0;
}

/* One unit of time of the Morse code: level of the pin. */
static uint32_t next_unit(void) {
  static const char *position = morse_text;
  static uint32_t pattern;
  static uint32_t bit;
  static uint32_t on;
  static uint32_t off;
  if (on != 0) {
    on--;
    return 1;
  }
  if (off != 0) {
    off--;
    return 0;
  }
  if (bit == 0) { /* next character */
    pattern = pattern_of(*position);
    position = position[1] != 0 ? position + 1 : morse_text;
    if (pattern == 0) {
      off = 3;
      return 0;
    }
    bit = 31 - (uint32_t)__builtin_clz(pattern);
  }
  bit--;
  on = (pattern >> bit & 1) != 0 ? 2 : 0;
  off = bit == 0 ? 3 : 1;
  return 1;
}

void SysTick_Handler(void);
void SysTick_Handler(void) {
  static uint32_t led;
  uint32_t now = ++ticks;
  if (now % TOGGLE_TICKS == TOGGLE_TICKS / 2) {
    led ^= 1;
    set_pin(GPIOC, LED, led);
  }
  if (now % DOT_TICKS == 0) {
    set_pin(GPIOB, MORSE, next_unit());
  }
  synthesise();
}

int main(void) {
  start_watchdog(2, 1250); /* LSI / 16: 500 ms */
  if (crc32((const uint8_t *)image_start, (const uint8_t *)image_end) != *image_end) {
    return 1; /* a damaged image shows nothing: the watchdog resets it again and again */
  }
  RCC->APB2ENR |= RCC_APB2ENR_GPIOB | RCC_APB2ENR_GPIOC;
  GPIOC->CRH = (GPIOC->CRH & ~(0xFu << 20)) | GPIO_OUTPUT_2MHZ << 20;
  GPIOB->CRL = (GPIOB->CRL & ~0xFu) | GPIO_OUTPUT_2MHZ;
  start_systick(TICK_HZ);
  for (uint32_t last = 0;;) {
    while (ticks - last < 50) {
    }
    last = ticks;
    IWDG->KR = IWDG_RELOAD;
  }
}
