#include "base/test.h"

#include <pthread.h>

#include "base/clock.h"
#include "io/loop.h"

static struct loop *loop;
static char order[64];

static int
setup(void **state)
{
	(void)state;
	loop = loop_new();
	memset(order, 0, sizeof(order));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	loop_free(&loop);
	return 0;
}

static void
note(void *arg)
{
	strcat(order, (const char *)arg);
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

static unsigned counted;

static void
count(void *arg)
{
	(void)arg;
	counted++;
}

static void *
post_thousand(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++)
		loop_post(loop, count, NULL);
	loop_stop(loop);
	return NULL;
}

static void
posts_of_another_thread_all_run(void **state)
{
	pthread_t t;

	(void)state;
	counted = 0;
	assert_int_equal(pthread_create(&t, NULL, post_thousand, NULL), 0);
	loop_run(loop);
	pthread_join(t, NULL);
	assert_int_equal(counted, 1000);
}

static char text_s[] = "s";
static char text_l[] = "l";

static void
posts_run_in_their_order(void **state)
{
	(void)state;
	loop_post(loop, note, text_s);
	loop_post(loop, note, text_l);
	loop_post(loop, note, text_s);
	loop_stop(loop);
	loop_run(loop);
	assert_string_equal(order, "sls");
}

static struct loop_task soon_task = { .fn = note, .arg = text_s };
static struct loop_task last_task = { .fn = note, .arg = text_l };

static void
queue_both(void *arg)
{
	(void)arg;
	loop_soon(loop, &soon_task);
	loop_last(loop, &last_task);
	loop_soon(loop, &soon_task); /* it is queued: nothing happens */
	strcat(order, "q");
	loop_stop(loop);
}

static void
tasks_run_once_soon_before_last(void **state)
{
	(void)state;
	loop_post(loop, queue_both, NULL);
	loop_run(loop);
	assert_string_equal(order, "qsl");
}

static void
a_cancelled_task_does_not_run(void **state)
{
	(void)state;
	loop_soon(loop, &soon_task);
	loop_last(loop, &last_task);
	loop_cancel(&soon_task);
	loop_cancel(&last_task);
	loop_cancel(&last_task);
	loop_stop(loop);
	loop_run(loop);
	assert_string_equal(order, "");
}

static struct loop_task again_task;
static unsigned turns;

static void
again(void *arg)
{
	if (++turns < 5)
		loop_soon(arg, &again_task);
	else
		loop_stop(arg);
}

static void
work_in_steps_goes_on_without_waiting(void **state)
{
	(void)state;
	turns = 0;
	again_task = (struct loop_task){ .fn = again, .arg = loop };
	loop_soon(loop, &again_task);
	loop_run(loop);
	assert_int_equal(turns, 5);
}

static char text_p[] = "p";

/* Longer than the tasks of a turn may take. */
static void
take_long(void *arg)
{
	int64_t until = clock_now_us() + 20000;

	(void)arg;
	while (clock_now_us() < until)
		continue;
	strcat(order, "t");
	loop_post(loop, note, text_p);
	loop_stop(loop);
}

static void
what_takes_long_holds_up_no_descriptor_twice(void **state)
{
	struct loop_task slow = { .fn = take_long };

	(void)state;
	loop_soon(loop, &slow);
	loop_soon(loop, &soon_task);
	loop_run(loop); /* ends behind the turn with the post */
	assert_string_equal(order, "tps");
}

static void
what_was_posted_after_the_end_is_dropped(void **state)
{
	(void)state;
	loop_post(loop, stop, loop);
	loop_run(loop);
	loop_post(loop, note, text_s);
	assert_string_equal(order, "");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(posts_of_another_thread_all_run),
		T(posts_run_in_their_order),
		T(tasks_run_once_soon_before_last),
		T(a_cancelled_task_does_not_run),
		T(work_in_steps_goes_on_without_waiting),
		T(what_takes_long_holds_up_no_descriptor_twice),
		T(what_was_posted_after_the_end_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
