/* The flash loader's agent. Contract: <flashhost/loader_abi.h>. Position-independent, no data
 * sections. */
#include "tick.h"

typedef volatile struct fh_mailbox Mailbox;
typedef volatile struct fh_trailer Trailer;
typedef uint32_t (*CrcFunction)(uint32_t address, uint32_t words, uint32_t crc);

/* The whole agent is compiled with -ffixed-r7; families preserve r7 as any function does. */
register Mailbox *mailbox __asm("r7");

/* In entry.S. */
__attribute__((noreturn)) void park(uint32_t state);
__attribute__((noreturn)) void fail(uint32_t error);
void check(uint32_t bad, uint32_t error);
void check_status(int status, uint32_t error);
int uninit(void);
int call(uint32_t first, uint32_t second, uint32_t third, uint32_t function);

#define HAS_OFFSET(field, offset)                                          \
  _Static_assert(__builtin_offsetof(struct fh_mailbox, field) == (offset), \
                 "entry.S or tick.S is wrong")
HAS_OFFSET(state, 8);
HAS_OFFSET(heartbeat, 12);
HAS_OFFSET(error, 24);
HAS_OFFSET(error_status, 32);
HAS_OFFSET(fault_exception, 44);
HAS_OFFSET(fault_pc, 48);
HAS_OFFSET(fault_lr, 52);
HAS_OFFSET(fault_xpsr, 56);
HAS_OFFSET(parameters.uninit, 68);
HAS_OFFSET(parameters.idle, 84);
_Static_assert(FH_VECTOR_TABLE_SIZE == 64 && FH_STATE_ERROR == 4 && FH_STATE_FAULT == 5,
               "entry.S is wrong");

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)
#define SYST_ENABLE (1u << 0)
#define SYST_CLKSOURCE_CORE (1u << 2)
#define CRC_START 0xFFFFFFFFu
#define SMALL static __attribute__((noinline))

static inline void barrier(void) {
  __asm volatile("dmb" ::: "memory");
}

SMALL uint32_t crc_of(uint32_t address, uint32_t words) {
  uint32_t crc = CRC_START;
  for (uint32_t count; words != 0; words -= count, address += 4 * count) {
    (void)fh_tick();
    CrcFunction function = (CrcFunction)mailbox->parameters.crc;
    if (function != 0) {
      count = words < FH_CRC_CHUNK ? words : FH_CRC_CHUNK;
      crc = function(address, count, crc);
    } else {
      count = 1;
      crc ^= REGISTER(address);
      for (int bit = 32; bit != 0; bit--) {
        crc = (crc << 1) ^ ((int32_t)crc < 0 ? 0x04C11DB7u : 0);
      }
    }
  }
  return crc;
}

/* Compares with what is at `data`, or with erased flash when that is 0; notes where they differ. */
SMALL uint32_t is_different(uint32_t address, uint32_t length, uint32_t data) {
  uint32_t advance = 4;
  if (data == 0) {
    data = (uint32_t)&mailbox->parameters.erased_word;
    advance = 0;
  }
  uint32_t end = address + length;
  uint32_t expected;
  uint32_t found;
  do {
    (void)fh_tick();
    uint32_t words = (end - address) / 4;
    if ((address & 3) != 0 || words == 0) {
      expected = *(const uint8_t *)data;
      found = *(const uint8_t *)address;
      if (expected != found) {
        goto different;
      }
      address += 1;
      data += 1;
    } else {
      if (words > 16) {
        words = 16;
      }
      do {
        expected = REGISTER(data);
        found = REGISTER(address);
        if (expected != found) {
          goto different;
        }
        address += 4;
        data += advance;
      } while (--words != 0);
    }
  } while (address != end);
  return 0;
different:
  mailbox->error_address = address;
  mailbox->error_expected = expected;
  mailbox->error_found = found;
  return 1;
}

/* Whole words, but for PROGRAM. */
SMALL void check_window(uint32_t address, uint32_t length, uint32_t op) {
  uint32_t offset = address - mailbox->parameters.window_address;
  uint32_t size = mailbox->parameters.window_size;
  mailbox->error_address = address;
  if (offset >= size || length - 1 >= size - offset || /* length 0 wraps: outside */
      (op != FH_OP_PROGRAM && ((address | length) & 3) != 0)) {
    fail(FH_ERROR_WINDOW);
  }
}

/* ERASE, ERASE_ALL, PROGRAM. */
SMALL void modify(uint32_t address, uint32_t length, uint32_t data, uint32_t op) {
  /* FH_ERROR_ERASE or FH_ERROR_PROGRAM; the next is FH_ERROR_NOT_BLANK or FH_ERROR_COMPARE. */
  uint32_t error = (op + 1) & ~1u;
  if (op != FH_OP_PROGRAM) {
    data = 0;
  }
  check_window(address, length, op);
  int status = call(address, length, data, (&mailbox->parameters.uninit)[op]);
  uint32_t different = is_different(address, length, data);
  check_status(status, error);
  check(different, error + 1);
}

/* CRC, BLANK. */
SMALL void examine(uint32_t data, uint32_t length, uint32_t op) {
  volatile struct fh_range *range = (volatile struct fh_range *)data;
  for (; length >= sizeof *range; length -= sizeof *range, range++) {
    uint32_t address = range->address;
    uint32_t bytes = range->length;
    check_window(address, bytes, op);
    uint32_t value;
    uint32_t extra = 0;
    if (op == FH_OP_CRC) {
      value = crc_of(address, bytes / 4);
    } else {
      value = is_different(address, bytes, 0) ^ 1u;
      if (value == 0) {
        extra = mailbox->error_address;
      }
    }
    volatile struct fh_result *result = (volatile struct fh_result *)range;
    result->value = value;
    result->extra = extra;
  }
}

SMALL void execute(uint32_t address, uint32_t length, uint32_t data, uint32_t op) {
  mailbox->error_address = address;
  mailbox->error_found = op;
  if (op - 1 >= FH_OP_FINISH) {
    fail(FH_ERROR_OP);
  } else if (op == FH_OP_FINISH) {
    check_status(uninit(), FH_ERROR_UNINIT);
  } else if (op > FH_OP_PROGRAM) {
    examine(data, length, op);
  } else {
    modify(address, length, data, op);
  }
  uint32_t guard = mailbox->parameters.stack_guard;
  uint32_t found = REGISTER(guard);
  mailbox->error_address = guard;
  mailbox->error_found = found;
  check(found ^ FH_STACK_GUARD, FH_ERROR_STACK);
}

/* Waits until the slot says `sequence`. */
SMALL void await(Trailer *trailer, uint32_t sequence) {
  uint32_t ticks = mailbox->parameters.silence_ticks;
  while (trailer->sequence != sequence) {
    ticks -= fh_tick();
    if (ticks == 0) {
      (void)uninit();
      park(FH_STATE_SILENCE);
    }
  }
  barrier();
}

/* Executes the command in the slot. Its op, or 0: the slot is bad. */
SMALL uint32_t take(Trailer *trailer, uint32_t sequence) {
  uint32_t op = trailer->op;
  uint32_t length = trailer->length;
  uint32_t payload = 0;
  if (op - FH_OP_PROGRAM <= FH_OP_BLANK - FH_OP_PROGRAM) {
    if (length > mailbox->parameters.slot_size - sizeof *trailer) {
      return 0;
    }
    payload = (length + 3) / 4;
  }
  uint32_t data = (uint32_t)trailer - 4 * payload;
  if (crc_of(data, payload + 3) != trailer->crc) { /* with op, address, length */
    return 0;
  }
  mailbox->current = sequence;
  execute(trailer->address, length, data, op);
  return op;
}

SMALL Trailer *next_slot(Trailer *trailer) {
  uint32_t size = mailbox->parameters.slot_size;
  uint32_t all = size * mailbox->parameters.slot_count;
  uint32_t next = (uint32_t)trailer + size;
  return (Trailer *)(next >= mailbox->parameters.slots_address + all ? next - all : next);
}

__attribute__((noreturn, used)) void agent_main(Mailbox *argument) {
  mailbox = argument;
  __asm volatile("cpsid i\n\tmov r9, %0" ::"r"(mailbox->parameters.static_base));
  SYST_CSR = 0;
  SYST_RVR = mailbox->parameters.tick_reload;
  SYST_CVR = 0;
  SYST_CSR = SYST_ENABLE | SYST_CLKSOURCE_CORE;
  (void)call(0, 0, 0, mailbox->parameters.idle);
  check_status(call(mailbox->parameters.flash_base, mailbox->parameters.clock_hz, 0,
                    mailbox->parameters.init),
               FH_ERROR_INIT);

  uint32_t first_end = mailbox->parameters.slots_address + mailbox->parameters.slot_size;
  Trailer *trailer = (Trailer *)first_end - 1;
  uint32_t count = mailbox->parameters.slot_count;
  do { /* round to the first again */
    trailer->sequence = 0;
    trailer = next_slot(trailer);
  } while (--count != 0);
  mailbox->abi = FH_LOADER_ABI;
  mailbox->state = FH_STATE_IDLE;
  barrier();
  mailbox->magic = FH_LOADER_MAGIC;

  for (uint32_t sequence = 1;;) {
    await(trailer, sequence);
    mailbox->state = FH_STATE_BUSY;
    uint32_t op = take(trailer, sequence);
    if (op == 0) {
      trailer->sequence = 0;
      barrier();
      mailbox->state = FH_STATE_BAD_SLOT;
      continue;
    }
    mailbox->state = FH_STATE_IDLE;
    barrier();
    mailbox->done = sequence++;
    if (op == FH_OP_FINISH) {
      park(FH_STATE_FINISHED);
    }
    trailer = next_slot(trailer);
  }
}
