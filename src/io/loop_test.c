#include "base/test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* Two descriptors, each of which has something to read. */
static struct loop_watch watches[2];
static unsigned told[2];
static uint32_t told_events;

static void
on_told(void *arg, uint32_t events)
{
	told[*(const int *)arg]++;
	told_events |= events;
}

/* Whoever is first has the other one closed. */
static void
on_told_first(void *arg, uint32_t events)
{
	int other = 1 - *(const int *)arg;

	on_told(arg, events);
	if (watches[other].events == 0)
		return;
	loop_watch(loop, &watches[other], 0);
	(void)close(watches[other].fd);
	watches[other].fd = -1;
}

static void
watch_pair(int peers[2], void (*fn)(void *arg, uint32_t events))
{
	static const int numbers[2] = { 0, 1 };
	int fds[2];

	memset(told, 0, sizeof(told));
	told_events = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		watches[i] = (struct loop_watch){ .fn = fn,
			.arg = (void *)(uintptr_t)&numbers[i],
			.fd = fds[0] };
		peers[i] = fds[1];
		loop_watch(loop, &watches[i], EPOLLIN);
		assert_int_equal(write(peers[i], "x", 1), 1);
	}
}

static void
unwatch_pair(const int peers[2])
{
	for (int i = 0; i < 2; i++) {
		loop_watch(loop, &watches[i], 0);
		if (watches[i].fd != -1)
			(void)close(watches[i].fd);
		(void)close(peers[i]);
	}
}

static void
a_watch_says_what_is_there_until_it_ends(void **state)
{
	int peers[2];

	(void)state;
	watch_pair(peers, on_told);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	assert_int_equal(told[0], 1);
	assert_int_equal(told[1], 1);
	assert_int_equal(told_events, EPOLLIN);

	loop_watch(loop, &watches[0], EPOLLOUT);
	loop_watch(loop, &watches[1], 0);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	assert_int_equal(told[0], 2);
	assert_int_equal(told[1], 1);
	assert_int_equal(told_events, EPOLLIN | EPOLLOUT);

	loop_watch(loop, &watches[1], EPOLLIN);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	assert_int_equal(told[1], 2);
	unwatch_pair(peers);
}

static void
a_watch_that_another_ends_is_not_called_any_more(void **state)
{
	int peers[2];

	(void)state;
	watch_pair(peers, on_told_first);
	uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	assert_int_equal(told[0] + told[1], 1);
	unwatch_pair(peers);
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
		T(a_watch_says_what_is_there_until_it_ends),
		T(a_watch_that_another_ends_is_not_called_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
