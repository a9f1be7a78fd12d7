/* The contract between the host and the loader agent that runs on the target. C99, freestanding.
 *
 * RAM, laid out by the host, ascending from an address aligned to 512 bytes:
 */
/* clang-format off */
/*   vector table    64 bytes: stack top, then the agent's fault entry 14 times (for NMI the family's,
 *                   if it has one), then its tick entry
 *   mailbox         struct fh_mailbox
 *   agent           directly behind the mailbox, so it finds the mailbox by its own address
 *   family code     8-byte aligned; its data behind it, at the distance at which it was linked
 *   stack guard     one word, FH_STACK_GUARD
 *   stack           as large as the family's code needs, FH_STACK_SIZE by default; 8-byte aligned top
 *   slots           slot_count slots of slot_size bytes
 *   unpacker        where there is room: code of the host that takes packed payloads apart, 8-byte
 *                   aligned; its memory; and 8-byte aligned room for what comes out: a payload
 */
/* clang-format on */
/*
 * Agent and family code are position-independent. The agent is ARMv6-M code and runs on every
 * Cortex-M. The host zeroes the mailbox and the family's zero-initialised data, fills the mailbox's
 * `parameters`, writes everything, then starts the core at the agent's entry with MSP = stack top,
 * PRIMASK = 1 and, where the core has a VTOR, VTOR = vector table. On a core
 * without VTOR (Cortex-M0) the vector table is not used: everything stays masked, and a fault stops
 * at the vector catch (DEMCR.VC_HARDERR), where the host reads the core.
 *
 * Before anything else the agent checks what was written: the words add up to 0, and so do the sums
 * on the way, from the last word to the first. The host reads back only what runs before that is
 * known: the end of the agent, and FH_IDLE_SIZE bytes of Idle, which is called meanwhile, before
 * Init: it should be no longer and call nothing, and must not use more than FH_IDLE_STACK bytes of
 * the stack.
 *
 * A slot is one command. The trailer stands at the end of the slot; the payload, padded to a word
 * with 0xFF, directly before it: so a command is one ascending block write that ends with the
 * sequence word, which publishes it. Sequence numbers start at 1; command n goes into slot
 * (n - 1) % slot_count and may be written when `done` >= n - slot_count. crc covers payload, op,
 * address, length. If first_trailer and slot_size are multiples of 8, a payload of PROGRAM whose
 * length is a multiple of 8 starts at an address aligned to 8.
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
 * there. (The state alone may be an old one: rewriting a slot that is being executed would destroy
 * the results of CRC.)
 *
 * An empty range lies in no window. The ranges of CRC are checked one by one, each before it is
 * read, and must be made of whole words; the trailer's address is not looked at. With a page_size,
 * address and length of PROGRAM are multiples of it, and ProgramPage is called page by page.
 *
 * Init, UnInit, EraseSector, EraseChip and ProgramPage are called with r9 = static_base and r10 =
 * mailbox, and need not preserve any register. Idle and Crc preserve r4 to r11 as any function of
 * the AAPCS does. They must not use r9 and r10, which those functions may have changed. The agent
 * itself never uses r8 to r11.
 *
 * Heartbeat and Idle come from the agent between calls and from the family's own waits within them,
 * which call fh_tick (loaders/agent/tick.h). A blob that does is compiled with -ffixed-r10, since
 * fh_tick finds the agent by that register. For an algorithm that knows nothing of ticks, the host
 * sets TICKINT in tick_control: then SysTick's exception moves heartbeat and Idle during its calls.
 * On a core without VTOR that is impossible, and both stand still during such a call. A Crc
 * function must be done with a call of FH_CRC_CHUNK words within half a tick.
 *
 * The payload of PROGRAM may be packed: then op has its size in FH_PACKED_SIZE, and `length` is
 * that of what comes out of it, a multiple of 4, at most as large as a payload may be. Its first
 * word is the CRC of what comes out. Behind that stands one block of raw deflate data (RFC 1951),
 * with fixed or dynamic codes. Its references may lead back to before the block: there stands what
 * the flash holds below `address`. The agent calls Unpack, checks the CRC, and programs from where
 * Unpack has put it. Before the first such command the host writes Unpack's code, and `unpack` and
 * `unpacked` of the mailbox.
 *
 * Flash with an error correcting code may raise an NMI when a word is read that it cannot correct:
 * one that lost power half-way. Nothing masks that. A family with such a chip gives a handler of
 * its own, which stands in the vector table in place of the agent's fault entry. It may be called
 * at any time, also before Init. It clears the chip's flag, counts the word in `unreadable` of the
 * mailbox, which stands behind the vector table that VTOR names, and returns; the loader then goes
 * on with what was read. Of any other NMI it makes a fault: it jumps to the entry of HardFault in
 * the vector table, with all registers but r0 to r3 as it found them.
 */
#ifndef FLASHHOST_LOADER_ABI_H
#define FLASHHOST_LOADER_ABI_H

#include <stdint.h>

/* C knows no typed enumeration. NOLINTBEGIN(modernize-macro-to-enum) */
#define FH_LOADER_MAGIC 0x31414846u /* "FHA1" */
#define FH_LOADER_ABI 4u
#define FH_VECTOR_TABLE_SIZE 64u
#define FH_STACK_SIZE 256u /* of which the agent itself uses at most FH_AGENT_STACK */
#define FH_AGENT_STACK 144u
#define FH_IDLE_SIZE 64u
#define FH_IDLE_STACK 96u
#define FH_STACK_GUARD 0x5AFE57ACu
#define FH_SECTOR_SIZE(size) ((uint32_t)(size) << 8) /* below 16 MiB */
#define FH_PACKED_SIZE(size) ((uint32_t)(size) << 8) /* bytes */
#define FH_CRC_CHUNK 32u                             /* words, at most, in one call of Crc */
#define FH_TICK_CYCLES 480u     /* 20 us at 24 MHz: often enough to feed a watchdog of 0.1 ms */
#define FH_TICK_POLLED 5u       /* tick_control: SysTick with the core's clock, no exception */
#define FH_TICK_BY_EXCEPTION 7u /* tick_control: the same, with its exception during calls */
/* NOLINTEND(modernize-macro-to-enum) */

/* clang-format off */
enum fh_op {
  FH_OP_ERASE = 1,     /* address, length of one sector, or of neighbours: see fh_trailer; of each
                          EraseSector, then blank check */
  FH_OP_ERASE_ALL = 2, /* address, length of the flash; EraseChip, then blank check */
  FH_OP_PROGRAM = 3,   /* address, length, payload; ProgramPage, then compare */
  FH_OP_CRC = 4,       /* payload: struct fh_range[]; each replaced by its struct fh_result */
  FH_OP_FINISH = 5     /* UnInit, state FH_STATE_FINISHED, BKPT */
};

/* What Init and UnInit are called for. */
enum fh_function {
  FH_FUNCTION_ANY = 0, /* everything: Init once, UnInit once */
  FH_FUNCTION_ERASE = 1,
  FH_FUNCTION_PROGRAM = 2,
  FH_FUNCTION_VERIFY = 3
};

enum fh_state {
  FH_STATE_STARTING = 0,
  FH_STATE_IDLE = 1,     /* waits for the next command */
  FH_STATE_BUSY = 2,     /* executes `current` */
  FH_STATE_BAD_SLOT = 3, /* slot of command done + 1 has a wrong crc: rewrite it */
  FH_STATE_ERROR = 4,    /* error, error_address, error_status say what; halted */
  FH_STATE_FAULT = 5,    /* an exception was taken: fault_* ; halted */
  FH_STATE_FINISHED = 6, /* halted */
  FH_STATE_SILENCE = 7,  /* no command for silence_ticks: flash locked; halted */
  FH_STATE_DAMAGED = 8   /* what was written to RAM does not add up: nothing was done; halted */
};

/* What stands in error_address, error_status, error_expected, error_found of the mailbox. */
enum fh_error {
  FH_ERROR_NONE = 0,
  FH_ERROR_INIT = 1,      /* Init returned _status */
  FH_ERROR_ERASE = 2,     /* EraseSector or EraseChip returned _status; _address: first word that is
                             not blank, if any, else the command's address */
  FH_ERROR_NOT_BLANK = 3, /* erased without complaint, but _address is not blank; its word: _found */
  FH_ERROR_PROGRAM = 4,   /* ProgramPage returned _status; _address: first difference, if any, else
                             the command's address */
  FH_ERROR_COMPARE = 5,   /* programmed without complaint, but _address differs; _expected, _found:
                             words, or bytes where the command is not made of whole words */
  FH_ERROR_WINDOW = 6,    /* the command, or its range at _address, lies outside the window or is not
                             made of whole words, of PROGRAM: of whole pages */
  FH_ERROR_OP = 7,        /* unknown command: _found */
  FH_ERROR_STACK = 8,     /* the guard word below the stack, at _address, was overwritten by _found */
  FH_ERROR_UNINIT = 9,    /* UnInit returned _status */
  FH_ERROR_UNPACK = 10    /* what came out of a packed payload has another CRC; _address: the command's */
};
/* clang-format on */

struct fh_range {
  uint32_t address;
  uint32_t length; /* bytes; a multiple of 4, as is address */
};

struct fh_result {
  uint32_t value;      /* the CRC */
  uint32_t unreadable; /* that counter of the mailbox after this range */
};

/* Last words of a slot. length: bytes of payload for PROGRAM and CRC; of flash for ERASE and
 * ERASE_ALL. To erase several sectors of the same size, one behind the other, ERASE has that size
 * in FH_SECTOR_SIZE of its op; 0 there: it is one sector. */
struct fh_trailer {
  uint32_t op; /* enum fh_op; and FH_SECTOR_SIZE, of PROGRAM FH_PACKED_SIZE */
  uint32_t address;
  uint32_t length;
  uint32_t crc;
  uint32_t sequence;
};

/* clang-format off */
/* Written by the host before the start, never by the agent. Entry points are absolute addresses
 * with the Thumb bit, 0 when absent: the call then counts as successful. Signatures as in CMSIS
 * flash algorithms,
 *   int Init(uint32_t address, uint32_t clock, uint32_t function)    0 = good, else a raw status
 *   int UnInit(uint32_t function)
 *   int EraseSector(uint32_t address)
 *   int EraseChip(void)
 *   int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data)
 * and two more:
 *   void Idle(void)                                                  feeds the watchdog, at every tick; also
 *                                                                    before Init: see above
 *   uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc)     crc continues a previous value
 * Crc is used only if it gives the right CRC of some known words after Init; otherwise, or where it
 * is absent, the agent computes CRCs itself: polynomial 0x04C11DB7, initial value 0xFFFFFFFF, over
 * little-endian words, not reflected. Unpack is the host's own function. The agent calls it as it
 * calls ProgramPage; beside the agent it must fit into the stack:
 *   uint8_t *Unpack(const uint8_t *packed, uint32_t size, uint32_t address) size: of what comes out,
 *                                                                           which is at the result */
/* clang-format on */
struct fh_parameters {
  uint32_t uninit;
  uint32_t erase_sector;
  uint32_t erase_chip;
  uint32_t program_page;
  uint32_t idle;
  uint32_t static_base;    /* r9 at every call but those of Idle and Crc */
  uint32_t tick;           /* the agent's own: its fh_tick, for families */
  uint32_t tick_control;   /* SYST_CSR: FH_TICK_POLLED or FH_TICK_BY_EXCEPTION */
  uint32_t first_function; /* FH_FUNCTION_ANY; or FH_FUNCTION_VERIFY: Init and UnInit are called for
                              each function, for this one first */
  uint32_t page_size;      /* of ProgramPage; a power of two, or 0: any length */
  uint32_t window_address;
  uint32_t window_size;
  uint32_t first_trailer; /* of the first slot */
  uint32_t last_trailer;  /* of the last slot */
  uint32_t slot_size;     /* bytes, a multiple of 4 */
  uint32_t stack_guard;   /* its address */
  uint32_t silence_ticks; /* ticks without a command until FH_STATE_SILENCE */
  uint32_t erased_word;   /* 0xFFFFFFFF where erased flash reads ones */
  uint32_t flash_base;    /* first argument of Init */
  uint32_t clock_hz;      /* second argument of Init; the core's clock afterwards */
  uint32_t init;
  uint32_t tick_reload; /* SysTick reload value: core cycles per tick, minus 1 */
  uint32_t crc;
  uint32_t crc_table[16]; /* for the agent's own CRC: of each value of the upper four bits */
};

/* The last words of the agent, written by the host before the start. */
struct fh_check {
  uint32_t end;        /* of what is checked, from the vector table on; a multiple of 8 */
  uint32_t idle;       /* as in fh_parameters; called after each 24 words */
  uint32_t balance[2]; /* make both sums 0 */
};

/* How long a command has taken so far, by the target's own clock: heartbeat - started, in ticks.
 * `started` is written before `current`, and stands behind heartbeat and current: so a host that
 * reads these in ascending order never sees more time than has passed. */
struct fh_mailbox {
  uint32_t magic; /* FH_LOADER_MAGIC when the agent is ready */
  uint32_t abi;
  uint32_t state;     /* enum fh_state */
  uint32_t heartbeat; /* grows by one per tick, in every wait */
  uint32_t current;   /* sequence of the command in execution or executed last */
  uint32_t started;   /* heartbeat when `current` began */
  uint32_t done;      /* sequence of the last command that succeeded; published last */
  uint32_t error;     /* enum fh_error; this and error_* mean nothing before FH_STATE_ERROR */
  uint32_t error_address;
  uint32_t error_status;
  uint32_t error_expected;
  uint32_t error_found;
  uint32_t function; /* enum fh_function: what Init has returned for last */
  uint32_t crc;      /* the Crc function in use; 0: the agent's own */
  struct fh_parameters parameters;
  uint32_t fault_exception; /* IPSR */
  uint32_t fault_lr;
  uint32_t fault_pc;
  uint32_t fault_xpsr;
  uint32_t unreadable; /* words of flash that were read and could not be corrected (NMI handler) */
  uint32_t unpack;     /* entry point of Unpack, written by the host when it is there */
  uint32_t unpacked;   /* where it puts what comes out; its memory is directly below */
};

#endif
