/* The Crc function; included at the end of a family's source. The unit has no register for a start
 * value: it continues its last result, or starts anew. */
ENTRY uint32_t do_crc(uint32_t address, uint32_t words, uint32_t crc) {
  CrcUnit *unit = CRC;
  KEEP(unit);
  if (unit->dr != crc) {
    unit->cr = 1;
  }
  /* The unit takes a word in four cycles, which is what this loop needs. */
  for (; words >= 4; words -= 4) {
    __asm volatile("ldm %0!, {r4-r7}\n str r4, [%1]\n str r5, [%1]\n str r6, [%1]\n str r7, [%1]"
                   : "+l"(address)
                   : "l"(&unit->dr)
                   : "r4", "r5", "r6", "r7", "memory");
  }
  for (; words != 0; words--) {
    unit->dr = REGISTER(address);
    address += 4;
  }
  return unit->dr;
}
