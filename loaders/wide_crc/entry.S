/* The same with three larger tables, for chips with RAM for them. */
#define WIDE
#include "../sliced_crc/entry.S"
