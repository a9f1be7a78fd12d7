#ifndef FLASHHOST_LOADERS_UNPACK_H
#define FLASHHOST_LOADERS_UNPACK_H

/* Bytes of RAM that Unpack uses, directly below where it puts what comes out. */
#define UNPACK_WORK 2744u

#endif
