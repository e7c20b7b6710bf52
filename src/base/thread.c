#include "base/thread.h"

#include <sys/resource.h>
#include <unistd.h>

/* One tenth of what another thread gets that wants all of a processor. */
#define NICE 10

void
thread_give_way(void)
{
	/* Linux has it for each thread; more of it is always allowed. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
}
