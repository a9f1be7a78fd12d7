/* Vector table and start of the example firmwares. */
#include <stdint.h>

extern uint32_t stack_top[], data_source[], data_start[], data_end[], bss_start[], bss_end[];

int main(void);
void Reset_Handler(void);
void SysTick_Handler(void);

static void Stop_Handler(void) {
  for (;;) {
  }
}

void Reset_Handler(void) {
  const uint32_t *from = data_source;
  for (uint32_t *to = data_start; to != data_end;) {
    *to++ = *from++;
  }
  for (uint32_t *to = bss_start; to != bss_end;) {
    *to++ = 0;
  }
  (void)main();
  Stop_Handler();
}

typedef void (*Vector)(void);
__attribute__((section(".vectors"), used)) static const struct {
  uint32_t *stack;
  Vector handlers[15 + 43];
} vectors = {
    stack_top,
    {
        [0] = Reset_Handler,
        [1] = Stop_Handler,  /* NMI */
        [2] = Stop_Handler,  /* HardFault */
        [3] = Stop_Handler,  /* MemManage */
        [4] = Stop_Handler,  /* BusFault */
        [5] = Stop_Handler,  /* UsageFault */
        [10] = Stop_Handler, /* SVCall */
        [11] = Stop_Handler, /* DebugMonitor */
        [13] = Stop_Handler, /* PendSV */
        [14] = SysTick_Handler,
        [15 ... 57] = Stop_Handler, /* interrupts of peripherals: none is used */
    },
};
