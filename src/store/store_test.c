/*
 * The suite that every driver passes: each case runs against each of them.
 */
#include <pthread.h>

#include "base/pack.h"
#include "store/fixture.h"

#define LAST_ACCOUNT (UINT64_MAX - 1)

static const char *driver;
static struct store *st;

static int
open_fresh(void **state)
{
	struct store_options o = {
		.driver = driver,
		.path = folder,
		.cache_bytes = 8 << 20,
	};

	return make_folder(state) != 0 || store_open(&o, &st) != ST_OK;
}

static int
close_and_remove(void **state)
{
	store_close(&st);
	return remove_folder(state);
}

static void
a_commit_raises_the_version_by_one(void **state)
{
	(void)state;
	assert_int_equal(version(st, 7), 0);
	assert_ok(put(st, 7, 0, "a", "1"));
	assert_int_equal(version(st, 7), 1);
	assert_ok(commit(st, batch_new(7, 1)));
	assert_int_equal(version(st, 7), 2);
	assert_span(all(st, 7), "a=1 ");
	assert_int_equal(version(st, 8), 0);
}

static void
a_batch_on_another_version_is_refused_whole(void **state)
{
	struct batch *b = batch_new(7, 0);

	(void)state;
	assert_ok(put(st, 7, 0, "a", "1"));
	batch_put(b, SPAN("a"), SPAN("2"));
	batch_delete_range(b, SPAN(""), SPAN(""));
	batch_body(b, 1, SPAN("body"));
	assert_int_equal(commit(st, b), ST_AGAIN);
	assert_int_equal(put(st, 7, 2, "a", "3"), ST_AGAIN);
	assert_int_equal(version(st, 7), 1);
	assert_span(all(st, 7), "a=1 ");
}

static void
a_refusal_refuses_what_was_built_on_it_and_no_other(void **state)
{
	static const struct {
		uint64_t account;
		uint64_t base;
		enum status want;
	} t[] = {
		{ 1, 0, ST_OK },
		{ 2, 1, ST_AGAIN },
		{ 1, 1, ST_OK },
		{ 2, 2, ST_AGAIN },
		{ 3, 0, ST_OK },
		{ 3, 0, ST_AGAIN },
		{ 3, 1, ST_OK },
	};
	struct batch *b[COUNT(t)];
	enum status got[COUNT(t)];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		b[i] = batch_new(t[i].account, t[i].base);
		batch_put(b[i], SPAN("key"), span_of(&"0123456"[i], 1));
	}
	store_commit(st, b, COUNT(t), got);
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(got[i], t[i].want);
		batch_free(&b[i]);
	}
	assert_span(all(st, 1), "key=2 ");
	assert_span(all(st, 2), "");
	assert_span(all(st, 3), "key=6 ");
	assert_int_equal(version(st, 1), 2);
	assert_int_equal(version(st, 2), 0);
	assert_int_equal(version(st, 3), 2);
}

static void
a_range_is_read_in_the_order_of_bytes(void **state)
{
	static const char *const keys[] = { "b", "\xff\xff", "ab", "a", "ba",
		"c", "\xff" };
	struct batch *b = batch_new(7, 0);

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		batch_put(b, span_str(keys[i]), SPAN(""));
	assert_ok(commit(st, b));
	assert_ok(put(st, 6, 0, "z", "other"));
	assert_ok(put(st, 8, 0, "a", "other"));

	assert_span(all(st, 7), "a= ab= b= ba= c= \xff= \xff\xff= ");
	assert_span(range(st, 7, "ab", "ba"), "ab= b= ");
	assert_span(range(st, 7, "aa", "c"), "ab= b= ba= ");
	assert_span(range(st, 7, "c", ""), "c= \xff= \xff\xff= ");
	assert_span(range(st, 7, "", "b"), "a= ab= ");
	assert_span(range(st, 7, "b", "b"), "");
	assert_span(range(st, 7, "c", "a"), "");
}

static bool
count_to_three(void *ctx, struct span key, struct span value)
{
	(void)key;
	(void)value;
	return ++*(int *)ctx < 3;
}

static void
a_visitor_ends_the_read(void **state)
{
	struct batch *b = batch_new(7, 0);
	int n = 0;

	(void)state;
	for (const char *k = "abcdefgh"; *k != '\0'; k++)
		batch_put(b, span_of(k, 1), SPAN("v"));
	assert_ok(commit(st, b));
	assert_ok(store_read(st, 7, SPAN(""), SPAN(""), count_to_three, &n));
	assert_int_equal(n, 3);
}

static void
a_key_is_visited_where_it_lies(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	assert_ok(put(st, 7, 0, "key", "value"));
	assert_ok(store_get_once(st, 7, SPAN("key"), write_pair, &b));
	assert_span(buf_span(&b), "key=value ");
	assert_int_equal(store_get_once(st, 7, SPAN("ke"), write_pair, &b),
	    ST_NOTFOUND);
	assert_span(buf_span(&b), "key=value ");
}

static void
a_key_is_appended_to_what_is_there(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	assert_ok(put(st, 7, 0, "key", "value"));
	buf_str(&b, "before ");
	assert_ok(store_get(st, 7, SPAN("key"), &b));
	assert_span(buf_span(&b), "before value");
	assert_int_equal(store_get(st, 7, SPAN("ke"), &b), ST_NOTFOUND);
	assert_int_equal(store_get(st, 6, SPAN("key"), &b), ST_NOTFOUND);
	assert_span(buf_span(&b), "before value");
}

/* 'p' puts "new", 'd' deletes, 'r' deletes a range; '|' begins a batch. */
static void
add_ops(struct batch *b, const char *ops)
{
	for (; *ops != '\0' && *ops != '|'; ops++)
		switch (*ops) {
		case 'p':
			batch_put(b, SPAN("k"), SPAN("new"));
			break;
		case 'd':
			batch_delete(b, SPAN("k"));
			break;
		default:
			batch_delete_range(b, SPAN("j"), SPAN("l"));
		}
}

static void
later_operations_win(void **state)
{
	static const struct {
		const char *ops;
		bool there;
	} t[] = {
		{ "p", true },
		{ "d", false },
		{ "r", false },
		{ "pd", false },
		{ "pr", false },
		{ "dp", true },
		{ "rp", true },
		{ "prp", true },
		{ "rpr", false },
		{ "p|r", false },
		{ "r|p", true },
		{ "p|p|r", false },
		{ "p|d|rp|r", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		struct batch *b[5];
		enum status got[5];
		const char *ops = t[i].ops;
		size_t n = 0;

		b[n++] = batch_new(i, 0);
		batch_put(b[0], SPAN("i"), SPAN("."));
		batch_put(b[0], SPAN("k"), SPAN("old"));
		batch_put(b[0], SPAN("l"), SPAN("."));
		for (; ops != NULL; ops = strchr(ops, '|')) {
			ops += *ops == '|';
			b[n] = batch_new(i, n);
			add_ops(b[n++], ops);
		}
		store_commit(st, b, n, got);
		for (size_t j = 0; j < n; j++) {
			assert_ok(got[j]);
			batch_free(&b[j]);
		}
		if (t[i].there)
			assert_span(all(st, i), "i=. k=new l=. ");
		else
			assert_span(all(st, i), "i=. l=. ");
	}
}

/* Enough keys that a driver may well choose another way to delete them. */
static void
a_long_range_is_deleted(void **state)
{
	enum { KEYS = 20000 };
	struct batch *b = batch_new(7, 0);
	char key[16];

	(void)state;
	for (int i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key), "k%06d", i);
		batch_put(b, span_str(key), SPAN("v"));
	}
	assert_ok(commit(st, b));
	b = batch_new(7, 1);
	batch_delete_range(b, SPAN("k000001"), SPAN("k019998"));
	batch_put(b, SPAN("k000500"), SPAN("w"));
	assert_ok(commit(st, b));
	assert_span(all(st, 7), "k000000=v k000500=w k019998=v k019999=v ");
}

static const size_t body_sizes[] = { 0, 1, 100, 5000, STORE_BODY_STEP - 1,
	STORE_BODY_STEP, STORE_BODY_STEP + 1, 3 * STORE_BODY_STEP + 17,
	5 << 20 };

static void
a_body_is_read_whole_or_in_part(void **state)
{
	static const size_t offsets[] = { 0, 1, 99, STORE_BODY_STEP - 1,
		STORE_BODY_STEP, 2 * STORE_BODY_STEP + 3, 6 << 20 };
	static const size_t counts[] = { 0, 1, STORE_BODY_STEP, 2 << 20,
		SIZE_MAX };
	CLEANUP(buf_clear) struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(body_sizes); i++) {
		size_t size = body_sizes[i / 2];
		struct span whole =
		    i % 2 == 0 ? pattern(size, i) : noise(size, i);
		struct batch *bt = batch_new(7, i);

		batch_body(bt, i, whole);
		assert_ok(commit(st, bt));
		assert_body(st, 7, i, whole);
		for (size_t o = 0; o < COUNT(offsets) * COUNT(counts); o++) {
			size_t from = offsets[o % COUNT(offsets)];
			size_t n = counts[o / COUNT(offsets)];

			buf_reset(&b);
			assert_ok(store_body(st, 7, i, from, n, &b));
			assert_true(span_eq(buf_span(&b),
			    span_head(span_from(whole, from), n)));
		}
	}
	assert_no_body(st, 7, 1000);
	assert_no_body(st, 6, 1);
}

struct seen_bodies {
	uint64_t ids[20];
	size_t n;
	size_t most;
};

static bool
see_body(void *ctx, uint64_t body, struct span bytes)
{
	struct seen_bodies *seen = ctx;

	assert_true(seen->n < COUNT(seen->ids));
	assert_true(span_eq(bytes, pattern(body_sizes[body / 2], body / 2)));
	seen->ids[seen->n++] = body;
	return seen->n < seen->most;
}

/* Bodies have even numbers; those of the last three sizes are too long. */
static void
bodies_are_visited_whole_in_order_but_for_the_long_and_the_missing(void **state)
{
	static const uint64_t all[] = { 0, 1, 2, 4, 5, 6, 8, 10, 12, 13, 14, 16,
		18, 99 };
	static const uint64_t short_ones[] = { 0, 2, 4, 6, 8, 10 };
	struct batch *b;
	struct seen_bodies seen = { .most = SIZE_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(body_sizes); i++) {
		b = batch_new(7, i);
		batch_body(b, i * 2, pattern(body_sizes[i], i));
		assert_ok(commit(st, b));
	}
	b = batch_new(8, 0);
	batch_body(b, 99, SPAN("of another account"));
	assert_ok(commit(st, b));

	assert_ok(store_bodies(st, 7, all, COUNT(all), see_body, &seen));
	assert_int_equal(seen.n, COUNT(short_ones));
	assert_memory_equal(seen.ids, short_ones, sizeof(short_ones));

	/* One by one as well. */
	seen = (struct seen_bodies){ .most = SIZE_MAX };
	for (size_t i = 0; i < COUNT(all); i++)
		assert_ok(store_bodies(st, 7, &all[i], 1, see_body, &seen));
	assert_int_equal(seen.n, COUNT(short_ones));
	assert_memory_equal(seen.ids, short_ones, sizeof(short_ones));

	seen = (struct seen_bodies){ .most = 2 };
	assert_ok(store_bodies(st, 7, all, COUNT(all), see_body, &seen));
	assert_int_equal(seen.n, 2);
	assert_ok(store_bodies(st, 7, all, 0, see_body, &seen));
	assert_ok(store_bodies(st, 6, all, COUNT(all), see_body, &seen));
	assert_int_equal(seen.n, 2);
}

static void
a_dropped_body_is_gone_and_its_neighbours_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(body_sizes); i++) {
		struct span whole = pattern(body_sizes[i], 0);
		struct batch *b = batch_new(i, 0);

		for (uint64_t body = 1; body <= 3; body++)
			batch_body(b, body, whole);
		assert_ok(commit(st, b));
		b = batch_new(i, 1);
		batch_body_drop(b, 2);
		batch_body_drop(b, 99);
		assert_ok(commit(st, b));
		assert_body(st, i, 1, whole);
		assert_no_body(st, i, 2);
		assert_body(st, i, 3, whole);
	}
}

static void
a_refused_body_is_never_seen_and_its_id_is_free(void **state)
{
	struct span large = pattern(4 << 20, 1);
	struct batch *b = batch_new(7, 5);

	(void)state;
	batch_body(b, 1, large);
	assert_int_equal(commit(st, b), ST_AGAIN);
	assert_no_body(st, 7, 1);

	b = batch_new(7, 0);
	batch_body(b, 1, SPAN("small"));
	assert_ok(commit(st, b));
	assert_body(st, 7, 1, SPAN("small"));
}

static void
a_body_put_and_dropped_in_one_group_is_gone(void **state)
{
	struct span large = pattern(2 << 20, 1);
	struct batch *b[] = { batch_new(7, 0), batch_new(7, 1) };
	enum status got[COUNT(b)];

	(void)state;
	batch_body(b[0], 1, large);
	batch_body(b[0], 2, large);
	batch_body_drop(b[0], 1);
	batch_body(b[1], 3, large);
	batch_body_drop(b[1], 2);
	store_commit(st, b, COUNT(b), got);
	for (size_t i = 0; i < COUNT(b); i++) {
		assert_ok(got[i]);
		batch_free(&b[i]);
	}
	assert_no_body(st, 7, 1);
	assert_no_body(st, 7, 2);
	assert_body(st, 7, 3, large);
}

static void
an_erased_account_begins_again_even_in_the_same_group(void **state)
{
	struct span large = pattern(2 << 20, 3);
	struct batch *b[] = { batch_new(7, 0), batch_new(7, 1),
		batch_new(7, 0) };
	enum status got[COUNT(b)];

	(void)state;
	assert_ok(put(st, 6, 0, "k", "before"));
	assert_ok(put(st, 8, 0, "k", "behind"));
	batch_put(b[0], SPAN("old"), SPAN("1"));
	batch_body(b[0], 1, large);
	batch_body(b[0], 2, SPAN("small"));
	batch_erase(b[1]);
	batch_put(b[2], SPAN("new"), SPAN("2"));
	batch_body(b[2], 2, large);
	store_commit(st, b, COUNT(b), got);
	for (size_t i = 0; i < COUNT(b); i++) {
		assert_ok(got[i]);
		batch_free(&b[i]);
	}
	assert_int_equal(version(st, 7), 1);
	assert_span(all(st, 7), "new=2 ");
	assert_no_body(st, 7, 1);
	assert_body(st, 7, 2, large);

	b[0] = batch_new(7, 1);
	batch_erase(b[0]);
	assert_ok(commit(st, b[0]));
	assert_int_equal(version(st, 7), 0);
	assert_span(all(st, 7), "");
	assert_no_body(st, 7, 2);
	assert_span(all(st, 6), "k=before ");
	assert_span(all(st, 8), "k=behind ");
}

static bool
write_account(void *ctx, uint64_t account)
{
	buf_u64(ctx, account);
	buf_byte(ctx, ' ');
	return account != 256;
}

static void
accounts_are_listed_in_order(void **state)
{
	static const uint64_t ids[] = { 300, 1, LAST_ACCOUNT, 0, 255, 4 };
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct batch *erase = batch_new(4, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_ok(put(st, ids[i], 0, "k", "v"));
	batch_erase(erase);
	assert_ok(commit(st, erase));
	assert_ok(store_accounts(st, write_account, &b));
	assert_span(buf_span(&b), "0 1 255 300 18446744073709551614 ");

	buf_reset(&b);
	assert_ok(put(st, 256, 0, "k", "v"));
	assert_ok(store_accounts(st, write_account, &b));
	assert_span(buf_span(&b), "0 1 255 256 ");
}

/* More than a driver may want to remember the versions of. */
static void
any_number_of_accounts_may_commit(void **state)
{
	enum { GROUP = 1000 };
	const uint64_t accounts = 20000;

	(void)state;
	for (uint64_t at = 0; at < accounts * 2; at += GROUP) {
		struct batch *b[GROUP];
		enum status got[GROUP];

		for (uint64_t i = 0; i < GROUP; i++) {
			b[i] = batch_new((at + i) % accounts * 3,
			    (at + i) / accounts);
			batch_put(b[i], SPAN("k"), SPAN("v"));
		}
		store_commit(st, b, GROUP, got);
		for (size_t i = 0; i < GROUP; i++) {
			assert_ok(got[i]);
			batch_free(&b[i]);
		}
	}
	assert_int_equal(version(st, 0), 2);
	assert_int_equal(version(st, (accounts - 1) * 3), 2);
}

static void
the_last_account_has_an_end(void **state)
{
	struct batch *b = batch_new(LAST_ACCOUNT, 0);

	(void)state;
	batch_put(b, SPAN("\xff\xff\xff\xff"), SPAN("v"));
	batch_body(b, UINT64_MAX, pattern(1 << 20, 0));
	assert_ok(commit(st, b));
	assert_span(all(st, LAST_ACCOUNT), "\xff\xff\xff\xff=v ");
	assert_body(st, LAST_ACCOUNT, UINT64_MAX, pattern(1 << 20, 0));
	b = batch_new(LAST_ACCOUNT, 1);
	batch_erase(b);
	assert_ok(commit(st, b));
	assert_span(all(st, LAST_ACCOUNT), "");
	assert_no_body(st, LAST_ACCOUNT, UINT64_MAX);
}

static void
ignore_problem(void *ctx, const char *line)
{
	fail_msg("unexpected: %s", line);
	(void)ctx;
}

static void
a_sound_store_passes_its_check(void **state)
{
	struct batch *b = batch_new(7, 0);

	(void)state;
	assert_ok(store_check(st, ignore_problem, NULL));
	batch_put(b, SPAN("key"), SPAN("value"));
	batch_body(b, 1, SPAN("small"));
	batch_body(b, 2, pattern(1 << 20, 0));
	batch_body(b, 3, SPAN(""));
	assert_ok(commit(st, b));
	assert_ok(store_check(st, ignore_problem, NULL));
}

/* Writers' invariant: the keys "0" to "9" always hold the same number. */
static bool
same_as_before(void *ctx, struct span key, struct span value)
{
	uint64_t *seen = ctx;
	struct unpack u = unpack_over(value);
	uint64_t v = unpack_u64(&u);

	(void)key;
	if (seen[0]++ == 0)
		seen[1] = v;
	return seen[1] == v;
}

struct reader {
	pthread_t thread;
	int *stop;
	bool torn;
};

static void *
read_until_stopped(void *arg)
{
	struct reader *r = arg;
	CLEANUP(buf_clear) struct buf b = { 0 };

	while (__atomic_load_n(r->stop, __ATOMIC_RELAXED) == 0) {
		uint64_t seen[2] = { 0 };
		uint64_t v;

		if (store_version(st, 7, &v) != ST_OK ||
		    store_read(st, 7, SPAN(""), SPAN(""), same_as_before,
			seen) != ST_OK ||
		    (seen[0] != 10 && !(seen[0] == 0 && v == 0)))
			r->torn = true;
		buf_reset(&b);
		if (v > 1 &&
		    store_body(st, 7, v - 1, 300000, 10, &b) == ST_OK &&
		    b.n != 10)
			r->torn = true;
	}
	return NULL;
}

/* Bodies of two pieces come and go while they are read. */
static void
readers_see_whole_groups_while_they_are_committed(void **state)
{
	enum { READERS = 3, COMMITS = 300 };
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct span body = pattern(300010, 0);
	struct reader r[READERS] = { 0 };
	int stop = 0;

	(void)state;
	for (int i = 0; i < READERS; i++) {
		r[i].stop = &stop;
		assert_int_equal(pthread_create(&r[i].thread, NULL,
				     read_until_stopped, &r[i]),
		    0);
	}
	for (uint64_t v = 0; v < COMMITS; v++) {
		struct batch *b = batch_new(7, v);

		buf_reset(&value);
		pack_u64(&value, v);
		for (const char *k = "0123456789"; *k != '\0'; k++)
			batch_put(b, span_of(k, 1), buf_span(&value));
		batch_body(b, v, body);
		if (v > 2)
			batch_body_drop(b, v - 2);
		assert_ok(commit(st, b));
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < READERS; i++) {
		pthread_join(r[i].thread, NULL);
		assert_false(r[i].torn);
	}
}

static int
run_suite(const char *name)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_fresh, close_and_remove)
	const struct CMUnitTest tests[] = {
		CASE(a_commit_raises_the_version_by_one),
		CASE(a_batch_on_another_version_is_refused_whole),
		CASE(a_refusal_refuses_what_was_built_on_it_and_no_other),
		CASE(a_range_is_read_in_the_order_of_bytes),
		CASE(a_visitor_ends_the_read),
		CASE(a_key_is_visited_where_it_lies),
		CASE(a_key_is_appended_to_what_is_there),
		CASE(later_operations_win),
		CASE(a_long_range_is_deleted),
		CASE(a_body_is_read_whole_or_in_part),
		CASE(
		    bodies_are_visited_whole_in_order_but_for_the_long_and_the_missing),
		CASE(a_dropped_body_is_gone_and_its_neighbours_are_not),
		CASE(a_refused_body_is_never_seen_and_its_id_is_free),
		CASE(a_body_put_and_dropped_in_one_group_is_gone),
		CASE(an_erased_account_begins_again_even_in_the_same_group),
		CASE(accounts_are_listed_in_order),
		CASE(any_number_of_accounts_may_commit),
		CASE(the_last_account_has_an_end),
		CASE(a_sound_store_passes_its_check),
		CASE(readers_see_whole_groups_while_they_are_committed),
	};
#undef CASE

	driver = name;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(void)
{
	return run_suite("memory") + run_suite("rocks");
}
