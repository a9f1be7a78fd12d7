/* The ACME32's part of the flash loader: runs in the chip's RAM, called by flashhost's agent, which
 * compares the flash afterwards. It keeps nothing in memory between two calls. */
#include "loader.h"

#include "registers.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* Waits for the end of an operation; returns its errors. fh_tick shows the host that the loader is
 * alive. */
static uint32_t wait_idle(void) {
  uint32_t status;
  do {
    (void)fh_tick();
    status = REGISTER(FMC_STATUS);
  } while ((status & STATUS_BUSY) != 0);
  return status & STATUS_ERRORS;
}

static void clear_flags(void) {
  REGISTER(FMC_STATUS) = STATUS_DONE | STATUS_ERRORS;
}

/* Locks first: a key written to an open controller would lock it until reset. */
int Init(uint32_t address, uint32_t clock, uint32_t function) {
  (void)address;
  (void)clock;
  (void)function;
  (void)wait_idle();
  REGISTER(FMC_CTRL) = CTRL_LOCK;
  REGISTER(FMC_KEY) = KEY1;
  REGISTER(FMC_KEY) = KEY2;
  REGISTER(FMC_CTRL) = 0;
  return (REGISTER(FMC_CTRL) & CTRL_LOCK) != 0 ? RESULT_LOCKED : 0;
}

int UnInit(uint32_t function) {
  (void)function;
  REGISTER(FMC_CTRL) = CTRL_LOCK;
  return 0;
}

static int erase(uint32_t mode, uint32_t address) {
  clear_flags();
  REGISTER(FMC_ADDR) = address;
  REGISTER(FMC_CTRL) = mode;
  REGISTER(FMC_CTRL) = mode | CTRL_START;
  const uint32_t errors = wait_idle();
  REGISTER(FMC_CTRL) = 0;
  return (int)errors;
}

int EraseSector(uint32_t address) {
  return erase(CTRL_ER, address);
}

int EraseChip(void) {
  return erase(CTRL_MER, FLASH_BASE);
}

/* Takes any number of whole words. Words that stay erased are not programmed. */
int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data) {
  const uint32_t *word = (const uint32_t *)data;
  const uint32_t end = address + size;
  uint32_t errors = 0;
  if (((address | size) & 3u) != 0) {
    return RESULT_ALIGNMENT;
  }
  clear_flags();
  REGISTER(FMC_CTRL) = CTRL_PG;
  for (; address != end && errors == 0; address += 4, word++) {
    if (*word != 0xFFFFFFFFu) {
      REGISTER(address) = *word;
      errors = wait_idle();
    }
  }
  REGISTER(FMC_CTRL) = 0;
  return (int)errors;
}
