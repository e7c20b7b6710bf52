#include "base/random.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sysexits.h>

void
random_bytes(void *p, size_t n)
{
	assert(n <= 256); /* what getrandom gives without being interrupted */
	if (getrandom(p, n, 0) != (ssize_t)n) {
		fputs("level=error event=random.unavailable\n", stderr);
		exit(EX_OSERR);
	}
}
