#include "base/test.h"

#include "cli/mbox_file.h"
#include "imap/flag.h"

#define FROM "From a@b Tue Nov 24 17:01:02 2026\n"

static void
a_from_line_has_a_date(void **state)
{
	static const struct {
		const char *line;
		int64_t wall; /* 0: it is none */
		int32_t zone;
	} cases[] = {
		{ "From a@b Tue Nov 24 17:01:02 2026", 1795539662, 0 },
		{ "From a@b Tue Nov 24 17:01:02 2026\r\n", 1795539662, 0 },
		{ "From a@b  Thu Jan  1 00:00:10 1970", 10, 0 },
		{ "From Thu Jan  1 00:00:10 1970", 10, 0 },
		{ "From a b c Thu Jan  1 00:01 1970", 60, 0 },
		{ "From a@b Tue Nov 24 17:01:02 2026 +0100", 1795536062, 3600 },
		{ "From a@b Tue Nov 24 17:01:02 -0130 2026", 1795545062,
		    -5400 },
		{ "From a@b Tue Nov 24 17:01:02 CET 2026", 1795539662, 0 },
		{ "From here on, all is well", 0, 0 },
		{ "From a@b Tue Nov 24 17:01:02 26", 0, 0 },
		{ "From a@b Tue Nov 32 17:01:02 2026", 0, 0 },
		{ "From a@b Tue Nox 24 17:01:02 2026", 0, 0 },
		{ "From a@b Txe Nov 24 17:01:02 2026", 0, 0 },
		{ "From a@b Tue Nov 24 25:01:02 2026", 0, 0 },
		{ "From a@b Tue Nov 24 17:01:02 2026 +9900", 0, 0 },
		{ ">From a@b Tue Nov 24 17:01:02 2026", 0, 0 },
		{ "from a@b Tue Nov 24 17:01:02 2026", 0, 0 },
		{ "From", 0, 0 },
		{ "From ", 0, 0 },
		{ "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct datetime d = { 0 };
		bool is = mbox_from_line(span_str(cases[i].line), &d);

		if (is != (cases[i].wall != 0) ||
		    (is && (d.wall != cases[i].wall ||
			       d.zone_secs != cases[i].zone)))
			fail_msg("%s: %lld", cases[i].line, (long long)d.wall);
	}
}

static void
messages_end_where_the_next_begins(void **state)
{
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	struct mbox_reader r;

	(void)state;
	assert_ok(mbox_open(SPAN("\n" FROM "Subject: 1\n"
				 "\n"
				 "From here on:\n"
				 ">From him\n"
				 ">>From her\n"
				 "> From it\n"
				 "text\n" FROM /* no empty line before it */
				 "\n" FROM "Subject: 2\r\n"
				 "\r\n"
				 "b\r\n"
				 "\r\n" FROM "\n" FROM "Subject: 4"),
	    &r));
	assert_true(mbox_next(&r, &m));
	assert_span(buf_span(&m.text),
	    "Subject: 1\n\nFrom here on:\nFrom him\n>From her\n> From it\n"
	    "text\n" FROM);
	assert_true(m.date.wall == 1795539662);
	assert_true(mbox_next(&r, &m));
	assert_span(buf_span(&m.text), "Subject: 2\r\n\r\nb\r\n");
	assert_true(mbox_next(&r, &m));
	assert_span(buf_span(&m.text), "");
	assert_true(mbox_next(&r, &m));
	assert_span(buf_span(&m.text), "Subject: 4");
	assert_false(mbox_next(&r, &m));
}

static void
flags_are_in_fields_that_go(void **state)
{
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	struct mbox_reader r;

	(void)state;
	assert_ok(mbox_open(SPAN(FROM "X-IMAPbase: 0000000012 0000000039\n"
				      " Work\n"
				      "A: 1\n"
				      "STATUS: RO\n"
				      "X-Status: AFDT\n"
				      "X-Keywords: $Work  later no\\good\n"
				      "X-UID: 7\n"
				      "B: 2\n"
				      " b\n"
				      "\n"
				      "Status: body\n"
				      "\n" FROM "C: 3\n"
				      "Status: O\n"
				      "X-UID: -1\n"
				      "\n"),
	    &r));
	assert_true(mbox_next(&r, &m));
	assert_int_equal(r.uidvalidity, 12);
	assert_int_equal(r.uidnext, 40);
	assert_int_equal(m.flags, FLAGS_SYSTEM);
	assert_int_equal(m.uid, 7);
	assert_span(buf_span(&m.keywords), "\5$Work\5later");
	assert_span(buf_span(&m.text), "A: 1\nB: 2\n b\n\nStatus: body\n");
	assert_true(mbox_next(&r, &m));
	assert_int_equal(m.flags, 0);
	assert_int_equal(m.uid, 0);
	assert_int_equal(m.keywords.n, 0);
	assert_false(mbox_next(&r, &m));
}

static void
what_programs_put_first_is_no_message(void **state)
{
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	struct mbox_reader r;

	(void)state;
	assert_ok(mbox_open(SPAN(FROM "Subject: DON'T DELETE THIS MESSAGE\n"
				      "X-IMAP: 0000000012 0000000039\n"
				      "\n"
				      "This text is part of the format.\n"
				      "\n" FROM "Subject: 1\n\n\n"),
	    &r));
	assert_true(mbox_next(&r, &m));
	assert_int_equal(r.uidvalidity, 12);
	assert_span(buf_span(&m.text), "Subject: 1\n\n");
	assert_false(mbox_next(&r, &m));
}

static void
only_an_mbox_is_opened(void **state)
{
	struct mbox_reader r;

	(void)state;
	assert_int_equal(mbox_open(SPAN("Subject: x\n\n" FROM), &r), ST_BAD);
	assert_int_equal(mbox_open(SPAN("From me\n"), &r), ST_BAD);
	assert_ok(mbox_open(SPAN(""), &r));
	assert_ok(mbox_open(SPAN("\n\n"), &r));
}

static void
what_is_written_reads_the_same(void **state)
{
	static const char from_line[] = "Subject: x\n\n\n\n" FROM "\n\n";
	static const char *const texts[] = {
		"Subject: x\n\nHello\n",
		"Subject: x\n\nFrom a@b Tue Nov 24 17:01:02 2026\n>From x\n",
		from_line,
		"Subject: x\n\n",
		"\nno header\n",
	};
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	CLEANUP(buf_clear) struct buf file = { 0 };
	struct mbox_facts f = { .sender = SPAN("x y\nz"),
		.date = { 1795539662, 0 },
		.flags = FLAG_SEEN | FLAG_DRAFT,
		.keywords = SPAN("\5$Work\5later"),
		.uidvalidity = 12,
		.uidnext = 40 };
	struct mbox_reader r;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		f.uid = (uint32_t)(3 + i);
		mbox_write(&file, &f, span_str(texts[i]));
		f.uidvalidity = 0;
	}
	assert_ok(mbox_open(buf_span(&file), &r));
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_true(mbox_next(&r, &m));
		if (!span_eq(buf_span(&m.text), span_str(texts[i])))
			fail_msg("case %zu: %.*s", i,
			    SPAN_ARG(buf_span(&m.text)));
		assert_int_equal(m.uid, 3 + i);
		assert_int_equal(m.flags, f.flags);
		assert_true(m.date.wall == f.date.wall);
		assert_true(span_eq(buf_span(&m.keywords), f.keywords));
	}
	assert_false(mbox_next(&r, &m));
	assert_int_equal(r.uidvalidity, 12);
	assert_int_equal(r.uidnext, 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_from_line_has_a_date),
		cmocka_unit_test(messages_end_where_the_next_begins),
		cmocka_unit_test(flags_are_in_fields_that_go),
		cmocka_unit_test(what_programs_put_first_is_no_message),
		cmocka_unit_test(only_an_mbox_is_opened),
		cmocka_unit_test(what_is_written_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
