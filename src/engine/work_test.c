#include "engine/work.h"

#include <semaphore.h>

#include "base/limits.h"
#include "engine/fixture.h"
#include "io/loop.h"

#define WORKS 8 /* libuv has four threads */

/* Works of one account wait here. */
static struct {
	sem_t may_go;
	_Atomic int running;
	_Atomic int most;
	struct loop *loop;
	int done;
	int wanted;
} world;

static void
run_slowly(struct work *w)
{
	int running = ++world.running;

	(void)w;
	if (running > world.most)
		world.most = running;
	sem_wait(&world.may_go);
	world.running--;
}

static void
run_at_once(struct work *w)
{
	(void)w;
}

static void
done(struct work *w)
{
	(void)w;
	if (++world.done == world.wanted)
		loop_stop(world.loop);
}

static void
wait_for(int count)
{
	world.wanted = count;
	if (world.done < count)
		loop_run(world.loop);
	assert_int_equal(world.done, count);
}

static void
opened(void *ctx, enum status st, struct account *a)
{
	struct account **out = ctx;

	assert_ok(st);
	*out = a;
	loop_stop(world.loop);
}

static void
an_account_has_one_thread_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct work slow[WORKS];
	struct work fast = { .run = run_at_once, .done = done };
	struct account *other = NULL;

	sem_init(&world.may_go, 0, 0);
	world.loop = f->loop;
	account_open(f->accounts, 2, opened, &other);
	if (other == NULL)
		loop_run(f->loop);
	for (size_t i = 0; i < WORKS; i++) {
		slow[i] = (struct work){ .run = run_slowly, .done = done };
		work_start(f->account, &slow[i]);
	}
	work_start(other, &fast);
	wait_for(1);
	for (size_t i = 0; i < WORKS; i++)
		sem_post(&world.may_go);
	wait_for(1 + WORKS);
	assert_int_equal(world.most, 1);
	account_release(&other);
	sem_destroy(&world.may_go);
}

static void
summaries_that_are_not_on_disk_are_bounded(void **state)
{
	static const struct mime_limits limits = { LIMIT_MIME_DEPTH,
		LIMIT_MIME_PARTS };
	struct message *a = message_new(SPAN("Subject: a\r\n\r\n"), &limits);
	struct message *b = message_new(SPAN("Subject: b\r\n\r\n"), &limits);
	size_t total = 0;
	size_t one;

	(void)state;
	assert_ok(message_count(a, &total));
	one = total;
	assert_in_range(one, 1, 1000);
	total += LIMIT_SUMMARIES - 2 * one;
	assert_ok(message_count(b, &total));
	assert_int_equal(total, LIMIT_SUMMARIES);
	message_free(&b);
	b = message_new(SPAN("Subject: bb\r\n\r\n"), &limits);
	assert_int_equal(message_count(b, &total), ST_LIMIT);
	message_free(&b);
	assert_int_equal(total, LIMIT_SUMMARIES - one);
	message_free(&a);
	assert_int_equal(total, LIMIT_SUMMARIES - 2 * one);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_account_has_one_thread_at_a_time, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test(summaries_that_are_not_on_disk_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
