/* Bodies that are written ahead of their commit. */
#include <errno.h>
#include <sys/syscall.h>

#include "store/fixture.h"
#include "store/rocks/rocks.h"

#define SIZE ((size_t)5 << 20)

static _Atomic bool sync_fails;

/* Stands before libc's. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
fdatasync(int fd)
{
	if (!sync_fails)
		return (int)syscall(SYS_fdatasync, fd);
	errno = EIO;
	return -1;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static struct store *
opened(void)
{
	struct store_options o = {
		.driver = "rocks",
		.path = folder,
		.cache_bytes = 8 << 20,
	};
	struct store *s = NULL;

	assert_ok(store_open(&o, &s));
	return s;
}

/* A body of that size as body 1 of account 7, whose version it makes 1. */
static struct batch *
large_batch(size_t size)
{
	struct batch *b = batch_new(7, 0);

	batch_put(b, SPAN("k"), SPAN("v"));
	batch_body(b, 1, noise(size, 3));
	return b;
}

static void
assert_whole(struct store *s, size_t size)
{
	assert_span(all(s, 7), "k=v ");
	assert_body(s, 7, 1, noise(size, 3));
}

static void
a_prepared_body_is_there_once_it_is_committed(void **state)
{
	static const size_t sizes[] = { 0, 1, STORE_BODY_STEP,
		STORE_BODY_STEP + 1, SIZE };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct store *s = opened();
		struct batch *b = large_batch(sizes[i]);
		struct batch *gone = batch_new(7, 1);

		assert_int_equal(batch_is_large(b), sizes[i] > STORE_BODY_STEP);
		store_prepare(s, b);
		assert_no_body(s, 7, 1);
		assert_int_equal(version(s, 7), 0);
		assert_ok(commit(s, b));
		assert_whole(s, sizes[i]);
		store_close(&s);

		s = opened();
		assert_whole(s, sizes[i]);
		batch_erase(gone);
		assert_ok(commit(s, gone));
		store_close(&s);
	}
}

static void
a_commit_writes_no_piece_again(void **state)
{
	struct store *s = opened();
	struct batch *b = large_batch(SIZE);
	uint64_t before;

	(void)state;
	store_prepare(s, b);
	before = rocksdb_get_latest_sequence_number(rocks_of(s)->db);
	assert_ok(commit(s, b));
	/* The version, the key and piece 0. */
	assert_int_equal(rocksdb_get_latest_sequence_number(rocks_of(s)->db) -
			     before,
	    3);
	store_close(&s);
}

static void
what_an_erase_took_is_written_again(void **state)
{
	struct store *s = opened();
	struct batch *b = large_batch(SIZE);
	struct batch *erase = batch_new(7, 1);

	(void)state;
	assert_ok(put(s, 7, 0, "old", "1"));
	batch_erase(erase);
	store_prepare(s, b);
	assert_ok(commit(s, erase));
	assert_ok(commit(s, b));
	assert_whole(s, SIZE);
	store_close(&s);
}

/* In one group, an erase comes before what was prepared before it. */
static void
an_erase_in_the_same_group_takes_nothing(void **state)
{
	struct store *s = opened();
	struct batch *b[2] = { batch_new(7, 1), large_batch(SIZE) };
	enum status got[2];

	(void)state;
	assert_ok(put(s, 7, 0, "old", "1"));
	batch_erase(b[0]);
	store_prepare(s, b[1]);
	store_commit(s, b, 2, got);
	assert_ok(got[0]);
	assert_ok(got[1]);
	assert_whole(s, SIZE);
	batch_free(&b[0]);
	batch_free(&b[1]);
	store_close(&s);
}

/* A group that could not be flushed is cut off the log, with all before it. */
static void
what_was_cut_off_the_log_is_written_again(void **state)
{
	struct store *s = opened();
	struct batch *b = large_batch(SIZE);

	(void)state;
	assert_ok(put(s, 8, 0, "a", "1"));
	store_prepare(s, b);
	sync_fails = true;
	assert_int_equal(put(s, 8, 1, "b", "2"), ST_IO);
	sync_fails = false;
	rocks_of(s)->retry_ms = 0;
	assert_ok(commit(s, b));
	assert_whole(s, SIZE);
	store_close(&s);
	s = opened();
	assert_whole(s, SIZE);
	assert_span(all(s, 8), "a=1 ");
	store_close(&s);
}

static void
what_can_not_be_prepared_is_left_to_the_commit(void **state)
{
	struct store *s = opened();
	struct batch *b = large_batch(SIZE);

	(void)state;
	assert_ok(put(s, 8, 0, "a", "1"));
	sync_fails = true;
	store_prepare(s, b);
	assert_int_equal(put(s, 8, 1, "b", "2"), ST_IO);
	store_prepare(s, b); /* it is read-only by now */
	sync_fails = false;
	rocks_of(s)->retry_ms = 0;
	assert_ok(commit(s, b));
	assert_whole(s, SIZE);
	assert_span(all(s, 8), "a=1 ");
	store_close(&s);
}

static bool
count_body(void *ctx, uint64_t body, struct span bytes)
{
	static const char *const want[] = { "", "one", "two", "three" };
	size_t *n = ctx;

	assert_true(span_eq(bytes, span_str(want[body])));
	(*n)++;
	return true;
}

/* What nobody committed waits behind the shorter body that has its id now. */
static void
pieces_left_behind_hide_no_other_body(void **state)
{
	static const uint64_t ids[] = { 1, 2, 3 };
	struct store *s = opened();
	struct batch *lost = large_batch(SIZE);
	struct batch *b = batch_new(7, 0);
	size_t n = 0;

	(void)state;
	store_prepare(s, lost);
	batch_free(&lost);
	store_close(&s);

	s = opened();
	batch_body(b, 1, SPAN("one"));
	batch_body(b, 2, SPAN("two"));
	batch_body(b, 3, SPAN("three"));
	assert_ok(commit(s, b));
	assert_ok(store_bodies(s, 7, ids, COUNT(ids), count_body, &n));
	assert_int_equal(n, COUNT(ids));
	store_close(&s);
}

/* The same with one that is on its way. */
static void
pieces_on_their_way_hide_no_other_body(void **state)
{
	static const uint64_t ids[] = { 1, 2, 3 };
	struct store *s = opened();
	struct batch *coming = batch_new(7, 1);
	struct batch *b = batch_new(7, 0);
	size_t n = 0;

	(void)state;
	batch_body(b, 1, SPAN("one"));
	batch_body(b, 3, SPAN("three"));
	assert_ok(commit(s, b));
	batch_body(coming, 2, noise(SIZE, 3));
	store_prepare(s, coming);
	assert_ok(store_bodies(s, 7, ids, COUNT(ids), count_body, &n));
	assert_int_equal(n, 2);
	batch_free(&coming);
	store_close(&s);
}

static int
new_disk(void **state)
{
	sync_fails = false;
	return make_folder(state);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, new_disk, remove_folder)
	const struct CMUnitTest tests[] = {
		CASE(a_prepared_body_is_there_once_it_is_committed),
		CASE(a_commit_writes_no_piece_again),
		CASE(what_an_erase_took_is_written_again),
		CASE(an_erase_in_the_same_group_takes_nothing),
		CASE(what_was_cut_off_the_log_is_written_again),
		CASE(what_can_not_be_prepared_is_left_to_the_commit),
		CASE(pieces_left_behind_hide_no_other_body),
		CASE(pieces_on_their_way_hide_no_other_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
