#include "base/test.h"

#include "imap/reader.h"

/*
 * Plays a whole stream in pieces of the given size and writes what came of
 * it: "C<text>" a command, "L<size>" a literal with "+" if it doesn't wait and
 * "8" if it is binary, "B<bytes>" of it, "F<fault><text>" a failure with the
 * first two bytes of what was kept.
 *
 * Literals for "append" go outside, those of "R" are refused, and others
 * go inline if they fit.
 */
static void
decide(struct reader *r, struct buf *log)
{
	struct reader_literal lit = reader_literal(r);

	buf_printf(log, "L%llu%s%s ", (unsigned long long)lit.size,
	    lit.sync ? "" : "+", lit.literal8 ? "8" : "");
	if (span_find(lit.text, 'R') < lit.text.n || !lit.fits)
		reader_refuse(r);
	else if (span_starts(lit.text, SPAN("append")))
		reader_outside(r);
	else
		reader_inline(r);
}

static void
play(struct span in, size_t piece, struct buf *log)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 40, .inline_max = 20 };
	struct span left = in;
	bool in_bytes = false;

	for (;;) {
		struct span now = span_head(left, piece);
		size_t before = now.n;
		struct span bytes;
		enum reader_event ev = reader_next(&r, &now, &bytes);

		left = span_from(left, before - now.n);
		if (ev != READER_BYTES && ev != READER_MORE && in_bytes) {
			buf_str(log, "> ");
			in_bytes = false;
		}
		switch (ev) {
		case READER_COMMAND:
			buf_str(log, "C<");
			buf_add(log, reader_text(&r));
			buf_str(log, "> ");
			break;
		case READER_LITERAL:
			decide(&r, log);
			break;
		case READER_BYTES:
			if (!in_bytes)
				buf_str(log, "B<");
			buf_add(log, bytes);
			in_bytes = true;
			break;
		case READER_FAILED:
			buf_printf(log, "F%d<", (int)reader_fault(&r));
			buf_add(log, span_head(reader_text(&r), 2));
			buf_str(log, "> ");
			break;
		case READER_MORE:
			assert_int_equal(now.n, 0);
			if (left.n == 0) {
				buf_str(log, reader_idle(&r) ? "." : "...");
				return;
			}
			break;
		}
	}
}

static const struct {
	struct span in;
	struct span want;
} streams[] = {
	/* Lines */
	{ SPAN_INIT(""), SPAN_INIT(".") },
	{ SPAN_INIT("a NOOP\r\n"), SPAN_INIT("C<a NOOP> .") },
	{ SPAN_INIT("a NOOP\nb CHECK\n"), SPAN_INIT("C<a NOOP> C<b CHECK> .") },
	{ SPAN_INIT("\r\n\n\r\na NOOP\r\n"),
	    SPAN_INIT("C<> C<> C<> C<a NOOP> .") },
	{ SPAN_INIT("a NO"), SPAN_INIT("...") },
	{ SPAN_INIT("a NOOP\r"), SPAN_INIT("...") },
	{ SPAN_INIT("a \rB\r\r\n"), SPAN_INIT("C<a \rB\r> .") },

	/* Inline literals */
	{ SPAN_INIT("a LOGIN {3}\r\nabc {0+}\r\n\r\n"),
	    SPAN_INIT("L3 L0+ C<a LOGIN {3}\r\nabc {0+}\r\n> .") },
	{ SPAN_INIT("a LOGIN {3+}\nabc {2}\nxy\nb NOOP\n"),
	    SPAN_INIT("L3+ L2 C<a LOGIN {3+}\r\nabc {2}\r\nxy> C<b NOOP> .") },
	{ SPAN_INIT("a X ~{3+}\r\na\0b\r\n"),
	    SPAN_INIT("L3+8 C<a X ~{3+}\r\na\0b> .") },
	/* The literal's CR is no part of the line's end. */
	{ SPAN_INIT("a X {2+}\r\nb\r\nb NOOP\r\n"),
	    SPAN_INIT("L2+ C<a X {2+}\r\nb\r> C<b NOOP> .") },
	/* Line ends and "{9}" within a literal are its bytes. */
	{ SPAN_INIT("a X {10+}\r\na\r\nb {9}\r\n\r\n"),
	    SPAN_INIT("L10+ C<a X {10+}\r\na\r\nb {9}\r\n> .") },
	/* No literals. */
	{ SPAN_INIT("a {3\r\na {}\r\na 3}\r\na {+}\r\na {3}x\r\na {-1}\r\n"),
	    SPAN_INIT("C<a {3> C<a {}> C<a 3}> C<a {+}> C<a {3}x> "
		      "C<a {-1}> .") },

	/* Outside literals */
	{ SPAN_INIT("append {5}\r\nhello\r\n"),
	    SPAN_INIT("L5 B<hello> C<append {5}\n> .") },
	{ SPAN_INIT("append {5+}\r\nhel\r\n ~{2+}\r\n\0x {0}\r\n )\r\n"),
	    SPAN_INIT("L5+ B<hel\r\n> L2+8 B<\0x> L0 "
		      "C<append {5+}\n ~{2+}\n {0}\n )> .") },

	/* Refused: the bytes and the rest of the line go, nothing else. */
	{ SPAN_INIT("R {5}\r\nb NOOP\r\n"),
	    SPAN_INIT("L5 F2<R > C<b NOOP> .") },
	{ SPAN_INIT("R {5+}\r\na\r\nb\n (x)\r\nb NOOP\r\n"),
	    SPAN_INIT("L5+ F2<R > C<b NOOP> .") },
	{ SPAN_INIT("R {5+}\r\nhello {3+}\r\na\nb ~{2+}\r\n\0\0\r\nb NOOP\n"),
	    SPAN_INIT("L5+ F2<R > C<b NOOP> .") },
	/* Behind a refused one the client waits in vain for this "+ ". */
	{ SPAN_INIT("R {5+}\r\nhello {3}\r\nb NOOP\r\n"),
	    SPAN_INIT("L5+ F2<R > C<b NOOP> .") },
	{ SPAN_INIT("a {99}\r\nb NOOP\r\n"),
	    SPAN_INIT("L99 F1<a > C<b NOOP> .") },
	{ SPAN_INIT("a {21+}\r\n123456789012345678901 x\r\nb NOOP\r\n"),
	    SPAN_INIT("L21+ F1<a > C<b NOOP> .") },
	/* Two that fit alone don't fit together. */
	{ SPAN_INIT("a {15+}\r\n123456789012345 {6+}\r\n123456\r\nb NOOP\r\n"),
	    SPAN_INIT("L15+ L6+ F1<a > C<b NOOP> .") },
	{ SPAN_INIT("a {18446744073709551617}\r\nb NOOP\r\n"),
	    SPAN_INIT("L9223372036854775807 F1<a > C<b NOOP> .") },
	{ SPAN_INIT("a {9223372036854775808+}\r\nx\r\nb NOOP\r\n"),
	    SPAN_INIT("L9223372036854775807+ ...") },

	/* Too long: 40 bytes fit, 41 don't unless the last is a CR. */
	{ SPAN_INIT("a 45678901234567890123456789012345678940\r\nb X\n"),
	    SPAN_INIT("C<a 45678901234567890123456789012345678940> C<b X> "
		      ".") },
	{ SPAN_INIT("a 456789012345678901234567890123456789012\r\nb X\n"),
	    SPAN_INIT("F0<a > C<b X> .") },
	/* Its end may announce a literal, which goes too. */
	{ SPAN_INIT("a 45678901234567890123456789012345678901 {7+}\r\n"
		    "c NOOP\n x\r\nb X\n"),
	    SPAN_INIT("F0<a > C<b X> .") },
	{ SPAN_INIT("a 4567890123456789012345678901234567 {7+}\r\n"
		    "c NOOP\n {2+}\n\r\n {3}\r\nb X\n"),
	    SPAN_INIT("F0<a > C<b X> .") },
	{ SPAN_INIT("a {2+}\r\nxy 456789012345678901234567890123456789\n"
		    "b X\n"),
	    SPAN_INIT("L2+ F0<a > C<b X> .") },

	/* NUL; what comes first decides. */
	{ SPAN_INIT("a 456789012345678901234567890123456789012\0\nb X\n"),
	    SPAN_INIT("F0<a > C<b X> .") },
	{ SPAN_INIT("a X\0Y\r\nb NOOP\r\n"), SPAN_INIT("F3<a > C<b NOOP> .") },
	{ SPAN_INIT("a X\0Y {4+}\r\nb\nc\n\r\nb NOOP\r\n"),
	    SPAN_INIT("F3<a > C<b NOOP> .") },
};

static void
a_stream_gives_the_same_events_however_it_is_chopped(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(streams); i++) {
		for (size_t n = 1; n <= streams[i].in.n + 1; n++) {
			CLEANUP(buf_clear) struct buf log = { 0 };

			play(streams[i].in, n, &log);
			if (!span_eq(buf_span(&log), streams[i].want))
				fail_msg("%zu in pieces of %zu: %.*s", i, n,
				    SPAN_ARG(buf_span(&log)));
		}
	}
}

static void
a_plain_line_has_no_literals_and_may_be_empty(void **state)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 40, .plain = true };
	struct span in = SPAN("DONE\r\n\r\nYQ== {3}\r\n");
	struct span bytes;

	(void)state;
	assert_int_equal(reader_next(&r, &in, &bytes), READER_COMMAND);
	assert_span(reader_text(&r), "DONE");
	assert_int_equal(reader_next(&r, &in, &bytes), READER_COMMAND);
	assert_span(reader_text(&r), "");
	assert_int_equal(reader_next(&r, &in, &bytes), READER_COMMAND);
	assert_span(reader_text(&r), "YQ== {3}");
}

static void
what_is_pipelined_stays_with_the_caller(void **state)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 40, .inline_max = 20 };
	struct span in = SPAN("a STARTTLS\r\nb LOGIN x y\r\n");
	struct span bytes;

	(void)state;
	assert_int_equal(reader_next(&r, &in, &bytes), READER_COMMAND);
	assert_span(in, "b LOGIN x y\r\n");
}

static void
an_idle_reader_has_no_memory(void **state)
{
	struct reader r = { .line_max = 40, .inline_max = 20 };
	struct span in = SPAN("a NOOP\r\n");
	struct span bytes;

	(void)state;
	assert_int_equal(reader_next(&r, &in, &bytes), READER_COMMAND);
	assert_true(reader_idle(&r));
	reader_clear(&r);
	assert_true(reader_idle(&r));
	assert_null(r.text.p);
	assert_int_equal(reader_next(&r, &in, &bytes), READER_MORE);
	assert_null(r.text.p);
	in = SPAN("b");
	assert_int_equal(reader_next(&r, &in, &bytes), READER_MORE);
	assert_false(reader_idle(&r));
	reader_clear(&r);
}

/* A client that promises much and sends little costs little. */
static void
memory_follows_what_came_and_not_what_was_announced(void **state)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 65536, .inline_max = 1 << 30 };
	struct span in = SPAN("a X {1073741824+}\r\nabc");
	struct span bytes;

	(void)state;
	assert_int_equal(reader_next(&r, &in, &bytes), READER_LITERAL);
	reader_inline(&r);
	assert_int_equal(reader_next(&r, &in, &bytes), READER_MORE);
	assert_true(r.text.cap < 4096);
}

static void
what_is_thrown_away_takes_no_memory(void **state)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 100, .inline_max = 100 };
	static const unsigned char junk[4096] = { 'x' };
	struct span in = SPAN("a X {1000000+}\r\n");
	struct span bytes;

	(void)state;
	assert_int_equal(reader_next(&r, &in, &bytes), READER_LITERAL);
	reader_refuse(&r);
	for (int i = 0; i < 400; i++) {
		in = span_of(junk, sizeof(junk));
		assert_int_equal(reader_next(&r, &in, &bytes), READER_MORE);
		assert_true(r.text.cap < 1000);
	}
	in = SPAN("\r\nb NOOP\r\n");
	assert_int_equal(reader_next(&r, &in, &bytes), READER_FAILED);
	assert_int_equal(reader_fault(&r), READER_TOO_BIG);
	assert_int_equal(reader_next(&r, &in, &bytes), READER_COMMAND);
	assert_span(reader_text(&r), "b NOOP");
}

static void
the_memory_of_a_long_command_is_not_kept(void **state)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 65536, .inline_max = 65536 };
	CLEANUP(buf_clear) struct buf in = { 0 };
	struct span left;
	struct span bytes;

	(void)state;
	while (in.n < 20000)
		BUF_LIT(&in, "a NOOP ");
	BUF_LIT(&in, "\r\nb NOOP\r\n");
	left = buf_span(&in);
	assert_int_equal(reader_next(&r, &left, &bytes), READER_COMMAND);
	assert_true(r.text.cap >= 20000);
	assert_int_equal(reader_next(&r, &left, &bytes), READER_COMMAND);
	assert_span(reader_text(&r), "b NOOP");
	assert_true(r.text.cap < 5000);
}

/* Pitfall 42: clients ask for lines of this length. */
static void
a_line_of_64_kib_is_one_command(void **state)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = 65536, .inline_max = 0 };
	CLEANUP(buf_clear) struct buf line = { 0 };
	struct span in;
	struct span bytes;

	(void)state;
	BUF_LIT(&line, "a UID FETCH 1");
	while (line.n < 65536 - 4)
		BUF_LIT(&line, ",123");
	BUF_LIT(&line, "\r\n");
	in = buf_span(&line);
	assert_int_equal(reader_next(&r, &in, &bytes), READER_COMMAND);
	assert_int_equal(reader_text(&r).n, line.n - 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_stream_gives_the_same_events_however_it_is_chopped),
		cmocka_unit_test(a_plain_line_has_no_literals_and_may_be_empty),
		cmocka_unit_test(what_is_pipelined_stays_with_the_caller),
		cmocka_unit_test(an_idle_reader_has_no_memory),
		cmocka_unit_test(
		    memory_follows_what_came_and_not_what_was_announced),
		cmocka_unit_test(what_is_thrown_away_takes_no_memory),
		cmocka_unit_test(the_memory_of_a_long_command_is_not_kept),
		cmocka_unit_test(a_line_of_64_kib_is_one_command),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
