#include "base/thread.h"

#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One tenth of what another thread gets that wants all of a processor. */
#define NICER 10

/* The shortest that Linux takes; its own is some milliseconds. */
#define SLICE_NS 100000

void
thread_be_prompt(void)
{
	struct sched_attr a = { .size = sizeof(a) };

	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) != 0)
		return;
	a.sched_runtime = SLICE_NS;
	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}

void
thread_give_way(void)
{
	/* Of this thread on Linux; to have less of it is always allowed. */
	(void)nice(NICER);
}
