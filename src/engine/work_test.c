#include "engine/work.h"

#include <semaphore.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "engine/fixture.h"
#include "io/loop.h"

#define WORKS 8 /* more than there are threads */

static struct {
	sem_t may_go;
	_Atomic int running;
	_Atomic int most;
	struct loop *loop;
	int done;
	int wanted;
	char order[WORKS]; /* of those that run one after another */
	size_t ordered;
} world;

/* A work with a name; a slow one waits for world.may_go. */
struct named {
	struct work work;
	char name;
};

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
run_in_order(struct work *w)
{
	world.order[world.ordered++] = ((struct named *)w)->name;
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

static struct account *
open_other(struct fixture *f, uint64_t id)
{
	struct account *a = NULL;

	world.loop = f->loop;
	account_open(f->accounts, id, opened, &a);
	if (a == NULL)
		loop_run(f->loop);
	return a;
}

static void
begin(struct fixture *f)
{
	memset(&world, 0, sizeof(world));
	sem_init(&world.may_go, 0, 0);
	world.loop = f->loop;
}

static void
start(struct account *a, enum work_kind kind, struct work *w,
    void (*run)(struct work *w))
{
	w->run = run;
	w->done = done;
	work_start(a, kind, w);
}

static void
let_go(int count)
{
	while (count-- > 0)
		sem_post(&world.may_go);
}

static void
an_account_has_half_of_the_threads(void **state)
{
	struct fixture *f = *state;
	struct account *other = open_other(f, 2);
	struct work slow[WORKS];
	struct work fast;

	begin(f);
	for (size_t i = 0; i < WORKS; i++)
		start(f->account, WORK_SHORT, &slow[i], run_slowly);
	start(other, WORK_SHORT, &fast, run_at_once);
	wait_for(1);
	let_go(WORKS);
	wait_for(1 + WORKS);
	assert_in_range(world.most, 1, FIXTURE_THREADS / 2);
	account_release(&other);
}

static void
run_and_note_nice(struct work *w)
{
	(void)w;
	world.most = getpriority(PRIO_PROCESS, (id_t)gettid());
}

static void
work_gives_way_to_the_loop(void **state)
{
	struct fixture *f = *state;
	struct work w;
	int own;

	begin(f);
	start(f->account, WORK_SHORT, &w, run_and_note_nice);
	wait_for(1);
	own = getpriority(PRIO_PROCESS, (id_t)gettid());
	assert_true(world.most > own || own == 19); /* the lowest */
}

static void
an_account_has_one_long_work_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct account *other = open_other(f, 2);
	struct work slow[WORKS];
	struct work fast[2];

	begin(f);
	for (size_t i = 0; i < WORKS; i++)
		start(f->account, WORK_LONG, &slow[i], run_slowly);
	start(other, WORK_LONG, &fast[0], run_at_once);
	start(f->account, WORK_SHORT, &fast[1], run_at_once);
	wait_for(2);
	let_go(WORKS);
	wait_for(2 + WORKS);
	assert_int_equal(world.most, 1);
	account_release(&other);
}

static void
short_work_finds_a_thread_when_all_accounts_have_long_work(void **state)
{
	struct fixture *f = *state;
	struct account *other[WORKS];
	struct work slow[WORKS];
	struct work fast;

	begin(f);
	for (size_t i = 0; i < WORKS; i++) {
		other[i] = open_other(f, 2 + i);
		start(other[i], WORK_LONG, &slow[i], run_slowly);
	}
	start(other[0], WORK_SHORT, &fast, run_at_once);
	wait_for(1);
	let_go(WORKS);
	wait_for(1 + WORKS);
	assert_in_range(world.most, 1, FIXTURE_THREADS / 2);
	for (size_t i = 0; i < WORKS; i++)
		account_release(&other[i]);
}

/* With two threads, long works are done one by one. */
static void
accounts_take_turns(void **state)
{
	struct fixture *f = *state;
	struct account *account[] = { f->account, open_other(f, 2),
		open_other(f, 3) };
	struct named works[] = { { .name = 'a' }, { .name = 'b' },
		{ .name = 'c' }, { .name = 'x' }, { .name = 'y' },
		{ .name = 'z' } };
	static const size_t whose[] = { 0, 0, 0, 1, 1, 2 };
	struct work first;

	work_pool_free(&f->engine.pool);
	f->engine.pool = work_pool_new(2);
	begin(f);
	start(account[0], WORK_LONG, &first, run_slowly);
	for (size_t i = 0; i < COUNT(works); i++)
		start(account[whose[i]], WORK_LONG, &works[i].work,
		    run_in_order);
	let_go(1);
	wait_for(1 + COUNT(works));
	assert_memory_equal(world.order, "xzaybc", COUNT(works));
	account_release(&account[1]);
	account_release(&account[2]);
}

static void
an_account_stays_until_its_work_has_come_back(void **state)
{
	struct fixture *f = *state;
	struct account *other = open_other(f, 2);
	struct work slow[WORKS];

	begin(f);
	f->engine.accounts_kept = 0;
	for (size_t i = 0; i < WORKS; i++)
		start(other, WORK_SHORT, &slow[i], run_slowly);
	account_release(&other);
	assert_int_equal(accounts_in_flight(f->accounts), WORKS);
	let_go(WORKS);
	fixture_settle(f);
	assert_int_equal(world.done, WORKS);
	assert_int_equal(accounts_in_flight(f->accounts), 0);
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
		    an_account_has_half_of_the_threads, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(work_gives_way_to_the_loop,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    an_account_has_one_long_work_at_a_time, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    short_work_finds_a_thread_when_all_accounts_have_long_work,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(accounts_take_turns,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    an_account_stays_until_its_work_has_come_back,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test(summaries_that_are_not_on_disk_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
