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

/* int do_program_page(uint32_t address, uint32_t size, const uint8_t *data): sets PG once for all halfwords within a bank. What
 * stands between the end of one halfword and the beginning of the next decides how fast all is: everything else is done
 * while the flash is busy. */
  .text
  .equ SR, 12
  .equ CR, 16
  .equ STATUS_ALIGNMENT, 0x40

  .thumb_func
do_program_page:
  push {r4-r7, lr}
  movs r4, r0
  movs r7, r2
  adds r6, r0, r1
  orrs r1, r0
  movs r0, #STATUS_ALIGNMENT
  lsls r1, r1, #31
  bne leave
begin_bank:
  movs r0, r4
  movs r1, #1 /* FLASH_CR.PG */
  bl begin
  movs r5, r0
prepare:
  ldrh r0, [r7]
  adds r1, r0, #1
  lsls r1, r1, #16
  bne wait_for_flash
  bl fh_tick /* an erased halfword is left out */
  b advance
wait_for_flash:
  mov r8, r0
1:
  bl fh_tick
  movs r1, #16 /* 32 looks at BSY for each look at the tick, which takes much longer */
2:
  .rept 2
  ldr r3, [r5, #SR]
  lsls r2, r3, #31 /* BSY */
  beq 3f
  .endr
  subs r1, #1
  bne 2b
  b 1b
3:
  movs r2, #0x14 /* PGERR, WRPRTERR */
  tst r3, r2
  bne end_bank
  mov r0, r8
  strh r0, [r4]
  dsb
advance:
  adds r4, #2
  adds r7, #2
  cmp r4, r6
  beq end_bank
  lsls r0, r4, #13 /* the second bank begins */
  bne prepare
end_bank:
  movs r0, r5
  bl finish
  movs r1, #0
  str r1, [r5, #CR]
  cmp r0, #0
  bne leave
  cmp r4, r6
  bne begin_bank
leave:
  pop {r4-r7, pc}
