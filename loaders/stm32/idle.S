/* The Idle function: feeds the independent watchdog. Behind `function idle`. */
  ldr r0, iwdg_kr
  movw r1, #0xAAAA
  str r1, [r0]
  bx lr
  .align 2
iwdg_kr:
  .word 0x40003000
