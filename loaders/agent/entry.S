/* The agent's entry points, at offsets that no compiler changes, and its ends. r7 is the mailbox; its fields are
 * checked against the header in agent.c. */
  .syntax unified
  .cpu cortex-m3
  .thumb
  .section .entry, "ax"

  .global agent_entry
  .thumb_func
agent_entry:
  b.w agent_main

/* NMI and every fault. The core has stacked r0-r3, r12, lr, pc, xPSR. */
  .global agent_fault_entry
  .thumb_func
agent_fault_entry:
  mov.w r7, #0xE000E000
  ldr.w r7, [r7, #0xD08] /* VTOR */
  adds r7, #64
  mrs r0, ipsr
  str r0, [r7, #44] /* fault_exception */
  ldrd r0, r1, [sp, #20]
  str r0, [r7, #52] /* fault_lr */
  str r1, [r7, #48] /* fault_pc */
  ldr r0, [sp, #28]
  str r0, [r7, #56] /* fault_xpsr */
  movs r0, #5 /* FH_STATE_FAULT */
  b.n park

/* void check_status(int status, uint32_t error): goes on when status is 0. */
  .global check_status
  .thumb_func
check_status:
  str r0, [r7, #32] /* error_status */

/* void check(int bad, uint32_t error): goes on when bad is 0. */
  .global check
  .thumb_func
check:
  cbz r0, go_on
  mov r0, r1

/* void fail(uint32_t error) */
  .global fail
  .thumb_func
fail:
  str r0, [r7, #24] /* error */
  movs r0, #4 /* FH_STATE_ERROR */

/* void park(uint32_t state): stops, with SysTick off. A resumed core parks again. */
  .global park
  .thumb_func
park:
  mov.w r3, #0xE000E000
  movs r2, #0
  str r2, [r3, #0x010] /* SYST_CSR */
  dmb
  str r0, [r7, #8] /* state */
1:
  bkpt 0
  b.n 1b

/* int uninit(void) */
  .global uninit
  .thumb_func
uninit:
  ldr r3, [r7, #68] /* parameters.uninit */
  movs r0, #0

/* int call(uint32_t, uint32_t, uint32_t, uint32_t function): an absent one does nothing, with success. */
  .global call
  .thumb_func
call:
  cbz r3, nothing
  bx r3
nothing:
  movs r0, #0
go_on:
  bx lr
