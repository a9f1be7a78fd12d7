/* The entry points of the functions, at offsets that no compiler changes, and the handler of the NMI. ARMv6-M
 * code. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

  .equ ECCR, 0x18           /* of the flash controller; a second one may follow, else 0 is read there */
  .equ MAGIC, 64            /* of the mailbox, behind the vector table */
  .equ UNREADABLE, 64 + 228
  .equ HARD_FAULT, 12       /* in the vector table: how the agent stops */

.macro function name
  .global l4_\name
  .thumb_func
l4_\name:
.endm

.macro entry name, target
  function \name
  b.n \target
.endm

  entry init,         do_init
  entry uninit,       do_uninit
  entry erase_sector, do_erase
  entry erase_chip,   do_erase_chip
  entry program_page, do_program_page
  entry crc,          do_crc

/* A word of flash that cannot be corrected: counts it and goes on. An NMI without that flag is for the agent, unless
 * it was pending before the agent came up: then a debugger had read such a word. */
  function nmi
  ldr r0, flash_low
  b.n 1f
  function nmi_high
  ldr r0, flash_high
1:
  movs r1, #5
  lsls r1, r1, #29 /* ECCD, and ECCD2 of the upper half */
  ldr r3, vtor
  ldr r3, [r3]
  ldr r2, [r0, #ECCR]
  tst r2, r1
  bne 2f
  adds r0, #4
  ldr r2, [r0, #ECCR]
  tst r2, r1
  beq 3f
2:
  str r2, [r0, #ECCR] /* clears it */
  movs r1, #(UNREADABLE / 2)
  lsls r1, r1, #1
  ldr r2, [r3, r1]
  adds r2, #1
  str r2, [r3, r1]
  dsb
  bx lr
3:
  ldr r1, [r3, #MAGIC]
  cmp r1, #0
  beq 4f
  ldr r1, [r3, #HARD_FAULT]
  bx r1
4:
  bx lr

  .align 2
flash_low:
  .word 0x40022000
flash_high:
  .word 0x58004000
vtor:
  .word 0xE000ED08

  function idle
#include "../stm32/idle.S"
