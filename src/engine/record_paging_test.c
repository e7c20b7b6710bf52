#include "engine/record_paging.h"

#include "engine/collect.h"
#include "engine/fixture.h"
#include "engine/record.h"
#include "engine/record_page.h"
#include "store/store.h"

enum { MESSAGES = 2 * PAGE_RECORDS + 40 }; /* pages 0 and 1 are full */

static void
append(struct fixture *f, size_t n)
{
	fixture_append_numbered(f, n);
	record_paging_when_left(f->account);
	fixture_settle(f);
}

/* How many columns of a page are stored. */
static size_t
stored(struct fixture *f, uint64_t page)
{
	size_t n = 0;

	for (size_t i = 0; i < RECORD_COLUMNS; i++) {
		CLEANUP(buf_clear) struct buf value = { 0 };
		struct key key = key_of2(KEY_PAGE, i, page);

		n += store_get(f->store, 1, key_span(&key), &value) == ST_OK;
	}
	return n;
}

static void
write_key(struct fixture *f, struct key key, struct span value)
{
	struct change *c;

	assert_ok(change_begin(f->account, &c));
	if (value.n > 0)
		batch_put(change_batch(c), key_span(&key), value);
	else
		batch_delete(change_batch(c), key_span(&key));
	assert_ok(fixture_commit(f, &c));
}

struct reading {
	struct buf all;
	size_t n;
};

static bool
take(void *ctx, size_t i, struct span value)
{
	struct reading *r = ctx;

	(void)i;
	buf_add(&r->all, value);
	r->n++;
	return true;
}

/* The records of the contents of n pages, after a restart. */
static struct reading
read_pages(struct fixture *f, enum record_column column, uint64_t page,
    size_t n)
{
	struct reading r = { 0 };
	uint64_t content[RECORDS_MAX];

	assert_in_range(n, 1, COUNT(content) / PAGE_RECORDS);
	for (size_t i = 0; i < n * PAGE_RECORDS; i++)
		content[i] = page * PAGE_RECORDS + i;
	fixture_reopen(f);
	record_cache_free(&f->engine.records);
	f->engine.records = record_cache_new(1 << 20);
	assert_ok(records_read(f->account, column, content, n * PAGE_RECORDS,
	    take, &r));
	return r;
}

static struct reading
read_page(struct fixture *f, enum record_column column, uint64_t page)
{
	return read_pages(f, column, page, 1);
}

static void
expunge(struct fixture *f, uint32_t uid)
{
	CLEANUP(uidset_clear) struct uidset one = { 0 };
	struct change *c;

	uidset_add(&one, uid);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_expunge(c, fixture_mailbox(f, "INBOX"), &one, NULL));
	assert_ok(fixture_commit(f, &c));
	fixture_reopen(f); /* now that nobody uses it, contents go */
}

static void
full_pages_are_stored(void **state)
{
	struct fixture *f = *state;

	append(f, MESSAGES);
	assert_int_equal(f->account->current.paged, 2);
	assert_int_equal(stored(f, 0), RECORD_COLUMNS);
	assert_int_equal(stored(f, 1), RECORD_COLUMNS);
	assert_int_equal(stored(f, 2), 0);
	fixture_reopen(f);
	assert_int_equal(f->account->current.paged, 2);
	append(f, PAGE_RECORDS);
	assert_int_equal(f->account->current.paged, 3);
	assert_int_equal(stored(f, 2), RECORD_COLUMNS);
}

/* In one change, each with a content of its own. */
static void
append_many(struct fixture *f, size_t n)
{
	struct message *m =
	    message_new(SPAN("Subject: x\r\n\r\n"), &f->engine.mime);
	struct change *c;
	uint32_t uid;

	assert_ok(change_begin(f->account, &c));
	for (size_t i = 0; i < n; i++) {
		struct arrival a = { .message = m };

		assert_ok(
		    change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
	}
	assert_ok(fixture_commit(f, &c));
	message_free(&m);
	fixture_settle(f);
}

static void
they_wait_for_somebody_to_leave_or_for_many(void **state)
{
	struct fixture *f = *state;

	append_many(f, (size_t)63 * PAGE_RECORDS);
	assert_int_equal(f->account->current.paged, 0);
	append_many(f, PAGE_RECORDS);
	assert_int_equal(f->account->current.paged, 64);
	append_many(f, (size_t)3 * PAGE_RECORDS);
	assert_int_equal(f->account->current.paged, 64);
	fixture_reopen(f);
	assert_int_equal(f->account->current.paged, 67);
	assert_int_equal(stored(f, 66), RECORD_COLUMNS);
}

static void
a_page_says_what_its_records_say(void **state)
{
	struct fixture *f = *state;

	append(f, MESSAGES);
	for (unsigned i = 0; i < RECORD_COLUMNS; i++) {
		enum record_column column = (enum record_column)i;
		struct reading page = read_page(f, column, 1);
		struct reading records;

		write_key(f, key_of2(KEY_PAGE, i, 1), SPAN(""));
		records = read_page(f, column, 1);
		assert_int_equal(page.n, PAGE_RECORDS);
		assert_int_equal(records.n, PAGE_RECORDS);
		assert_true(
		    span_eq(buf_span(&page.all), buf_span(&records.all)));
		buf_clear(&page.all);
		buf_clear(&records.all);
	}
}

static void
pages_are_what_is_read(void **state)
{
	struct fixture *f = *state;
	struct reading r;

	append(f, MESSAGES);
	for (uint64_t c = 0; c < PAGE_RECORDS; c++)
		write_key(f, key_of1(KEY_RECORD, PAGE_RECORDS + c), SPAN(""));
	r = read_page(f, RECORD_NAMES, 1);
	assert_int_equal(r.n, PAGE_RECORDS);
	buf_clear(&r.all);
}

static void
damage_is_passed_by(void **state)
{
	const struct span bad[] = { SPAN("\0"), SPAN("\3x"), SPAN("nonsense") };
	struct fixture *f = *state;

	append(f, MESSAGES);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct reading r;

		write_key(f, key_of2(KEY_PAGE, RECORD_ENVELOPE, 1), bad[i]);
		r = read_page(f, RECORD_ENVELOPE, 1);
		assert_int_equal(r.n, PAGE_RECORDS);
		buf_clear(&r.all);
	}
}

static void
pages_in_a_row_are_read_too(void **state)
{
	enum { FIRST = PAGE_RECORDS - 1, DAMAGED = 1, MISSING = 3, PAGES = 6 };
	struct fixture *f = *state;
	struct reading all;
	struct reading r;

	append(f, (size_t)(PAGES + 1) * PAGE_RECORDS);
	all = read_pages(f, RECORD_SUBJECT, 0, PAGES);
	assert_int_equal(all.n, FIRST + (PAGES - 1) * PAGE_RECORDS);
	write_key(f, key_of2(KEY_PAGE, RECORD_SUBJECT, DAMAGED), SPAN("\3x"));
	write_key(f, key_of2(KEY_PAGE, RECORD_SUBJECT, MISSING), SPAN(""));
	for (uint64_t c = 1; c < (uint64_t)PAGES * PAGE_RECORDS; c++)
		if (c / PAGE_RECORDS != DAMAGED && c / PAGE_RECORDS != MISSING)
			write_key(f, key_of1(KEY_RECORD, c), SPAN(""));
	r = read_pages(f, RECORD_SUBJECT, 0, PAGES);
	assert_int_equal(r.n, all.n);
	assert_true(span_eq(buf_span(&r.all), buf_span(&all.all)));
	buf_clear(&r.all);
	buf_clear(&all.all);
}

static void
a_page_goes_with_a_content_and_comes_back(void **state)
{
	struct fixture *f = *state;
	struct reading r;

	append(f, MESSAGES);
	expunge(f, PAGE_RECORDS + 5);
	fixture_settle(f);
	assert_int_equal(stored(f, 0), RECORD_COLUMNS);
	assert_int_equal(stored(f, 1), 0);

	r = read_page(f, RECORD_NAMES, 1);
	assert_int_equal(r.n, PAGE_RECORDS - 1);
	buf_clear(&r.all);
	record_paging_when_left(f->account);
	fixture_settle(f);
	assert_int_equal(stored(f, 1), RECORD_COLUMNS);
	r = read_page(f, RECORD_NAMES, 1);
	assert_int_equal(r.n, PAGE_RECORDS - 1);
	buf_clear(&r.all);
}

static void
what_goes_meanwhile_is_in_no_page(void **state)
{
	struct fixture *f = *state;
	struct reading r;

	append(f, PAGE_RECORDS - 2); /* contents begin with 1 */
	(void)fixture_append(f, "INBOX", "the last of its page");
	expunge(f, 5);
	for (unsigned again = 0; again < 2; again++) {
		r = read_page(f, RECORD_NAMES, 0);
		assert_int_equal(r.n, PAGE_RECORDS - 2);
		buf_clear(&r.all);
		record_paging_when_left(f->account);
		fixture_settle(f);
		assert_int_equal(stored(f, 0), RECORD_COLUMNS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(full_pages_are_stored,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    they_wait_for_somebody_to_leave_or_for_many, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    a_page_says_what_its_records_say, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(pages_are_what_is_read,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(damage_is_passed_by,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(pages_in_a_row_are_read_too,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    a_page_goes_with_a_content_and_comes_back, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(
		    what_goes_meanwhile_is_in_no_page, fixture_setup,
		    fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
