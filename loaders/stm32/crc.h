/* The Crc function; included at the end of a family's source. The unit has no register for a start
 * value: it continues its last result, or starts anew. */
ENTRY uint32_t do_crc(uint32_t address, uint32_t words, uint32_t crc) {
  CrcUnit *unit = CRC;
  KEEP(unit);
  if (unit->dr != crc) {
    unit->cr = 1;
  }
  do {
    unit->dr = REGISTER(address);
    address += 4;
  } while (--words != 0);
  return unit->dr;
}
