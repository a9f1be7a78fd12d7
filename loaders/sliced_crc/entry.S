/* uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc), the optional function of a loader, for ARMv7-M and ARMv8-M
 * Mainline: 32 bits at a time, by four tables of 256 words. Those and one more stand directly behind this code:
 *   jump    eight times 16 words: what each four bits of a CRC, the lowest first, add to the CRC after BLANK_WORDS words
 *           of 0xFFFFFFFF. The first 16 have what these words add themselves, too.
 *   slices  four times 256 words: what each byte adds to the CRC of a word, the lowest byte first.
 * A call with just BLANK_WORDS words looks first whether all of them are blank. */
  .syntax unified
  .cpu cortex-m3
  .thumb
  .section .entry, "ax"

  .equ BLANK_WORDS, 32 /* FH_CRC_CHUNK */

/* crc ^= word, then on by 32 bits. r7 may be the word. */
.macro add_word word
  eor r2, r2, \word
  uxtb r7, r2
  ubfx r8, r2, #8, #8
  ubfx r11, r2, #16, #8
  lsrs r2, r2, #24
  ldr r7, [r3, r7, lsl #2]
  ldr r8, [r4, r8, lsl #2]
  ldr r11, [r5, r11, lsl #2]
  ldr r2, [r6, r2, lsl #2]
  eor r7, r7, r8
  eor r2, r2, r11
  eors r2, r7
.endm

  .global sliced_crc_function
  .thumb_func
sliced_crc_function:
  push {r4-r8, r11, lr}
  cmp r1, #BLANK_WORDS
  bne by_slices
  ldr r3, [r0]
  adds r3, #1
  bne by_slices
  mov lr, r0
1:
  ldm lr!, {r3-r8, r11, r12}
  ands r3, r4
  ands r5, r6
  and r7, r7, r8
  and r11, r11, r12
  ands r3, r5
  and r7, r7, r11
  ands r3, r7
  adds r3, #1
  bne not_blank
  subs r1, #8
  bne 1b
  adr.w r3, jump
  movs r0, #0
  .set bit, 0
  .rept 8
  ubfx r4, r2, #bit, #4
  ldr r4, [r3, r4, lsl #2]
  adds r3, #64
  eors r0, r4
  .set bit, bit + 4
  .endr
  pop {r4-r8, r11, pc}

not_blank:
  movs r1, #BLANK_WORDS
by_slices:
  adr.w r3, slices
  add r4, r3, #1024
  add r5, r3, #2048
  add r6, r3, #3072
  subs r1, #4
  blo rest
2:
  ldm r0!, {r7, r12}
  add_word r7
  add_word r12
  ldm r0!, {r7, r12}
  add_word r7
  add_word r12
  subs r1, #4
  bhs 2b
rest:
  adds r1, #4
  beq end
3:
  ldr r7, [r0], #4
  add_word r7
  subs r1, #1
  bne 3b
end:
  mov r0, r2
  pop {r4-r8, r11, pc}

  .balign 4
  .global sliced_crc_jump
sliced_crc_jump:
jump:
  .equ slices, jump + 512
