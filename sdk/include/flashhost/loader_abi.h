/* The contract between the host and the loader agent that runs on the target. C99, freestanding.
 *
 * RAM layout, made by the host, ascending from an address aligned to 512 bytes:
 *   vector table  64 bytes, 16 words, filled by the host: stack top, then the agent's fault entry
 * 15 times mailbox       struct fh_mailbox, directly after the table: code finds it at VTOR +
 * FH_VECTOR_TABLE_SIZE agent code, family code   each 8-byte aligned, position-independent stack
 * guard   one word, FH_STACK_GUARD stack         FH_STACK_SIZE bytes, 8-byte aligned top slots
 * slot_count slots of slot_size bytes The host zeroes the mailbox, fills its `parameters`, writes
 * and reads back everything, then starts the core at the agent's entry with r0 = mailbox, MSP =
 * stack top, VTOR = vector table, PRIMASK = 1.
 *
 * A slot is one command. The trailer stands at the end of the slot; the payload, padded to a word
 * with 0xFF, directly before it: so a command is one ascending block write that ends with the
 * sequence word, which publishes it. Sequence numbers start at 1; command n goes into slot (n - 1)
 * % slot_count and may be written when `done` >= n - slot_count. crc covers payload, op, address,
 * length.
 *
 * The agent executes command n only when its sequence is n, its crc fits and its range lies in the
 * window. A crc that does not fit sets state FH_STATE_BAD_SLOT until the slot is rewritten. Any
 * other error sets FH_STATE_ERROR and halts (BKPT): nothing more is executed. `done` is written
 * last, after a DMB, and only for commands that succeeded.
 *
 * SRAM may still hold the slots of an earlier run: the agent zeroes all sequence words before it
 * writes `magic`, and the host writes no slot before it has seen `magic`. A length that does not
 * fit into the slot counts as a wrong crc. The agent zeroes the sequence word of a slot that it
 * rejects before it sets FH_STATE_BAD_SLOT: the host rewrites when it sees that state and a zero
 * there. (State alone may be old: a rewrite on top of a slot in execution would destroy the results
 * of CRC and BLANK.)
 *
 * An empty range lies in no window; the ranges of CRC and BLANK are checked one by one, each before
 * it is read, and must be made of whole words. Their trailer's address is not looked at.
 *
 * Heartbeat and Idle come from the agent between calls and from the family's own waits within them
 * (see loaders/agent/tick.h); an algorithm that does not know of ticks stands still in both while
 * it waits. A Crc function must be done with a call of FH_CRC_CHUNK words within half a tick.
 */
#ifndef FLASHHOST_LOADER_ABI_H
#define FLASHHOST_LOADER_ABI_H

#include <stdint.h>

/* C knows no typed enumeration. NOLINTBEGIN(modernize-macro-to-enum) */
#define FH_LOADER_MAGIC 0x31414846u /* "FHA1" */
#define FH_LOADER_ABI 1u
#define FH_VECTOR_TABLE_SIZE 64u
#define FH_STACK_SIZE 256u
#define FH_STACK_GUARD 0x5AFE57ACu
#define FH_CRC_CHUNK 32u    /* words, at most, in one call of Crc */
#define FH_TICK_CYCLES 480u /* a good tick at 24 MHz: 20 us feeds a watchdog of 0.1 ms */
/* NOLINTEND(modernize-macro-to-enum) */

enum fh_op {
  FH_OP_ERASE = 1,     /* address, length of one sector; EraseSector, then blank check */
  FH_OP_ERASE_ALL = 2, /* address, length of the flash; EraseChip, then blank check */
  FH_OP_PROGRAM = 3,   /* address, length, payload; ProgramPage, then compare */
  FH_OP_CRC = 4,       /* payload: struct fh_range[]; each replaced by struct fh_result {crc, 0} */
  FH_OP_BLANK =
      5, /* payload: struct fh_range[]; each replaced by {1, 0} when blank, else {0, address} */
  FH_OP_FINISH = 6 /* UnInit, state FH_STATE_FINISHED, BKPT */
};

enum fh_state {
  FH_STATE_STARTING = 0,
  FH_STATE_IDLE = 1,     /* waits for the next command */
  FH_STATE_BUSY = 2,     /* executes `current` */
  FH_STATE_BAD_SLOT = 3, /* slot of command done + 1 has a wrong crc: rewrite it */
  FH_STATE_ERROR = 4,    /* error, error_address, error_status say what; halted */
  FH_STATE_FAULT = 5,    /* an exception was taken: fault_* ; halted */
  FH_STATE_FINISHED = 6, /* halted */
  FH_STATE_SILENCE = 7   /* no command for silence_ticks: flash locked; halted */
};

enum fh_error {
  FH_ERROR_NONE = 0,
  FH_ERROR_INIT = 1,  /* Init returned error_status */
  FH_ERROR_ERASE = 2, /* EraseSector or EraseChip returned error_status; error_address: first word
                         that is not blank, if any, else the command's address */
  FH_ERROR_NOT_BLANK =
      3, /* erased without complaint, but error_address is not blank; error_found is its word */
  FH_ERROR_PROGRAM = 4, /* ProgramPage returned error_status; error_address: first difference, if
                           any, else the command's address */
  FH_ERROR_COMPARE = 5, /* programmed without complaint, but error_address differs; error_expected,
                           _found: words, or bytes where address or rest are not whole words */
  FH_ERROR_WINDOW = 6,  /* command, or its range at error_address, outside the window */
  FH_ERROR_OP = 7,      /* unknown command; error_found is the op */
  FH_ERROR_STACK =
      8, /* the guard word below the stack was overwritten; error_address: where, _found */
  FH_ERROR_UNINIT = 9 /* FINISH: UnInit returned error_status */
};

struct fh_range {
  uint32_t address;
  uint32_t length; /* bytes; a multiple of 4, as is address */
};

struct fh_result {
  uint32_t value;
  uint32_t extra;
};

/* Last words of a slot. */
struct fh_trailer {
  uint32_t op;
  uint32_t address;
  uint32_t
      length; /* bytes of payload for PROGRAM, CRC and BLANK; of flash for ERASE and ERASE_ALL */
  uint32_t crc;
  uint32_t sequence;
};

/* Written by the host before the start, never by the agent. Entry points are absolute addresses
 * with the Thumb bit, 0 when absent: then nothing is done, with success. Signatures as in CMSIS
 * flash algorithms: int Init(uint32_t address, uint32_t clock, uint32_t function)   0 = good, else
 * raw status (never 0) int UnInit(uint32_t function) int EraseSector(uint32_t address)      int
 * EraseChip(void) int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) and two
 * more: void Idle(void)                        feeds the watchdog; called at every tick of every
 * wait uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc)    crc continues a previous
 * value r9 = static_base at every call; the agent itself never uses r9. */
struct fh_parameters {
  uint32_t init;
  uint32_t uninit;
  uint32_t erase_sector;
  uint32_t erase_chip;
  uint32_t program_page;
  uint32_t idle;
  uint32_t crc;
  uint32_t static_base;
  uint32_t flash_base;    /* first argument of Init */
  uint32_t clock_hz;      /* second argument of Init */
  uint32_t tick_reload;   /* SysTick reload value: core cycles per tick, minus 1 */
  uint32_t silence_ticks; /* ticks without a command until FH_STATE_SILENCE */
  uint32_t window_address;
  uint32_t window_size;
  uint32_t slots_address;
  uint32_t slot_size; /* bytes, a multiple of 4 */
  uint32_t slot_count;
  uint32_t stack_guard; /* its address */
  uint32_t erased_word; /* 0xFFFFFFFF where erased flash reads ones */
};

struct fh_mailbox {
  uint32_t magic; /* FH_LOADER_MAGIC when the agent is ready */
  uint32_t abi;
  uint32_t state;     /* enum fh_state */
  uint32_t heartbeat; /* grows by one per tick, in every wait */
  uint32_t current;   /* sequence of the command in execution or executed last */
  uint32_t done;      /* sequence of the last command that succeeded; published last */
  uint32_t error;     /* enum fh_error; this and error_* mean nothing before FH_STATE_ERROR */
  uint32_t error_address;
  uint32_t error_status;
  uint32_t error_expected;
  uint32_t error_found;
  uint32_t fault_exception; /* IPSR */
  uint32_t fault_pc;
  uint32_t fault_lr;
  uint32_t fault_xpsr;
  uint32_t reserved;
  struct fh_parameters parameters;
};

#endif
