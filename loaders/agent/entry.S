/* The agent's entry points; code that it shares with families; how it stops.
 * ARMv6-M code: it runs on every Cortex-M. The agent is directly behind its mailbox, finds it by its own address, and keeps it in r7. The
 * offsets of the mailbox's fields are checked against the header in agent.c. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

  .equ VECTOR_TABLE_SIZE, 64
  .equ MAILBOX_SIZE, 240
  .equ STATE, 8
  .equ HEARTBEAT, 12
  .equ ERROR, 28
  .equ ERROR_ADDRESS, 32
  .equ ERROR_STATUS, 36
  .equ ERROR_EXPECTED, 40
  .equ ERROR_FOUND, 44
  .equ FUNCTION, 48
  .equ CRC_IN_USE, 52
  .equ UNINIT, 56
  .equ IDLE, 72
  .equ STATIC_BASE, 76
  .equ TICK_CONTROL, 84
  .equ ERASED_WORD, 124
  .equ INIT_ARGUMENTS, 128 /* flash_base, clock_hz, init */
  .equ CRC_TABLE, 148
  .equ FAULT, 212 /* exception, lr, pc, xPSR */

.macro find_mailbox register
  mov \register, pc /* this instruction and 4 */
  subs \register, #MAILBOX_SIZE
  subs \register, #(. - agent_start)
.endm

agent_start:
/* NMI and every fault. The core has stacked r0-r3, r12, lr, pc, xPSR. */
  .global agent_fault_entry
  .thumb_func
agent_fault_entry:
  find_mailbox r7
  b fault

/* A tick: by fh_tick, or as the exception of SysTick. r0-r3 and r12 are free in both cases, and lr leads back. */
  .global agent_tick_entry
  .thumb_func
agent_tick_entry:
  find_mailbox r3
  push {r3, lr}
  ldr r0, [r3, #HEARTBEAT]
  adds r0, #1
  str r0, [r3, #HEARTBEAT]
  ldr r3, [r3, #IDLE]
  cmp r3, #0
  beq 1f
  blx r3
1:
  movs r0, #1
  pop {r3, pc}

/* uint32_t fh_tick(void), of tick.h */
  .global agent_tick
  .global fh_tick
  .thumb_func
agent_tick:
  .thumb_func
fh_tick:
  ldr r3, syst_csr
  ldr r0, [r3]
  lsrs r0, r0, #17 /* COUNTFLAG into the carry; above it are zeros */
  bcs agent_tick_entry
go_on:
  bx lr

fault:
  mrs r0, ipsr
  ldr r1, [sp, #20]
  ldr r2, [sp, #24]
  ldr r3, [sp, #28]
  movs r4, r7
  adds r4, #FAULT
  stm r4!, {r0-r3}
  movs r0, #5 /* FH_STATE_FAULT */
  b park

/* void check_status(int status, uint32_t error): goes on when status is 0. */
  .global check_status
  .thumb_func
check_status:
  str r0, [r7, #ERROR_STATUS]

/* void check(int bad, uint32_t error): goes on when bad is 0. */
  .global check
  .thumb_func
check:
  cmp r0, #0
  beq go_on
  movs r0, r1

/* void fail(uint32_t error) */
  .global fail
  .thumb_func
fail:
  str r0, [r7, #ERROR]
  movs r0, #4 /* FH_STATE_ERROR */

/* void park(uint32_t state): stops, with SysTick off. A resumed core parks again. */
  .global park
  .thumb_func
park:
  ldr r3, syst_csr
  movs r2, #0
  str r2, [r3]
  dmb
  str r0, [r7, #STATE]
1:
  bkpt 0
  b 1b

/* void init(uint32_t function): FH_ERROR_INIT unless it succeeds. */
  .global init
  .thumb_func
init:
  push {r4, lr}
  movs r4, r0
  movs r2, r0
  movs r3, r7
  adds r3, #INIT_ARGUMENTS
  ldm r3, {r0, r1, r3}
  bl call
  movs r1, #1 /* FH_ERROR_INIT */
  bl check_status
  str r4, [r7, #FUNCTION]
  pop {r4, pc}

/* int uninit(void) */
  .global uninit
  .thumb_func
uninit:
  ldr r3, [r7, #UNINIT]
  ldr r0, [r7, #FUNCTION]

/* int call(uint32_t, uint32_t, uint32_t, uint32_t function): returns 0 if there is no such function. The function may
 * change any register. SysTick's exception is unmasked meanwhile if TICKINT is set. */
  .global call
  .thumb_func
call:
  push {r3-r7, lr}
  cmp r3, #0
  beq nothing
  ldr r4, [r7, #STATIC_BASE]
  mov r9, r4
  mov r10, r7
  ldr r4, [r7, #TICK_CONTROL]
  lsrs r4, r4, #2 /* TICKINT into the carry */
  bcc 1f
  cpsie i
1:
  blx r3
  cpsid i
  pop {r3-r7, pc}
nothing:
  movs r0, #0
  pop {r3-r7, pc}

/* uint32_t crc_of(uint32_t address, uint32_t words): by the function in the mailbox, else in software, four bits at a time. */
  .global crc_of
  .thumb_func
crc_of:
  push {r4-r6, lr}
  movs r4, r0
  lsls r5, r1, #2
  adds r5, r5, r4
  movs r6, #0
  mvns r6, r6
next:
  bl fh_tick
next_without_tick:
  cmp r4, r5
  beq end
  ldr r3, [r7, #CRC_IN_USE]
  cmp r3, #0
  beq by_table
  subs r1, r5, r4
  cmp r1, #128 /* FH_CRC_CHUNK words */
  bls 1f
  movs r1, #128
1:
  movs r0, r4
  adds r4, r4, r1
  lsrs r1, r1, #2
  movs r2, r6
  blx r3
  movs r6, r0
  b next
by_table:
  ldm r4!, {r0}
  eors r6, r0
  movs r1, r7
  adds r1, #CRC_TABLE
  movs r2, #4
1:
  .rept 2
  lsrs r3, r6, #28
  lsls r3, r3, #2
  ldr r3, [r1, r3]
  lsls r6, r6, #4
  eors r6, r3
  .endr
  subs r2, #1
  bne 1b
  lsls r3, r4, #28 /* a tick after four words */
  bne next_without_tick
  b next
end:
  movs r0, r6
  pop {r4-r6, pc}

/* uint32_t is_different(uint32_t address, uint32_t length, uint32_t data): compares with what is at `data`, or with erased
 * flash when that is 0; notes where they differ. By bytes where the range is not made of whole words. */
  .global is_different
  .thumb_func
is_different:
  push {r4-r6, lr}
  movs r4, r0
  adds r5, r0, r1
  movs r6, r2
batch:
  bl fh_tick
  ldr r1, [r7, #ERASED_WORD]
  movs r0, r4
  orrs r0, r5
  lsls r0, r0, #30
  bne by_bytes
  subs r0, r5, r4
  cmp r0, #64
  bls 1f
  movs r0, #64
1:
  lsls r3, r0, #29 /* negative where the number of words is odd */
  adds r0, r0, r4
  cmp r6, #0
  beq blank
  cmp r3, #0
  bmi 3f
2:
  ldm r6!, {r1}
  ldm r4!, {r2}
  cmp r1, r2
  bne word_differs
3:
  ldm r6!, {r1}
  ldm r4!, {r2}
  cmp r1, r2
  bne word_differs
  cmp r4, r0
  bne 2b
  b batch_end
blank:
  cmp r3, #0
  bmi 3f
2:
  ldm r4!, {r2}
  cmp r1, r2
  bne word_differs
3:
  ldm r4!, {r2}
  cmp r1, r2
  bne word_differs
  cmp r4, r0
  bne 2b
batch_end:
  cmp r4, r5
  bne batch
  movs r0, #0
  pop {r4-r6, pc}
by_bytes:
  uxtb r1, r1
  cmp r6, #0
  beq 4f
  ldrb r1, [r6]
  adds r6, #1
4:
  ldrb r2, [r4]
  adds r4, #1
  cmp r1, r2
  beq batch_end
  adds r4, #3
word_differs:
  subs r4, #4
  str r4, [r7, #ERROR_ADDRESS]
  str r1, [r7, #ERROR_EXPECTED]
  str r2, [r7, #ERROR_FOUND]
  movs r0, #1
  pop {r4-r6, pc}

  .align 2
syst_csr:
  .word 0xE000E010

/* Where the host starts. Clears the top of the stack, which an NMI that was pending has used. Then adds up what the host has
 * written, from the end down to the vector table, and lets Idle feed the watchdog after each 24 words: Idle's stack lies within the
 * first 24, which are added by then. The host has read this code back, what is behind it, and Idle. */
  .section .last, "ax"
  .align 2
  .global agent_entry
  .thumb_func
agent_entry:
  cpsid i
  mov r4, sp
  movs r0, #0
  movs r1, #24
1:
  subs r4, #4
  str r0, [r4]
  subs r1, #1
  bne 1b
  adr r7, to_start
  ldr r0, [r7]
  adds r7, r0
  subs r7, #MAILBOX_SIZE
  ldr r4, end_of_sums
  movs r5, #0
  movs r6, #0
some_words:
  movs r1, r7
  subs r1, #VECTOR_TABLE_SIZE
  movs r2, #12
1:
  subs r4, #8
  ldr r0, [r4, #4]
  adds r5, r0
  adds r6, r5
  ldr r0, [r4]
  adds r5, r0
  adds r6, r5
  cmp r4, r1
  beq 2f
  subs r2, #1
  bne 1b
  ldr r3, idle_meanwhile
  cmp r3, #0
  beq some_words
  blx r3
  b some_words
2:
  orrs r5, r6
  beq 4f
  movs r0, #8 /* FH_STATE_DAMAGED */
  str r0, [r7, #STATE]
3:
  bkpt 0
  b 3b
4:
  b agent_main

  .align 2
to_start:
  .word agent_start - .
/* struct fh_check, written by the host. */
  .global agent_check
  .thumb_func
agent_check:
end_of_sums:
  .word 0
idle_meanwhile:
  .word 0
  .word 0, 0
