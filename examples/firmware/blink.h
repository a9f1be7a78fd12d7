/* What blink is made of, in tables.c and text.c. */
#ifndef BLINK_H
#define BLINK_H

#include <stdint.h>

extern const uint32_t crc_table[256];  /* CRC-32 as in zip, by byte */
extern const int16_t sine_table[2048]; /* one turn */

struct MorseCode {
  char character;
  uint8_t pattern; /* a leading 1, then dots 0 and dashes 1 */
};
extern const struct MorseCode morse_codes[];
extern const char morse_text[];

#endif
