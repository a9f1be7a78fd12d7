/* The entry points of the STM32F4 functions, at offsets that no compiler changes. Init is there once for each
 * width of programming (FLASH_CR.PSIZE), EraseSector once for each map of sectors: one bank, two of 512 KiB, two
 * of 1 MiB. */
  .syntax unified
  .cpu cortex-m3
  .thumb
  .section .entry, "ax"

.macro function name
  .global f4_\name
  .thumb_func
f4_\name:
.endm

.macro entry name, register, value, target
  function \name
  movs \register, \value
  b.n \target
.endm

  entry init_x8,             r3, #0, do_init
  entry init_x16,            r3, #1, do_init
  entry init_x32,            r3, #2, do_init
  entry erase_sector,        r1, #0, do_erase
  entry erase_sector_dual,   r1, #1, do_erase
  entry erase_sector_2m,     r1, #2, do_erase
  entry erase_chip,          r0, #0x4, operate /* FLASH_CR.MER */
  entry erase_chip_dual,     r0, #0x4, erase_both

  function uninit
  b.n do_uninit

  function program_page
  b.n do_program_page

  function crc
  b.n do_crc

  function idle
#include "../stm32/idle.S"

erase_both:
  add.w r0, r0, #0x8000 /* FLASH_CR.MER2 */
  b.n operate
