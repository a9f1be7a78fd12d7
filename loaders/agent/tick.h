/* The tick: what every wait loop of the agent and of a family does. Link tick.S into the blob. */
#ifndef FLASHHOST_LOADERS_TICK_H
#define FLASHHOST_LOADERS_TICK_H

#include <flashhost/loader_abi.h>

/* To be called in every turn of a wait, and elsewhere at least once in half a tick. When a tick has
 * passed since the last call, the heartbeat grows, Idle feeds the watchdog, and the result is 1.
 * Otherwise it is 0 and nothing is written: between two ticks a wait only reads. */
uint32_t fh_tick(void);

#endif
