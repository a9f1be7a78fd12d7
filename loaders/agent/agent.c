/* The flash loader's agent. Contract: <flashhost/loader_abi.h>. Position-independent, no data
 * sections. */
#include "tick.h"

typedef volatile struct fh_mailbox Mailbox;
typedef volatile struct fh_trailer Trailer;

/* The whole agent is compiled with -ffixed-r7; families preserve r7 as any function does. */
register Mailbox *mailbox __asm("r7");

/* In entry.S. */
__attribute__((noreturn)) void park(uint32_t state);
__attribute__((noreturn)) void fail(uint32_t error);
void check(uint32_t bad, uint32_t error);
void check_status(int status, uint32_t error);
int uninit(void);
int call(uint32_t first, uint32_t second, uint32_t third, uint32_t function);
void init(uint32_t function);
uint32_t crc_of(uint32_t address, uint32_t words);
uint32_t is_different(uint32_t address, uint32_t length, uint32_t data);

#define HAS_OFFSET(field, offset)                                          \
  _Static_assert(__builtin_offsetof(struct fh_mailbox, field) == (offset), \
                 "entry.S or tick.S is wrong")
HAS_OFFSET(state, 8);
HAS_OFFSET(heartbeat, 12);
HAS_OFFSET(error, 28);
HAS_OFFSET(error_address, 32);
HAS_OFFSET(error_status, 36);
HAS_OFFSET(error_expected, 40);
HAS_OFFSET(error_found, 44);
HAS_OFFSET(function, 48);
HAS_OFFSET(crc, 52);
HAS_OFFSET(parameters.uninit, 56);
HAS_OFFSET(parameters.idle, 72);
HAS_OFFSET(parameters.static_base, 76);
HAS_OFFSET(parameters.tick, 80);
HAS_OFFSET(parameters.tick_control, 84);
HAS_OFFSET(parameters.erased_word, 124);
HAS_OFFSET(parameters.flash_base, 128);
HAS_OFFSET(parameters.init, 136);
HAS_OFFSET(parameters.crc_table, 148);
HAS_OFFSET(fault_exception, 212);
HAS_OFFSET(fault_xpsr, 224);
_Static_assert(sizeof(struct fh_mailbox) == 240 && FH_CRC_CHUNK == 32, "entry.S is wrong");
_Static_assert(FH_STATE_ERROR == 4 && FH_STATE_FAULT == 5 && FH_STATE_DAMAGED == 8,
               "entry.S is wrong");
_Static_assert(FH_VECTOR_TABLE_SIZE == 64 && sizeof(struct fh_check) == 16 &&
                   __builtin_offsetof(struct fh_check, idle) == 4 && FH_IDLE_STACK == 4 * 24,
               "entry.S is wrong");

#define REGISTER(address) (*(volatile uint32_t *)(address))
typedef volatile struct {
  uint32_t csr, rvr, cvr;
} SysTick;
#define SYSTICK ((SysTick *)0xE000E010u)
/* Keeps the compiler from building nearby addresses as new constants. */
#define KEEP(pointer) __asm("" : "+r"(pointer))
#define CRC_TEST_WORDS 40u /* more than FH_CRC_CHUNK: a continued CRC is tested, too */
#define SMALL static __attribute__((noinline))

static inline void barrier(void) {
  __asm volatile("dmb" ::: "memory");
}

/* Tests Crc with words that do not change meanwhile: the parameters and the fault fields behind
 * them. */
static inline void choose_crc(void) {
  uint32_t words = (uint32_t)&mailbox->parameters;
  uint32_t expected = crc_of(words, CRC_TEST_WORDS);
  mailbox->crc = mailbox->parameters.crc;
  if (crc_of(words, CRC_TEST_WORDS) != expected) {
    mailbox->crc = 0;
  }
}

/* Fails unless the range is in the window, in whole words, for PROGRAM in whole pages. */
SMALL void check_window(uint32_t address, uint32_t length, uint32_t op) {
  uint32_t offset = address - mailbox->parameters.window_address;
  uint32_t size = mailbox->parameters.window_size;
  uint32_t unit = op == FH_OP_PROGRAM ? mailbox->parameters.page_size : 4;
  mailbox->error_address = address;
  if (offset >= size || length - 1 >= size - offset || /* length 0 wraps: outside */
      (unit != 0 && ((address | length) & (unit - 1)) != 0)) {
    fail(FH_ERROR_WINDOW);
  }
}

/* Executes ERASE, ERASE_ALL and PROGRAM. part: the sector's size, or the packed one. */
static inline void modify(uint32_t address, uint32_t length, uint32_t data, uint32_t op,
                          uint32_t part) {
  /* FH_ERROR_ERASE or FH_ERROR_PROGRAM; the next is FH_ERROR_NOT_BLANK or FH_ERROR_COMPARE. */
  uint32_t error = (op + 1) & ~1u;
  check_window(address, length, op);
  if (op == FH_OP_PROGRAM) {
    if (part != 0) {
      uint32_t packed = data;
      data = (uint32_t)call(packed, length, address, mailbox->unpack);
      check(crc_of(data, length / 4) ^ REGISTER(packed), FH_ERROR_UNPACK);
    }
    part = mailbox->parameters.page_size;
  } else {
    data = 0;
  }
  if (part == 0) {
    part = length;
  }
  do {
    int status = call(address, part, data, (&mailbox->parameters.uninit)[op]);
    uint32_t different = is_different(address, part, data);
    check_status(status, error);
    check(different, error + 1);
    address += part;
    if (data != 0) {
      data += part;
    }
    length -= part;
  } while ((int32_t)length > 0);
}

static inline void checksum(uint32_t data, uint32_t length) {
  volatile struct fh_range *range = (volatile struct fh_range *)data;
  for (; length >= sizeof *range; length -= sizeof *range, range++) {
    uint32_t address = range->address;
    uint32_t bytes = range->length;
    check_window(address, bytes, FH_OP_CRC);
    volatile struct fh_result *result = (volatile struct fh_result *)range;
    result->value = crc_of(address, bytes / 4);
    result->unreadable = mailbox->unreadable;
  }
}

SMALL void execute(uint32_t address, uint32_t length, uint32_t data, uint32_t op) {
  uint32_t part = op >> 8;
  op = (uint8_t)op;
  mailbox->error_address = address;
  mailbox->error_found = op;
  if (op - 1 >= FH_OP_FINISH) {
    fail(FH_ERROR_OP);
  }
  uint32_t function = op < FH_OP_ERASE_ALL ? FH_FUNCTION_ERASE : op - 1;
  if (op == FH_OP_FINISH ||
      (mailbox->parameters.first_function != FH_FUNCTION_ANY && mailbox->function != function)) {
    check_status(uninit(), FH_ERROR_UNINIT);
    if (op != FH_OP_FINISH) {
      init(function);
    }
  }
  if (op < FH_OP_CRC) {
    modify(address, length, data, op, part);
  } else if (op == FH_OP_CRC) {
    checksum(data, length);
  }
  uint32_t guard = mailbox->parameters.stack_guard;
  uint32_t found = REGISTER(guard);
  mailbox->error_address = guard;
  mailbox->error_found = found;
  check(found ^ FH_STACK_GUARD, FH_ERROR_STACK);
}

/* Waits until the slot holds the next command. */
SMALL void await(Trailer *trailer) {
  uint32_t ticks = mailbox->parameters.silence_ticks;
  uint32_t next = mailbox->done + 1;
  while (trailer->sequence != next) {
    ticks -= fh_tick();
    if (ticks == 0) {
      (void)uninit();
      park(FH_STATE_SILENCE);
    }
  }
  barrier();
}

/* Executes the command in the slot. Returns its op; 0: the slot is bad. */
SMALL uint32_t take(Trailer *trailer) {
  uint32_t op = trailer->op;
  uint32_t length = trailer->length;
  uint32_t payload = 0;
  if ((uint32_t)(uint8_t)op - FH_OP_PROGRAM <= FH_OP_CRC - FH_OP_PROGRAM) {
    uint32_t most = mailbox->parameters.slot_size - sizeof *trailer;
    payload = op >> 8;
    if (payload == 0) {
      payload = length;
    }
    if (length > most || payload > most) {
      return 0;
    }
    payload = (payload + 3) / 4;
  }
  uint32_t data = (uint32_t)trailer - 4 * payload;
  if (crc_of(data, payload + 3) != trailer->crc) { /* with op, address, length */
    return 0;
  }
  mailbox->started = mailbox->heartbeat;
  mailbox->current = trailer->sequence;
  execute(trailer->address, length, data, op);
  return op;
}

SMALL Trailer *next_slot(Trailer *trailer) {
  return (uint32_t)trailer == mailbox->parameters.last_trailer
             ? (Trailer *)mailbox->parameters.first_trailer
             : (Trailer *)((uint32_t)trailer + mailbox->parameters.slot_size);
}

__attribute__((noreturn, used)) void agent_main(void) {
  SysTick *systick = SYSTICK;
  KEEP(systick);
  systick->rvr = mailbox->parameters.tick_reload;
  systick->cvr = 0;
  systick->csr = mailbox->parameters.tick_control;
  register uint32_t idle __asm("r3") = mailbox->parameters.idle;
  __asm volatile("bl call" : "+r"(idle) : : "r0", "r1", "r2", "r12", "lr", "cc", "memory");
  init(mailbox->parameters.first_function);
  choose_crc();

  Trailer *trailer = (Trailer *)mailbox->parameters.first_trailer;
  do {
    trailer->sequence = 0;
    trailer = next_slot(trailer);
  } while ((uint32_t)trailer != mailbox->parameters.first_trailer);
  mailbox->abi = FH_LOADER_ABI;
  mailbox->state = FH_STATE_IDLE;
  barrier();
  mailbox->magic = FH_LOADER_MAGIC;

  for (;;) {
    await(trailer);
    mailbox->state = FH_STATE_BUSY;
    uint32_t op = take(trailer);
    if (op == 0) {
      trailer->sequence = 0;
      barrier();
      mailbox->state = FH_STATE_BAD_SLOT;
      continue;
    }
    mailbox->state = FH_STATE_IDLE;
    barrier();
    mailbox->done = mailbox->current;
    if (op == FH_OP_FINISH) {
      park(FH_STATE_FINISHED);
    }
    trailer = next_slot(trailer);
  }
}
