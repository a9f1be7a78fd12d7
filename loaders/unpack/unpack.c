/* Unpack of loader_abi.h: one block of raw deflate data (RFC 1951; the numbers of its sections
 * stand in brackets). What it reads was checked by a CRC, so it does not look for errors: it only
 * never writes outside its own memory, and always ends. */
#include "unpack.h"

#include "../agent/tick.h"

#define ENTRY __attribute__((used, noinline))
#define SMALL static __attribute__((noinline))

enum {
  LONGEST_CODE = 15,
  SHORT_CODE = 8,
  LITERALS = 288,
  DISTANCES = 32,
  LENGTH_CODES = 19,
  END = 256,
  MOST_REPEATED = 138
};

register volatile struct fh_mailbox *mailbox __asm("r10");

/* A Huffman code [3.2.2]. */
struct code {
  uint16_t count[LONGEST_CODE + 1]; /* how many codes have this length */
  /* By the next bits: symbol and length of the code that they begin with; 0: it is longer. */
  uint16_t by_bits[1u << SHORT_CODE];
  uint16_t symbol[LITERALS]; /* in the order of their codes */
};
#define SYMBOL_AND_LENGTH(symbol, length) ((uint16_t)((symbol) << 4 | (length)))

struct work {
  const uint8_t *in;
  uint32_t bits; /* read, but not used yet; the next is the lowest */
  uint32_t bit_count;
  uint16_t next[LONGEST_CODE + 1];
  struct code literals;                                 /* and lengths */
  struct code distances;                                /* before: of the lengths of codes */
  uint8_t length[LITERALS + DISTANCES + MOST_REPEATED]; /* of the code of each symbol */
};
_Static_assert(sizeof(struct work) <= UNPACK_WORK && UNPACK_WORK % 8 == 0, "unpack.h is wrong");

/* Often enough in a loop with this count. */
static inline void tick_at_times(uint32_t count) {
  if ((count & 15) == 0) {
    (void)fh_tick();
  }
}

SMALL uint32_t take(struct work *work, uint32_t count) {
  uint32_t bits = work->bits;
  uint32_t bit_count = work->bit_count;
  while (bit_count < count) {
    bits |= (uint32_t)*work->in++ << bit_count;
    bit_count += 8;
  }
  work->bits = bits >> count;
  work->bit_count = bit_count - count;
  return bits & ((1u << count) - 1);
}

/* The first bit of a code is its upper one. */
SMALL uint32_t take_symbol(struct work *work, const struct code *used) {
  uint32_t bits = work->bits;
  uint32_t bit_count = work->bit_count;
  while (bit_count < LONGEST_CODE) {
    bits |= (uint32_t)*work->in++ << bit_count;
    bit_count += 8;
  }
  uint32_t symbol = used->by_bits[bits & ((1u << SHORT_CODE) - 1)];
  uint32_t length = symbol & 15;
  symbol >>= 4;
  if (length == 0) {
    const uint16_t *symbols = used->symbol;
    uint32_t code = 0;
    uint32_t rest = bits;
    symbol = END;
    do {
      code = 2 * code + (rest & 1);
      rest >>= 1;
      uint32_t codes = used->count[++length];
      if (code < codes) {
        symbol = symbols[code];
        break;
      }
      code -= codes;
      symbols += codes;
    } while (length != LONGEST_CODE);
  }
  work->bits = bits >> length;
  work->bit_count = bit_count - length;
  return symbol;
}

/* Makes the code in which the symbols have these lengths; 0: it is not used. */
SMALL void make_code(struct work *work, struct code *made, const uint8_t *length,
                     uint32_t symbols) {
  uint16_t *next = work->next;
  for (uint32_t i = 0; i <= LONGEST_CODE; i++) {
    made->count[i] = 0;
  }
  for (uint32_t i = 0; i < 1u << SHORT_CODE; i++) {
    tick_at_times(i);
    made->by_bits[i] = 0;
  }
  for (uint32_t i = 0; i < symbols; i++) {
    tick_at_times(i);
    made->count[length[i]]++;
  }
  uint32_t before = 0;
  for (uint32_t i = 1; i <= LONGEST_CODE; i++) {
    next[i] = (uint16_t)before;
    before += made->count[i];
  }
  for (uint32_t i = 0; i < symbols; i++) {
    tick_at_times(i);
    if (length[i] != 0) {
      made->symbol[next[length[i]]++] = (uint16_t)i;
    }
  }
  /* The codes of a length follow each other as numbers, here mirrored: the first bit is the lowest.
   */
  const uint16_t *symbol = made->symbol;
  uint32_t code = 0;
  for (uint32_t bits = 1; bits <= SHORT_CODE; bits++) {
    for (uint32_t left = made->count[bits]; left != 0; left--) {
      (void)fh_tick();
      for (uint32_t i = code; i < 1u << SHORT_CODE; i += 1u << bits) {
        made->by_bits[i] = SYMBOL_AND_LENGTH(*symbol, bits);
      }
      symbol++;
      uint32_t bit = 1u << (bits - 1);
      while ((code & bit) != 0) {
        code ^= bit;
        bit >>= 1;
      }
      code |= bit;
    }
  }
}

/* The order in which the lengths of the codes for lengths are given [3.2.7]: 16, 17, 18, 0, 8, 7,
 * 9, 6, 10, and so on to 15. */
static inline uint32_t in_order(uint32_t index) {
  if (index < 3) {
    return 16 + index;
  }
  uint32_t from_middle = (index - 3) / 2;
  return index == 3 ? 0 : (index & 1) == 0 ? 6 + index / 2 : 8 - from_middle;
}

SMALL void make_codes(struct work *work, uint32_t literals, uint32_t symbols) {
  make_code(work, &work->distances, work->length + literals, symbols - literals);
  make_code(work, &work->literals, work->length, literals);
}

/* [3.2.7] */
static inline void read_codes(struct work *work) {
  uint8_t *length = work->length;
  uint32_t literals = take(work, 5) + 257;
  uint32_t symbols = literals + take(work, 5) + 1;
  uint32_t given = take(work, 4) + 4;
  for (uint32_t i = 0; i < LENGTH_CODES; i++) {
    length[i] = 0;
  }
  for (uint32_t i = 0; i < given; i++) {
    length[in_order(i)] = (uint8_t)take(work, 3);
  }
  make_code(work, &work->distances, length, LENGTH_CODES);
  for (uint32_t i = 0; i < symbols;) {
    uint32_t value = take_symbol(work, &work->distances);
    uint32_t times = 1;
    if (value == 16) {
      value = i == 0 ? 0 : length[i - 1];
      times = 3 + take(work, 2);
    } else if (value > 16) {
      times = value == 17 ? 3 + take(work, 3) : 11 + take(work, 7);
      value = 0;
    }
    do {
      length[i++] = (uint8_t)value;
    } while (--times != 0);
  }
  make_codes(work, literals, symbols);
}

/* [3.2.6] */
static inline void set_fixed_codes(struct work *work) {
  uint8_t *length = work->length;
  for (uint32_t i = 0; i < LITERALS + DISTANCES; i++) {
    length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : i < LITERALS ? 8 : 5;
  }
  make_codes(work, LITERALS, LITERALS + DISTANCES);
}

/* What a symbol for distances or lengths stands for, with its extra bits, counted from the smallest
 * [3.2.5]. For each extra bit there are 2^digits symbols. */
static inline uint32_t take_value(struct work *work, uint32_t symbol, uint32_t digits) {
  uint32_t extra = (symbol >> digits) - 1;
  uint32_t first = (1u << digits) + (symbol & ((1u << digits) - 1));
  return (first << extra) + take(work, extra);
}

ENTRY uint8_t *do_unpack(const uint8_t *packed, uint32_t size, uint32_t address) {
  uint8_t *start = (uint8_t *)mailbox->unpacked;
  uint8_t *out = start;
  uint8_t *end = start + size;
  struct work *work = (struct work *)(start - UNPACK_WORK);
  work->in = packed + 4; /* behind the CRC */
  work->bits = 0;
  work->bit_count = 0;
  if (take(work, 3) >> 1 == 1) {
    set_fixed_codes(work);
  } else {
    read_codes(work);
  }
  while (out != end) {
    uint32_t symbol = take_symbol(work, &work->literals);
    if (symbol < END) {
      *out++ = (uint8_t)symbol;
      tick_at_times((uint32_t)out);
      continue;
    }
    if (symbol == END) {
      break;
    }
    symbol -= END + 1;
    uint32_t count = symbol < 8 ? symbol : symbol == 28 ? 255 : take_value(work, symbol, 2);
    count += 3;
    uint32_t distance = take_symbol(work, &work->distances);
    if (distance >= 4) {
      distance = take_value(work, distance, 1);
    }
    const uint8_t *from = out - distance - 1;
    (void)fh_tick();
    do {
      *out++ = from < start ? from[address - (uint32_t)start] : *from;
      from++;
      tick_at_times(count);
    } while (--count != 0 && out != end);
  }
  return start;
}
