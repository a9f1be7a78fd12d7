/* What the functions of every STM32 family need. */
#ifndef FLASHHOST_LOADERS_STM32_H
#define FLASHHOST_LOADERS_STM32_H

#include "../agent/tick.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define ENTRY __attribute__((used, noinline))
/* Keeps the compiler from building nearby addresses as new constants. */
#define KEEP(pointer) __asm("" : "+r"(pointer))

typedef volatile struct {
  uint32_t dr, idr, cr;
} CrcUnit;
#define CRC ((CrcUnit *)0x40023000u)

#define CLOCK_TICKS 200u /* HSI and PLL are ready within 10 us and 300 us */
#define NO_LIMIT 0u      /* the host decides how long flash may take */

/* Looks until `done`, many times for each look at the tick, which takes much longer. */
#define WAIT_CLOSELY(look, done)                    \
  do {                                              \
    __label__ end;                                  \
    for (;;) {                                      \
      (void)fh_tick();                              \
      for (uint32_t left = 32; left != 0; left--) { \
        look;                                       \
        if (done) goto end;                         \
      }                                             \
    }                                               \
  end:;                                             \
  } while (0)

/* Returns 0 when the bits do not become `value` within so many ticks. */
static __attribute__((noinline)) int wait(volatile uint32_t *address, uint32_t mask, uint32_t value,
                                          uint32_t ticks) {
  while ((*address & mask) != value) {
    if (fh_tick() && --ticks == 0) {
      return 0;
    }
  }
  return 1;
}

#endif
