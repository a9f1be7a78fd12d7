/* uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc), the optional function of a loader, for ARMv7-M and ARMv8-M
 * Mainline: 32 bits at a time, by four tables of 256 words; or, as wide_crc, by tables of 2048, 2048 and 1024 words. Directly
 * behind this code stands, filled in by the host:
 *   jump    eight times 16 words: what each four bits of a CRC, the lowest first, add to the CRC after BLANK_WORDS words
 *           of 0xFFFFFFFF. The first 16 have what these words add themselves, too.
 *   slices  four times 256 words: what each byte adds to the CRC of a word, the lowest byte first.
 * wide_crc has 32 words instead of slices: what each bit adds, the lowest first; and a sum of all words of the tables, which is
 * rotated to the right by one before each is added. The first call makes the tables of them, and gives a wrong result where they
 * do not have that sum: RAM may be bad. They
 * are wide_crc_tables_word bytes behind the start of this code, in RAM that need not hold anything before but one word of
 * zeros directly before them.
 * A call with just BLANK_WORDS words looks first whether all of them are blank. */
  .syntax unified
  .cpu cortex-m3
  .thumb
  .section .entry, "ax"

  .equ BLANK_WORDS, 32 /* FH_CRC_CHUNK */
  .equ TABLE_WORDS, 5120

/* crc ^= word, then on by 32 bits. r7 may be the word. */
.macro add_word word
  eor r2, r2, \word
#ifdef WIDE
  ubfx r7, r2, #0, #11
  ubfx r8, r2, #11, #11
  lsrs r2, r2, #22
  ldr r7, [r3, r7, lsl #2]
  ldr r8, [r4, r8, lsl #2]
  ldr r2, [r5, r2, lsl #2]
  eor r7, r7, r8
#else
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
#endif
  eors r2, r7
.endm

#ifdef WIDE
  .global wide_crc_function
  .thumb_func
wide_crc_function:
#else
  .global sliced_crc_function
  .thumb_func
sliced_crc_function:
#endif
start:
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
#ifdef WIDE
  adr.w r3, start
  ldr r4, tables
  add r3, r4
  ldr r4, [r3, #-4]
  cmp r4, #0
  beq make_tables
made:
  add r4, r3, #8192
  add r5, r4, #8192
#else
  adr.w r3, slices
  add r4, r3, #1024
  add r5, r3, #2048
  add r6, r3, #3072
#endif
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

#ifdef WIDE
/* r3: where. Each bit doubles a table: its second half is its first with what the bit adds. */
make_tables:
  push {r0-r3}
  adr.w r4, bits
  movs r6, #3
1:
  mov r5, r3
  movs r0, #0
  str r0, [r3], #4
  cmp r6, #1
  ite eq
  moveq r7, #10
  movne r7, #11
2:
  ldr r8, [r4], #4
  mov r0, r5
  mov r1, r3
3:
  ldr r2, [r0], #4
  eor r2, r2, r8
  str r2, [r3], #4
  cmp r0, r1
  bne 3b
  subs r7, #1
  bne 2b
  subs r6, #1
  bne 1b
  pop {r0-r3}
  mov r4, r3
  mov r5, #TABLE_WORDS
  movs r6, #0
4:
  ldr r7, [r4], #4
  add r6, r7, r6, ror #1
  subs r5, #1
  bne 4b
  adr.w r7, sum
  ldr r7, [r7]
  cmp r6, r7
  itt ne
  mvnne r0, r2 /* a wrong result: the agent tries a function before it relies on it */
  popne {r4-r8, r11, pc}
  movs r4, #1
  str r4, [r3, #-4]
  b made

  .balign 4
  .global wide_crc_tables_word
wide_crc_tables_word:
tables: .word 0
  .global wide_crc_jump
wide_crc_jump:
jump:
  .equ bits, jump + 512
  .equ sum, bits + 128
#else
  .balign 4
  .global sliced_crc_jump
sliced_crc_jump:
jump:
  .equ slices, jump + 512
#endif
