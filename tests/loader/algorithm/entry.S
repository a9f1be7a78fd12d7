/* The entry points. No function keeps any register but r9: an agent that counts on them fails. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

.macro function name
  .global algorithm_\name
  .thumb_func
algorithm_\name:
  push {r3, lr}
  bl do_\name
  b wreck
.endm

  function init
  function uninit
  function erase_sector
  function program_page

/* The same, and interrupts stay masked from then on. */
  .global algorithm_masked_erase_sector
  .thumb_func
algorithm_masked_erase_sector:
  cpsid i
  push {r3, lr}
  bl do_erase_sector

wreck:
  mov r4, sp
  mvns r4, r4
  movs r5, r4
  movs r6, r4
  movs r7, r4
  mov r8, r4
  mov r10, r4
  mov r11, r4
  pop {r3, pc}
