/* For the sources of a loader: the functions that it may define (loader_abi.h says when each is
 * called) and fh_tick. They return 0 for success, otherwise the flash controller's status, or a
 * value that the status never has. */
#ifndef FLASHHOST_LOADERS_LOADER_H
#define FLASHHOST_LOADERS_LOADER_H

#include "tick.h"

int Init(uint32_t address, uint32_t clock, uint32_t function);
int UnInit(uint32_t function);
int EraseSector(uint32_t address);
int EraseChip(void);
int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data);
void Idle(void);
uint32_t Crc(uint32_t address, uint32_t words, uint32_t crc);
void Nmi(void);

#endif
