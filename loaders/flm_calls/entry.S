/* Functions that family-flm puts behind a flash algorithm. The host fills in their words. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

/* int EraseSector(uint32_t address) for an algorithm with pages larger than its sectors: erases all sectors of the page at
 * address, one by one. An algorithm may change any register, so all that is needed afterwards is on the stack. */
  .balign 4
  .global flm_calls_erase_page
  .thumb_func
flm_calls_erase_page:
  push {r3, lr}
  mov r1, r9
  ldr r2, page_size
  adds r2, r2, r0
  push {r0, r1, r2, r3}
1:
  ldr r3, erase_sector
  add r3, pc
2:
  blx r3
  ldr r1, [sp, #4]
  mov r9, r1
  cmp r0, #0
  bne 3f
  ldr r0, [sp]
  ldr r1, sector_size
  adds r0, r0, r1
  str r0, [sp]
  ldr r1, [sp, #8]
  cmp r0, r1
  bne 1b
  movs r0, #0
3:
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
  .global flm_calls_sector_size_word
flm_calls_sector_size_word:
sector_size: .word 0
  .global flm_calls_feed_address_word
flm_calls_feed_address_word:
feed_address: .word 0
  .global flm_calls_feed_value_word
flm_calls_feed_value_word:
feed_value: .word 0
  .global flm_calls_anchor
  .set flm_calls_anchor, 2b + 2
