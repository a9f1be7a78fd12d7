/* The Idle function: feeds the independent watchdog. Include it after `function idle`. ARMv6-M code. */
  ldr r0, iwdg_kr
  movs r1, #0xAA
  lsls r2, r1, #8
  orrs r1, r2
  str r1, [r0]
  bx lr
  .align 2
iwdg_kr:
  .word 0x40003000
