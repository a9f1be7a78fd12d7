/* The tick: called in every wait loop of the agent and of a family. Link tick.S into the blob. */
#ifndef FLASHHOST_LOADERS_TICK_H
#define FLASHHOST_LOADERS_TICK_H

#include <flashhost/loader_abi.h>

/* Call it in every pass of a wait loop, and elsewhere at least twice per tick. When a tick has
 * passed since the last call, the heartbeat grows, Idle feeds the watchdog, and the result is 1.
 * Otherwise the result is 0 and nothing is written: between two ticks a wait loop only reads. */
uint32_t fh_tick(void);

#endif
