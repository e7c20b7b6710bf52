#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include "base/defs.h"

/* At most 256 bytes from the kernel, for secrets; without them it exits. */
void random_bytes(void *p, size_t n);

#endif
