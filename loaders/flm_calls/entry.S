/* Functions that family-flm puts behind a flash algorithm. The host fills in their words, and puts the table behind them. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

/* int EraseSector(uint32_t address) for an algorithm with pages larger than some of its sectors: erases all sectors of the page
 * at address, one by one. An algorithm may change any register, so all that is needed afterwards is on the stack. */
  .balign 4
  .global flm_calls_erase_page
  .thumb_func
flm_calls_erase_page:
  push {r3, lr}
  adr r3, table
1:
  ldm r3!, {r1, r2} /* the end of a run of sectors, and their size */
  cmp r0, r1
  bhs 1b
  ldr r1, page_size
  cmp r1, r2
  bhs 2f
  mov r1, r2
2:
  adds r1, r1, r0
  mov r3, r9
  push {r0, r1, r2, r3} /* address, the end of its page, sector size, static base */
3:
  ldr r3, erase_sector
  add r3, pc
4:
  blx r3
  ldr r1, [sp, #12]
  mov r9, r1
  cmp r0, #0
  bne 5f
  ldr r0, [sp]
  ldr r1, [sp, #8]
  adds r0, r0, r1
  str r0, [sp]
  ldr r1, [sp, #4]
  cmp r0, r1
  bne 3b
  movs r0, #0
5:
  add sp, #16
  pop {r3, pc}

/* void Idle(void): feeds a watchdog that is known. */
  .balign 4
  .global flm_calls_feed
  .thumb_func
flm_calls_feed:
  ldr r0, feed_address
  ldr r1, feed_value
  str r1, [r0]
  bx lr

  .balign 4
  .global flm_calls_erase_sector_word
flm_calls_erase_sector_word:
erase_sector: .word 0 /* from flm_calls_anchor, with the Thumb bit */
  .global flm_calls_page_size_word
flm_calls_page_size_word:
page_size: .word 0
  .global flm_calls_feed_address_word
flm_calls_feed_address_word:
feed_address: .word 0
  .global flm_calls_feed_value_word
flm_calls_feed_value_word:
feed_value: .word 0
  .global flm_calls_table
flm_calls_table:
table:
  .global flm_calls_anchor
  .set flm_calls_anchor, 4b + 2
