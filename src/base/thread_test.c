#include "base/thread.h"

#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/test.h"

#define LOWEST 19

/* What the kernel has of the calling thread. */
static struct sched_attr
look(void)
{
	struct sched_attr a = { .size = sizeof(a) };

	assert_int_equal(syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0), 0);
	return a;
}

static void
a_prompt_thread_has_shorter_slices_and_no_larger_share(void **state)
{
	struct sched_attr before = look();
	struct sched_attr after;

	(void)state;
	thread_be_prompt();
	after = look();
	assert_int_equal(after.sched_policy, before.sched_policy);
	assert_int_equal(after.sched_nice, before.sched_nice);
	/* A Linux that knows no slices tells none. */
	if (before.sched_runtime > 0)
		assert_true(after.sched_runtime < before.sched_runtime);
}

static void
a_thread_that_gives_way_is_behind_others(void **state)
{
	int before = look().sched_nice;

	(void)state;
	thread_give_way();
	assert_true(look().sched_nice > before || before == LOWEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_prompt_thread_has_shorter_slices_and_no_larger_share),
		cmocka_unit_test(a_thread_that_gives_way_is_behind_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
