/* The entry points of the functions for STM32F0, F1 and F3, at offsets that no compiler changes. The _xl variants are for
 * parts with a second bank at 0x08080000, whose registers stand 0x40 above the first's. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

.macro function name
  .global f1_\name
  .thumb_func
f1_\name:
.endm

.macro entry name, register, value, target
  function \name
  movs \register, \value
  b.n \target
.endm

  entry init,          r3, #0, do_init
  entry init_xl,       r3, #0x40, do_init
  entry uninit,        r1, #0, do_uninit
  entry uninit_xl,     r1, #0x40, do_uninit
  entry erase_sector,  r1, #2, do_erase /* FLASH_CR.PER */
  entry erase_chip,    r0, #0, do_erase_chip
  entry erase_chip_xl, r0, #1, do_erase_chip

  function program_page
  b.n do_program_page

  function crc
  b.n do_crc

  function idle
#include "../stm32/idle.S"
