#include "engine/ahead.h"

#include "base/mem.h"
#include "engine/fixture.h"
#include "engine/record_page.h"
#include "engine/repeated.h"
#include "store/store.h"

/* Enough for all batches several times over. */
enum { MESSAGES = 700 };

/* Sizes of message i: mostly small, some longer than a batch or a piece. */
static size_t
size_of(size_t i)
{
	static const size_t odd[] = { AHEAD_BODIES, AHEAD_BODIES + 1,
		STORE_BODY_STEP * 2 + 9 };

	return i % 100 < COUNT(odd) ? odd[i % 100] : 200 + i * 17 % 5000;
}

static void
make_text(struct buf *b, size_t i)
{
	buf_reset(b);
	buf_printf(b, "Subject: message %zu\r\n\r\n", i);
	while (b->n < size_of(i))
		buf_byte(b, (unsigned char)('a' + (b->n + i) % 26));
}

static void
append(struct fixture *f, size_t i)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct arrival a = { .internal = { 1000000000, 0 } };
	struct change *c;
	uint32_t uid;

	make_text(&text, i);
	a.message = message_new(buf_span(&text), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
}

static void
append_all(struct fixture *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		append(f, i);
}

static void
nothing(void *arg)
{
	(void)arg;
}

/* As much of a session as is needed to be woken. */
static struct session
session_of(struct fixture *f)
{
	return (struct session){ .account = f->account,
		.loop = f->loop,
		.mailbox = fixture_mailbox(f, "INBOX"),
		.step = { .fn = nothing } };
}

/* Waits as a command does: until it is woken. */
static void
wait(struct session *s)
{
	s->waiting = true;
	while (s->waiting)
		uv_run(loop_uv(s->loop), UV_RUN_ONCE);
}

static enum status
next(struct session *s, struct ahead *a, struct row *row)
{
	enum status st;

	while ((st = ahead_next(a, row)) == ST_AGAIN)
		wait(s);
	return st;
}

static enum status
whole_body(struct session *s, struct ahead *a, const struct row *row,
    struct buf *out)
{
	buf_reset(out);
	while (out->n < row->facts->size) {
		struct span some;
		enum status st = ahead_bytes(a, out->n, 100000, &some);

		if (st == ST_AGAIN)
			wait(s);
		else if (st != ST_OK)
			return st;
		else
			buf_add(out, some);
	}
	return ST_OK;
}

static void
check_columns(struct ahead *a, size_t i)
{
	CLEANUP(buf_clear) struct buf subject = { 0 };
	struct structure structure;
	CLEANUP(buf_clear) struct buf envelope = { 0 };
	struct repeated r;
	struct span value;

	assert_ok(ahead_column(a, RECORD_STRUCTURE, &value));
	assert_ok(message_structure_read(value, &structure));
	assert_true(structure.body.wire.n > 0);
	assert_ok(ahead_column(a, RECORD_ENVELOPE, &value));
	assert_ok(message_envelope_read(value, false, &r));
	repeated_write(&envelope, &r);
	buf_printf(&subject, "\"message %zu\"", i);
	assert_non_null(memmem(envelope.p, envelope.n, subject.p, subject.n));
}

static void
check_row(struct session *s, struct ahead *a, const struct row *row, size_t i)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	CLEANUP(buf_clear) struct buf body = { 0 };

	make_text(&text, i);
	assert_ok(whole_body(s, a, row, &body));
	assert_true(span_eq(buf_span(&body), buf_span(&text)));
	check_columns(a, i);
}

#define ALL (AHEAD_ENVELOPE | AHEAD_STRUCTURE | AHEAD_BODY)

static void
each_row_comes_once_in_order_with_all_that_is_kept_of_it(void **state)
{
	struct fixture *f = *state;
	struct session s = session_of(f);
	struct rows rows;
	struct ahead *a;
	struct row row;

	append_all(f, MESSAGES);
	rows = rows_all(s.mailbox->current);
	a = ahead_new(&s, &rows, ALL);
	for (size_t i = 0; i < MESSAGES; i++) {
		assert_ok(next(&s, a, &row));
		assert_int_equal(row.seq, i + 1);
		check_row(&s, a, &row, i);
	}
	assert_int_equal(next(&s, a, &row), ST_NOTFOUND);
	ahead_free(&a);
}

static void
copies_side_by_side_have_the_same_body(void **state)
{
	struct fixture *f = *state;
	struct session s = session_of(f);
	CLEANUP(uidset_clear) struct uidset uids = { 0 };
	CLEANUP(uidset_clear) struct uidset from = { 0 };
	CLEANUP(uidset_clear) struct uidset to = { 0 };
	struct change *c;
	struct rows rows;
	struct ahead *a;
	struct row row;

	append_all(f, 10);
	uidset_add_range(&uids, 4, 9);
	for (int i = 0; i < 2; i++) {
		assert_ok(change_begin(f->account, &c));
		assert_ok(
		    change_copy(c, s.mailbox, &uids, s.mailbox, &from, &to));
		assert_ok(fixture_commit(f, &c));
	}
	rows = rows_all(s.mailbox->current);
	a = ahead_new(&s, &rows, ALL);
	for (size_t i = 0; i < 22; i++) {
		assert_ok(next(&s, a, &row));
		check_row(&s, a, &row, i < 10 ? i : 3 + (i - 10) % 6);
	}
	ahead_free(&a);
}

static void
what_is_lost_is_missing_from_its_own_row_only(void **state)
{
	struct fixture *f = *state;
	struct session s = session_of(f);
	CLEANUP(buf_clear) struct buf body = { 0 };
	struct key key = key_of1(KEY_RECORD, 8);
	struct change *c;
	struct rows rows;
	struct ahead *a;
	struct span value;
	struct row row;
	size_t lost = 0;

	append_all(f, 20);
	assert_ok(change_begin(f->account, &c));
	batch_body_drop(change_batch(c), 7);
	batch_delete(change_batch(c), key_span(&key));
	assert_ok(fixture_commit(f, &c));

	rows = rows_all(s.mailbox->current);
	a = ahead_new(&s, &rows, ALL);
	for (size_t i = 0; i < 20; i++) {
		assert_ok(next(&s, a, &row));
		if (row.facts->content == 7) {
			assert_int_equal(whole_body(&s, a, &row, &body),
			    ST_CORRUPT);
			lost++;
		} else if (row.facts->content == 8) {
			assert_int_equal(ahead_column(a, RECORD_ENVELOPE,
					     &value),
			    ST_NOTFOUND);
			lost++;
		} else {
			check_row(&s, a, &row, i);
		}
	}
	assert_int_equal(lost, 2);
	ahead_free(&a);
}

/* What is in memory is not read again, and may go while others have a turn. */
static void
what_is_in_memory_need_not_stay_there(void **state)
{
	struct fixture *f = *state;
	struct session s = session_of(f);
	struct rows rows;
	struct ahead *a;
	struct row row;

	append_all(f, MESSAGES);
	rows = rows_all(s.mailbox->current);
	a = ahead_new(&s, &rows, AHEAD_ENVELOPE | AHEAD_STRUCTURE);
	for (size_t i = 0; i < MESSAGES; i++) {
		assert_ok(next(&s, a, &row));
		check_columns(a, i);
	}
	ahead_free(&a);

	a = ahead_new(&s, &rows, AHEAD_ENVELOPE | AHEAD_STRUCTURE);
	for (size_t i = 0; i <= 450; i++) {
		assert_ok(ahead_next(a, &row));
		check_columns(a, i);
		if (i % 100 == 50)
			ahead_rest(a);
	}
	record_cache_free(&f->engine.records);
	f->engine.records = record_cache_new(1 << 20);
	assert_int_equal(ahead_next(a, &row), ST_AGAIN);
	for (size_t i = 451; i < MESSAGES; i++) {
		assert_ok(next(&s, a, &row));
		check_columns(a, i);
	}
	ahead_free(&a);
}

static void
it_may_be_freed_while_it_reads(void **state)
{
	struct fixture *f = *state;
	struct session s = session_of(f);
	struct span some;
	struct row row;

	append_all(f, MESSAGES);
	for (size_t i = 0; i < 50; i++) {
		struct rows rows = rows_all(s.mailbox->current);
		struct ahead *a = ahead_new(&s, &rows, ALL);

		for (size_t j = 0; j < i * 3; j++)
			assert_ok(next(&s, a, &row));
		if (i > 0)
			(void)ahead_bytes(a, 0, 1, &some);
		else
			(void)ahead_next(a, &row);
		ahead_free(&a);
	}
	fixture_settle(f);
}

/* As when a session ends that has not seen the newest message yet. */
static void
reads_under_way_keep_the_version_that_they_read_for(void **state)
{
	struct fixture *f = *state;
	struct session s = session_of(f);
	struct version *v;
	struct rows rows;
	struct ahead *a;
	struct row row;

	append_all(f, 20);
	v = version_ref(s.mailbox->current);
	append(f, 20);
	rows = rows_all(v);
	a = ahead_new(&s, &rows, ALL);
	assert_int_equal(ahead_next(a, &row), ST_AGAIN);
	ahead_free(&a);
	assert_false(refs_only_one(&v->refs));
	version_unref(&v);
	fixture_settle(f);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_row_comes_once_in_order_with_all_that_is_kept_of_it),
		TEST(copies_side_by_side_have_the_same_body),
		TEST(what_is_lost_is_missing_from_its_own_row_only),
		TEST(what_is_in_memory_need_not_stay_there),
		TEST(it_may_be_freed_while_it_reads),
		TEST(reads_under_way_keep_the_version_that_they_read_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
