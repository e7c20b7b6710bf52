#include "base/thread.h"

#include <unistd.h>

/* One tenth of what another thread gets that wants all of a processor. */
#define NICER 10

void
thread_give_way(void)
{
	/* Of this thread on Linux; to have less of it is always allowed. */
	(void)nice(NICER);
}
