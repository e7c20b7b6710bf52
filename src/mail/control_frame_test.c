#include "base/test.h"

#include "base/limits.h"
#include "mail/control_frame.h"

static struct span
fields_of(const struct buf *b)
{
	struct span fields = { 0 };
	size_t n;

	assert_ok(control_frame(buf_span(b), &fields, &n));
	assert_int_equal(n, b->n);
	return fields;
}

static void
every_request_comes_back_as_it_was(void **state)
{
	static const struct control_request requests[] = {
		{ .op = CONTROL_HELLO, .version = 1, .account = 1u << 31 },
		{ .op = CONTROL_MAILBOXES },
		{ .op = CONTROL_USAGE },
		{ .op = CONTROL_CREATE, .name = SPAN_INIT("Entw\303\274rfe") },
		{ .op = CONTROL_DELETE, .name = SPAN_INIT("a/b") },
		{ .op = CONTROL_RENAME,
		    .name = SPAN_INIT("a"),
		    .to = SPAN_INIT("b") },
		{ .op = CONTROL_ERASE },
		{ .op = CONTROL_PREPARE,
		    .name = SPAN_INIT("Sent"),
		    .use = 64,
		    .subscribed = true,
		    .uidvalidity = UINT32_MAX },
		{ .op = CONTROL_IMPORT,
		    .mailbox = 7,
		    .items = SPAN_INIT("xyz") },
		{ .op = CONTROL_UIDNEXT, .mailbox = 7, .uid = 300 },
		{ .op = CONTROL_ROWS, .mailbox = UINT64_MAX, .uid = 1 },
		{ .op = CONTROL_BODY, .content = 12, .offset = 1u << 20 },
		{ .op = CONTROL_REINDEX },
		{ .op = CONTROL_INDEXING },
	};

	(void)state;
	assert_int_equal(COUNT(requests), CONTROL_OPS - 1);
	for (size_t i = 0; i < COUNT(requests); i++) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		const struct control_request *want = &requests[i];
		struct control_request got;

		control_ask(&b, want);
		assert_ok(control_request_read(fields_of(&b), &got));
		assert_int_equal(got.op, want->op);
		assert_true(got.version == want->version);
		assert_true(got.account == want->account);
		assert_true(span_eq(got.name, want->name));
		assert_true(span_eq(got.to, want->to));
		assert_int_equal(got.use, want->use);
		assert_int_equal(got.subscribed, want->subscribed);
		assert_int_equal(got.uidvalidity, want->uidvalidity);
		assert_true(got.mailbox == want->mailbox);
		assert_int_equal(got.uid, want->uid);
		assert_true(got.content == want->content);
		assert_true(got.offset == want->offset);
		assert_true(span_eq(got.items, want->items));
	}
}

static void
a_frame_may_come_in_pieces(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct control_request r = { .op = CONTROL_CREATE,
		.name = SPAN("abc") };
	struct span fields;
	size_t n;

	(void)state;
	control_ask(&b, &r);
	for (size_t i = 0; i < b.n; i++)
		assert_int_equal(control_frame(span_head(buf_span(&b), i),
				     &fields, &n),
		    ST_AGAIN);
	BUF_LIT(&b, "\0\0");
	assert_ok(control_frame(buf_span(&b), &fields, &n));
	assert_int_equal(n, b.n - 2);
}

static void
a_frame_has_a_bound(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct span fields;
	size_t n;

	(void)state;
	pack_be32(&b, LIMIT_CONTROL_FRAME);
	assert_int_equal(control_frame(buf_span(&b), &fields, &n), ST_AGAIN);
	buf_reset(&b);
	pack_be32(&b, LIMIT_CONTROL_FRAME + 1);
	assert_int_equal(control_frame(buf_span(&b), &fields, &n), ST_LIMIT);
}

static void
what_is_no_request_is_refused(void **state)
{
	static const struct span bad[] = {
		SPAN_INIT(""), SPAN_INIT("\0"), /* there is no number 0 */
		SPAN_INIT("\x0f"),              /* nor that */
		SPAN_INIT("\x04\x05xyz"),       /* a name that is cut off */
		SPAN_INIT("\x03\x00"),          /* more than there is to it */
		SPAN_INIT("\x0a\x01\xff\xff\xff\xff\x7f"), /* not 32 bits */
	};
	struct control_request r;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(control_request_read(bad[i], &r), ST_BAD);
}

static void
answers_come_back_as_they_were(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct control_mailbox m = { .id = 5,
		.name = SPAN("INBOX"),
		.exists = true,
		.use = 2,
		.uidvalidity = 77,
		.uidnext = 9,
		.messages = 3,
		.unseen = 1,
		.bytes = 1u << 30 };
	struct control_target t = { 5, 77, 9 };
	struct control_row row = { .uid = 8,
		.flags = 9,
		.keywords = SPAN("\4Work"),
		.date = { -5, -3600 },
		.size = 12,
		.content = 4 };
	struct control_reply reply;
	size_t begun = control_reply_begin(&b, ST_EXISTS, SPAN("why"));
	struct span word;

	(void)state;
	control_target_pack(&b, &t);
	control_mailbox_pack(&b, &m);
	control_reply_end(&b, begun);
	assert_ok(control_reply_read(fields_of(&b), &reply));
	assert_int_equal(reply.st, ST_EXISTS);
	assert_span(reply.text, "why");
	t = (struct control_target){ 0 };
	assert_true(control_target_next(&reply.rest, &t));
	assert_int_equal(t.uidvalidity, 77);
	m = (struct control_mailbox){ 0 };
	assert_true(control_mailbox_next(&reply.rest, &m));
	assert_span(m.name, "INBOX");
	assert_true(m.exists && !m.subscribed && m.bytes == 1u << 30);
	assert_false(control_mailbox_next(&reply.rest, &m));

	buf_reset(&b);
	control_row_pack(&b, &row);
	reply.rest = unpack_over(buf_span(&b));
	row = (struct control_row){ 0 };
	assert_true(control_row_next(&reply.rest, &row));
	assert_int_equal(row.date.zone_secs, -3600);
	assert_true(row.date.wall == -5 && row.content == 4);
	assert_true(control_keyword(&row.keywords, &word));
	assert_span(word, "Work");
	assert_false(control_keyword(&row.keywords, &word));
	assert_false(control_row_next(&reply.rest, &row));
}

static void
items_end_at_what_is_no_item(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct control_item i = { .source = SPAN("s"),
		.uid = 3,
		.flags = 1,
		.date = { 10, 20 },
		.bytes = SPAN("text") };
	struct unpack u;

	(void)state;
	control_item_pack(&b, &i);
	i.date.zone_secs = 90000; /* no zone is a day and more away */
	control_item_pack(&b, &i);
	u = unpack_over(buf_span(&b));
	assert_true(control_item_next(&u, &i));
	assert_span(i.bytes, "text");
	assert_false(control_item_next(&u, &i));
	assert_false(unpack_ok(&u));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_comes_back_as_it_was),
		cmocka_unit_test(a_frame_may_come_in_pieces),
		cmocka_unit_test(a_frame_has_a_bound),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(answers_come_back_as_they_were),
		cmocka_unit_test(items_end_at_what_is_no_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
