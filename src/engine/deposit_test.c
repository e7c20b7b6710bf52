#include "engine/deposit.h"

#include "base/mem.h"
#include "engine/fixture.h"

static struct message *
message_numbered(struct fixture *f, size_t i)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	buf_printf(&text, "Subject: %zu\r\n\r\n", i);
	return message_new(buf_span(&text), &f->engine.mime);
}

static enum status
deposit_some(struct fixture *f, size_t n, struct deposit **out)
{
	CLEANUP(mem_free)
	struct message **m = mem_array(n, sizeof(struct message *));
	enum status st;

	for (size_t i = 0; i < n; i++)
		m[i] = message_numbered(f, i);
	st = deposit_new(f->account, m, n, out);
	for (size_t i = 0; i < n && st != ST_OK; i++)
		message_free(&m[i]);
	return st;
}

static void
assert_stored(struct fixture *f, size_t contents, size_t lists)
{
	fixture_settle(f);
	assert_int_equal(fixture_keys(f, KEY_RECORD), contents);
	assert_int_equal(fixture_keys(f, KEY_GARBAGE), lists);
}

/* A change that adds three messages, which were deposited. */
static struct change *
use_three(struct fixture *f, struct deposit *d)
{
	struct change *c;
	uint32_t uid;

	assert_ok(change_begin(f->account, &c));
	for (size_t i = 0; i < 3; i++) {
		struct message *m = message_numbered(f, i);
		struct arrival a = {
			.message = m,
			.deposited = deposit_content(d, i),
		};

		assert_ok(
		    change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
		message_free(&m);
	}
	deposit_use(d, c);
	return c;
}

static void
append_three(struct fixture *f, struct deposit *d)
{
	struct change *c = use_three(f, d);

	assert_ok(fixture_commit(f, &c));
}

/* On the disk before, or on its way there when the change follows. */
static void
what_is_used_stays(void **state)
{
	struct fixture *f = *state;
	struct deposit *d;

	for (uint32_t i = 0; i < 2; i++) {
		assert_ok(deposit_some(f, 3, &d));
		if (i == 0)
			assert_stored(f, 3, 1);
		append_three(f, d);
		deposit_free(&d);
		assert_stored(f, (size_t)3 * (i + 1), 0);
	}
	fixture_reopen(f);
	assert_stored(f, 6, 0);
	assert_int_equal(f->account->current.messages, 6);
	assert_int_equal(f->account->summary_bytes, 0);
}

/* Given back in flight, or after it. */
static void
what_is_not_used_goes(void **state)
{
	struct fixture *f = *state;
	struct deposit *d;

	for (int i = 0; i < 2; i++) {
		assert_ok(deposit_some(f, 3, &d));
		if (i == 0)
			assert_stored(f, 3, 1);
		deposit_free(&d);
		assert_stored(f, 0, 0);
	}
}

static void
nothing(void *ctx, const struct notice *n)
{
	(void)ctx;
	(void)n;
}

static uint64_t
sees_the_oldest(void *ctx)
{
	(void)ctx;
	return 0;
}

/* Many do, as soon as they are given back. */
static void
it_goes_though_somebody_sees_an_older_version(void **state)
{
	struct fixture *f = *state;
	struct watcher w = { .changed = nothing, .pinned = sees_the_oldest };
	struct deposit *d;

	account_watch(f->account, &w);
	assert_ok(deposit_some(f, 700, &d));
	deposit_free(&d);
	assert_stored(f, 0, 0);
	account_unwatch(&w);
}

/* As a crash between the two. */
static void
what_was_left_goes_after_the_next_start(void **state)
{
	struct fixture *f = *state;
	struct deposit *d;
	struct change *c;

	assert_ok(deposit_some(f, 3, &d));
	c = use_three(f, d);
	change_abort(&c);
	deposit_free(&d);
	assert_stored(f, 3, 1);
	fixture_reopen(f);
	fixture_reopen(f);
	assert_stored(f, 0, 0);
	assert_int_equal(f->account->current.messages, 0);
}

static void
what_the_disk_refuses_is_no_content(void **state)
{
	struct fixture *f = *state;
	struct deposit *d;

	fixture_refuse(f);
	assert_ok(deposit_some(f, 3, &d));
	fixture_settle(f);
	assert_int_equal(deposit_status(d), ST_IO);
	deposit_free(&d);
	assert_stored(f, 0, 0);

	assert_ok(deposit_some(f, 3, &d));
	append_three(f, d);
	deposit_free(&d);
	assert_stored(f, 3, 0);
}

/* The change is behind what is refused. */
static void
its_change_is_refused_with_it(void **state)
{
	struct fixture *f = *state;
	struct deposit *d;
	struct change *c;

	fixture_refuse(f);
	assert_ok(deposit_some(f, 3, &d));
	assert_ok(deposit_status(d));
	c = use_three(f, d);
	assert_int_equal(fixture_commit(f, &c), ST_IO);
	deposit_free(&d);
	assert_stored(f, 0, 0);
	assert_int_equal(f->account->current.messages, 0);
}

static void
nothing_is_deposited_while_changes_are_refused(void **state)
{
	struct fixture *f = *state;
	struct deposit *d;

	f->account->failing = true;
	assert_int_equal(deposit_some(f, 3, &d), ST_AGAIN);
	f->account->failing = false;
	assert_stored(f, 0, 0);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_used_stays),
		TEST(what_is_not_used_goes),
		TEST(it_goes_though_somebody_sees_an_older_version),
		TEST(what_was_left_goes_after_the_next_start),
		TEST(what_the_disk_refuses_is_no_content),
		TEST(its_change_is_refused_with_it),
		TEST(nothing_is_deposited_while_changes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
