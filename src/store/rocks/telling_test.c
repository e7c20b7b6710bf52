/* Commits that are told before they can be read. */
#include <pthread.h>

#include "store/rocks/rocks_world.h"

static int failures; /* writes of RocksDB that are still to fail */

void
rocksdb_write(rocksdb_t *db, const rocksdb_writeoptions_t *options,
    rocksdb_writebatch_t *batch, char **errptr)
{
	if (failures == 0) {
		real_write(db, options, batch, errptr);
		return;
	}
	failures--;
	*errptr = strdup("IO error: it was told to fail");
}

static int
new_world(void **state)
{
	journal_bytes = 0;
	failures = 0;
	return make_folder(state);
}

/* Who reads meanwhile. */
struct reader {
	struct store *s;
	pthread_t thread;
	_Atomic bool done;
	enum status st;
	uint64_t version;
	struct buf value;
};

static void *
read_it(void *arg)
{
	struct reader *r = arg;

	r->st = store_get(r->s, 7, SPAN("k"), &r->value);
	if (store_version(r->s, 7, &r->version) != ST_OK)
		r->version = 0;
	r->done = true;
	return NULL;
}

static void
start_reader(struct reader *r)
{
	assert_int_equal(pthread_create(&r->thread, NULL, read_it, r), 0);
}

static void
end_reader(struct reader *r, enum status st)
{
	assert_int_equal(pthread_join(r->thread, NULL), 0);
	assert_int_equal(r->st, st);
	if (st == ST_OK) {
		assert_span(buf_span(&r->value), "v");
		assert_int_equal(r->version, 1);
	}
	buf_clear(&r->value);
}

/* A commit, and what goes on when it is told. */
struct told {
	struct reader reader;
	enum status result;
	int times;
	bool large;      /* then there is nothing to wait for */
	int fail_writes; /* that come then */
};

static void
told(void *ctx)
{
	struct told *t = ctx;

	t->times++;
	failures = t->fail_writes;
	if (t->result != ST_OK)
		return;
	start_reader(&t->reader);
	if (t->large) {
		end_reader(&t->reader, ST_OK);
	} else {
		usleep(20000);
		assert_false(t->reader.done);
	}
}

static void
commit_telling(struct store *s, struct batch *b, struct told *t)
{
	t->reader.s = s;
	t->result = ST_BAD;
	store_commit_telling(s, &b, 1, &t->result, told, t);
	batch_free(&b);
	assert_int_equal(t->times, 1);
}

static struct batch *
batch_with_key(uint64_t base)
{
	struct batch *b = batch_new(7, base);

	batch_put(b, SPAN("k"), SPAN("v"));
	return b;
}

static void
who_reads_what_was_told_waits_for_it(void **state)
{
	struct store *s = opened();
	struct told t = { 0 };

	(void)state;
	commit_telling(s, batch_with_key(0), &t);
	assert_ok(t.result);
	end_reader(&t.reader, ST_OK);
	store_close(&s);
}

static void
a_large_group_can_be_read_when_it_is_told(void **state)
{
	struct store *s = opened();
	struct told t = { .large = true };
	struct batch *b = batch_with_key(0);

	(void)state;
	batch_body(b, 1, noise(100000, 1));
	commit_telling(s, b, &t);
	assert_ok(t.result);
	store_close(&s);
}

static void
what_is_refused_is_told_once(void **state)
{
	struct store *s = opened();
	struct told t = { 0 };

	(void)state;
	commit_telling(s, batch_with_key(1), &t);
	assert_int_equal(t.result, ST_AGAIN);

	/* RocksDB doesn't take it, and that is known before it is told. */
	failures = 2;
	t = (struct told){ 0 };
	commit_telling(s, batch_with_key(0), &t);
	assert_int_equal(t.result, ST_IO);
	assert_int_equal(failures, 0);

	/* Too early to try again. */
	t = (struct told){ 0 };
	commit_telling(s, batch_with_key(0), &t);
	assert_int_equal(t.result, ST_IO);
	assert_int_equal(version(s, 7), 0);
	store_close(&s);
}

static void
nothing_to_commit_is_told_as_well(void **state)
{
	struct store *s = opened();
	struct told t = { .result = ST_BAD };

	(void)state;
	store_commit_telling(s, NULL, 0, NULL, told, &t);
	assert_int_equal(t.times, 1);
	store_close(&s);
}

/* It is in the journal: so RocksDB is opened anew, and has it. */
static void
what_was_told_is_kept_when_rocksdb_fails(void **state)
{
	struct store *s = opened();
	struct told t = { .fail_writes = 1 };

	(void)state;
	commit_telling(s, batch_with_key(0), &t);
	assert_ok(t.result);
	assert_int_equal(failures, 0);
	end_reader(&t.reader, ST_OK);
	assert_ok(put(s, 7, 1, "l", "w"));
	assert_span(all(s, 7), "k=v l=w ");
	store_close(&s);
	s = opened();
	assert_span(all(s, 7), "k=v l=w ");
	store_close(&s);
}

/* Better no answer than one without it. */
static void
nothing_is_read_while_what_was_told_is_missing(void **state)
{
	struct store *s = opened();
	struct told t = { .fail_writes = 2 }; /* the second is of the replay */

	(void)state;
	commit_telling(s, batch_with_key(0), &t);
	assert_ok(t.result);
	end_reader(&t.reader, ST_IO);
	assert_false(store_is_well(s));
	assert_int_equal(put(s, 7, 1, "l", "w"), ST_IO); /* too early */

	/* To ask it is enough. */
	rocks_of(s)->retry_ms = 0;
	store_commit(s, NULL, 0, NULL);
	assert_true(store_is_well(s));
	assert_span(all(s, 7), "k=v ");
	assert_ok(put(s, 7, 1, "l", "w"));
	assert_span(all(s, 7), "k=v l=w ");
	store_close(&s);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, new_world, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(who_reads_what_was_told_waits_for_it),
		CASE(a_large_group_can_be_read_when_it_is_told),
		CASE(what_is_refused_is_told_once),
		CASE(nothing_to_commit_is_told_as_well),
		CASE(what_was_told_is_kept_when_rocksdb_fails),
		CASE(nothing_is_read_while_what_was_told_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
