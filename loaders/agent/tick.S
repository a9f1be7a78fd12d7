/* fh_tick of tick.h, for a family: calls the agent's. Families preserve r10, the mailbox. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .text

  .global fh_tick
  .thumb_func
fh_tick:
  mov r3, r10
  ldr r3, [r3, #80] /* parameters.tick */
  bx r3
