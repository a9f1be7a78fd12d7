/* The entry point of Unpack, at an offset that no compiler changes. ARMv6-M code. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

  .global unpack_entry
  .thumb_func
unpack_entry:
  b.n do_unpack
