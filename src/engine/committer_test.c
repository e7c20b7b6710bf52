#include "engine/committer.h"

#include <pthread.h>
#include <unistd.h>

#include "base/test.h"
#include "io/loop.h"
#include "store/driver.h"

/*
 * A store that notes in which order it commits the batches, and prepares
 * large ones no sooner than it is let.
 */
#define JOBS 8

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool may_prepare;
	int prepared;
	uint64_t account[JOBS]; /* of each commit, in order */
	size_t bytes[JOBS];
	size_t n;
	_Atomic bool fails; /* until it is asked so often */
	_Atomic int asked;
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER };

static void
prepare(struct store *s, struct batch *b)
{
	(void)s;
	(void)b;
	pthread_mutex_lock(&disk.lock);
	while (!disk.may_prepare)
		pthread_cond_wait(&disk.wake, &disk.lock);
	disk.prepared++;
	pthread_mutex_unlock(&disk.lock);
}

static void
let_prepare(bool on)
{
	pthread_mutex_lock(&disk.lock);
	disk.may_prepare = on;
	pthread_cond_signal(&disk.wake);
	pthread_mutex_unlock(&disk.lock);
}

static void
commit(struct store *s, const struct driver_group *g)
{
	(void)s;
	for (size_t i = 0; i < g->n; i++) {
		disk.account[disk.n] = batch_account(g->b[i]);
		disk.bytes[disk.n++] = batch_bytes(g->b[i]);
		g->results[i] = ST_OK;
	}
	if (g->n == 0 && ++disk.asked == 2)
		disk.fails = false;
	g->told(g->ctx);
}

static bool
is_well(const struct store *s)
{
	(void)s;
	return !disk.fails;
}

static const struct driver driver = {
	.prepare = prepare,
	.commit = commit,
	.is_well = is_well,
};
static struct store store = { &driver };

/* One loop and one committer. */
static struct world {
	struct loop *loop;
	struct committer *committer;
	struct commit_job job[JOBS];
	size_t jobs;
	size_t done; /* jobs that came back */
	size_t wanted;
} world;

static void
came_back(struct commit_job *job, enum status st)
{
	assert_int_equal(st, ST_OK);
	batch_free(&job->batch);
	if (++world.done == world.wanted)
		loop_stop(world.loop);
}

static void
submit(uint64_t account, size_t body_bytes)
{
	static const unsigned char bytes[STORE_BODY_STEP + 1];
	struct commit_job *job = &world.job[world.jobs++];

	*job = (struct commit_job){ .batch = batch_new(account, 0),
		.loop = world.loop,
		.done = came_back };
	batch_body(job->batch, 1, span_of(bytes, body_bytes));
	committer_submit(world.committer, job);
}

static void
wait_for(size_t done)
{
	world.wanted = done;
	if (world.done < done)
		loop_run(world.loop);
	assert_int_equal(world.done, done);
}

static int
new_world(void **state)
{
	(void)state;
	disk.may_prepare = false;
	disk.prepared = 0;
	disk.n = 0;
	disk.fails = false;
	disk.asked = 0;
	world = (struct world){ .loop = loop_new(),
		.committer = committer_new(&store) };
	return 0;
}

static int
end_world(void **state)
{
	(void)state;
	committer_free(&world.committer);
	loop_free(&world.loop);
	return 0;
}

static void
a_small_change_does_not_wait_for_a_large_body(void **state)
{
	(void)state;
	submit(1, STORE_BODY_STEP + 1);
	submit(2, 10);
	submit(3, STORE_BODY_STEP);
	wait_for(2);
	assert_int_equal(disk.account[0], 2);
	assert_int_equal(disk.account[1], 3);
	assert_int_equal(disk.prepared, 0);
	let_prepare(true);
	wait_for(3);
	assert_int_equal(disk.account[2], 1);
	assert_int_equal(disk.prepared, 1);
}

static void
changes_of_one_account_keep_their_order(void **state)
{
	static const struct {
		uint64_t account;
		size_t bytes;
	} want[] = { { 1, STORE_BODY_STEP + 1 }, { 1, 10 },
		{ 2, STORE_BODY_STEP + 1 }, { 1, 20 }, { 2, 30 } };

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++)
		submit(want[i].account, want[i].bytes);
	submit(3, 40);
	wait_for(1);
	assert_int_equal(disk.account[0], 3);
	let_prepare(true);
	wait_for(1 + COUNT(want));
	assert_int_equal(disk.prepared, 2);
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_int_equal(disk.account[1 + i], want[i].account);
		assert_true(disk.bytes[1 + i] >= want[i].bytes);
		assert_true(disk.bytes[1 + i] < want[i].bytes + 100);
	}
}

static void
what_was_submitted_is_finished_before_the_end(void **state)
{
	(void)state;
	let_prepare(true);
	submit(1, STORE_BODY_STEP + 1);
	submit(1, 10);
	submit(2, 10);
	committer_free(&world.committer);
	assert_int_equal(disk.n, 3);
	wait_for(3);
}

/* Nobody else may come to ask. */
static void
a_store_that_has_failed_is_asked_until_it_is_well(void **state)
{
	(void)state;
	disk.fails = true;
	submit(1, 10);
	wait_for(1);
	for (int i = 0; i < 1000 && disk.fails; i++)
		usleep(10000);
	assert_int_equal(disk.asked, 2);
	usleep(1200000); /* and no longer */
	assert_int_equal(disk.asked, 2);
	submit(2, 10);
	wait_for(2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_small_change_does_not_wait_for_a_large_body, new_world,
		    end_world),
		cmocka_unit_test_setup_teardown(
		    changes_of_one_account_keep_their_order, new_world,
		    end_world),
		cmocka_unit_test_setup_teardown(
		    what_was_submitted_is_finished_before_the_end, new_world,
		    end_world),
		cmocka_unit_test_setup_teardown(
		    a_store_that_has_failed_is_asked_until_it_is_well,
		    new_world, end_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
