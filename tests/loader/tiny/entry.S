/* The entry points, at offsets that no compiler changes. */
  .syntax unified
  .cpu cortex-m0
  .thumb
  .section .entry, "ax"

.macro function name
  .global tiny_\name
  .thumb_func
tiny_\name:
  b do_\name
.endm

  function init
  function uninit
  function erase_sector
  function erase_chip
  function program_page
