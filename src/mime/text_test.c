#include "base/test.h"

#include "mime/text.h"

static const struct {
	enum mime_encoding encoding;
	const char *charset;
	const char *subtype;
	struct span in;
	const char *want;
} cases[] = {
	{ MIME_7BIT, "", "plain", SPAN_INIT("one  two\r\n"), "one  two\r\n" },
	{ MIME_8BIT, "utf-8", "plain",
	    SPAN_INIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x82 a"),
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd a" },
	{ MIME_8BIT, "us-ascii", "plain",
	    SPAN_INIT("\xc3\xa4 \xe4 \xe2\x82\xac \xe2\x82 \xf0\x9f"),
	    "\xc3\xa4 \xc3\xa4 \xe2\x82\xac \xc3\xa2\xe2\x80\x9a "
	    "\xc3\xb0\xc5\xb8" },
	{ MIME_8BIT, "x-nowhere", "plain", SPAN_INIT("\xe4\xc3\xa4"),
	    "\xc3\xa4\xc3\xa4" },
	{ MIME_BASE64, "iso-8859-1", "plain", SPAN_INIT("5A\r\n=="),
	    "\xc3\xa4" },
	{ MIME_BASE64, "koi8-r", "plain", SPAN_INIT("8NLJ\r\n18XU\r\n"),
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ MIME_BASE64, "utf-16", "plain", SPAN_INIT("/v8AYQDk2D3eAA=="),
	    "a\xc3\xa4\xf0\x9f\x98\x80" },
	{ MIME_7BIT, "iso-2022-jp", "plain",
	    SPAN_INIT("a\x1b$B$\"$\"\x1b(Bb\x1b$B$\"\x1b(B"),
	    "a\xe3\x81\x82\xe3\x81\x82"
	    "b\xe3\x81\x82" },
	{ MIME_7BIT, "utf-7", "plain", SPAN_INIT("Hi Mom -+Jjo--+AOQ-!"),
	    "Hi Mom -\xe2\x98\xba-\xc3\xa4!" },
	{ MIME_8BIT, "gb18030", "plain", SPAN_INIT("\x81\x30\x84\x36\xc4\xe3"),
	    "\xc2\xa5\xe4\xbd\xa0" },
	{ MIME_QUOTED_PRINTABLE, "utf-8", "plain",
	    SPAN_INIT("Gr=C3=\r\n=BC=C3=9Fe =\r\nan  \r\n=E2=82=AC"),
	    "Gr\xc3\xbc\xc3\x9f"
	    "e an\r\n\xe2\x82\xac" },
	{ MIME_7BIT, "", "html", SPAN_INIT("<p>a<p>b"), "a\nb" },
	{ MIME_QUOTED_PRINTABLE, "utf-8", "html",
	    SPAN_INIT("<p class=3D\"x\">Gr=C3=BC=C3=9Fe&am=\r\np;&euro=\r\n;"
		      "</p><sty=\r\nle>p{}</style><!-- x -=\r\n->an "
		      "<a href=3D'>'>Sie</a>&l"),
	    "Gr\xc3\xbc\xc3\x9f"
	    "e&\xe2\x82\xac\nan Sie&l" },
	{ MIME_BASE64, "utf-16le", "html",
	    SPAN_INIT("PABwAD4A5AA8AGIAcgA+AGIA"), "\xc3\xa4\nb" },
	{ MIME_7BIT, "iso-2022-jp", "html",
	    SPAN_INIT("<b>\x1b$B$\"\x1b(B</b>&lt;"), "\xe3\x81\x82<" },
	{ MIME_7BIT, "", "html", SPAN_INIT("a &lt"), "a <" },
	{ MIME_7BIT, "", "plain", SPAN_INIT(""), "" },
	{ MIME_BASE64, "utf-16", "html", SPAN_INIT(""), "" },
};

static struct mime_part
part_of(size_t i)
{
	return (struct mime_part){ .is_text = true,
		.encoding = cases[i].encoding,
		.charset = span_str(cases[i].charset),
		.subtype = span_str(cases[i].subtype) };
}

/* Each piece of text is of whole characters. */
static void
feed(struct text_reader *r, struct span in, struct buf *out)
{
	size_t from = out->n;
	struct span added;

	text_feed(r, in, out);
	added = span_from(buf_span(out), from);
	assert_int_equal(utf8_run(added), added.n);
}

static void
assert_text(size_t i, struct buf *got)
{
	if (!span_eq(buf_span(got), span_str(cases[i].want)))
		fail_msg("case %zu: \"%.*s\", want \"%s\"", i, SPAN_ARG(*got),
		    cases[i].want);
}

static void
parts_are_read_as_text(void **state)
{
	CLEANUP(text_clear) struct text_reader r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct mime_part part = part_of(i);

		text_start(&r, &part);
		feed(&r, cases[i].in, &got);
		text_end(&r, &got);
		assert_text(i, &got);
	}
}

static void
a_part_cut_in_three_anywhere_is_the_same_text(void **state)
{
	CLEANUP(text_clear) struct text_reader r = { 0 };
	CLEANUP(buf_clear) struct buf got = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mime_part part = part_of(i);
		struct span in = cases[i].in;

		for (size_t a = 0; a <= in.n; a++) {
			for (size_t b = a; b <= in.n; b++) {
				buf_reset(&got);
				text_start(&r, &part);
				feed(&r, span_head(in, a), &got);
				feed(&r, span_from(span_head(in, b), a), &got);
				feed(&r, span_from(in, b), &got);
				text_end(&r, &got);
				assert_text(i, &got);
			}
		}
	}
}

static void
a_part_fed_byte_by_byte_is_the_same_text(void **state)
{
	CLEANUP(text_clear) struct text_reader r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct mime_part part = part_of(i);

		text_start(&r, &part);
		for (size_t j = 0; j < cases[i].in.n; j++)
			feed(&r, span_of(cases[i].in.p + j, 1), &got);
		text_end(&r, &got);
		assert_text(i, &got);
	}
}

/* Long enough that every buffer has been full, with cuts all over it. */
static void
long_parts_are_the_same_text_in_pieces(void **state)
{
	static const size_t steps[] = { 1, 1023, 1024, 4095, 8191, 8192, 8193,
		99991 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(buf_clear) struct buf in = { 0 };
		CLEANUP(buf_clear) struct buf want = { 0 };
		CLEANUP(text_clear) struct text_reader r = { 0 };
		struct mime_part part = part_of(i);

		while (in.n < 30000 && cases[i].in.n > 0)
			buf_add(&in, cases[i].in);
		text_start(&r, &part);
		feed(&r, buf_span(&in), &want);
		text_end(&r, &want);
		for (size_t j = 0; j < COUNT(steps); j++) {
			CLEANUP(buf_clear) struct buf got = { 0 };
			struct span s = buf_span(&in);

			text_start(&r, &part);
			for (; s.n > 0; s = span_from(s, steps[j]))
				feed(&r, span_head(s, steps[j]), &got);
			text_end(&r, &got);
			assert_true(span_eq(buf_span(&got), buf_span(&want)));
		}
	}
}

/* A start without an end before it forgets the part that was not finished. */
static void
a_reader_can_be_left_in_the_middle_of_a_part(void **state)
{
	CLEANUP(text_clear) struct text_reader r = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t n = 0; n <= cases[i].in.n; n++) {
			CLEANUP(buf_clear) struct buf got = { 0 };
			size_t next = (i + n) % COUNT(cases);
			struct mime_part part = part_of(i);

			text_start(&r, &part);
			feed(&r, span_head(cases[i].in, n), &got);

			buf_reset(&got);
			part = part_of(next);
			text_start(&r, &part);
			feed(&r, cases[next].in, &got);
			text_end(&r, &got);
			assert_text(next, &got);
		}
	}
}

/* Megabytes without an end of what a reader might wait for the end of. */
static void
memory_is_bounded_whatever_is_in_the_mail(void **state)
{
	static const struct {
		enum mime_encoding encoding;
		const char *charset;
		const char *start;
		const char *piece;
	} hostile[] = {
		{ MIME_7BIT, "", "<img src=\"data:image/png;base64,", "AAAA" },
		{ MIME_7BIT, "", "<!--", " - " },
		{ MIME_7BIT, "", "<script>", "</scrip" },
		{ MIME_7BIT, "", "<title>", "x" },
		{ MIME_7BIT, "", "<head>", "a b " },
		{ MIME_7BIT, "", "<", "a" },
		{ MIME_7BIT, "", "&", "a" },
		{ MIME_7BIT, "", "", "& " },
		{ MIME_7BIT, "", "", "<p>a" },
		{ MIME_7BIT, "", "<!", "x" },
		{ MIME_8BIT, "utf-8", "", "\xf0" },
		{ MIME_8BIT, "shift_jis", "", "\x82" },
		{ MIME_8BIT, "utf-7", "+", "AOQ" },
		{ MIME_8BIT, "iso-2022-jp", "", "\x1b" },
		{ MIME_8BIT, "iso-2022-kr", "", "\xff\x0e" },
		{ MIME_QUOTED_PRINTABLE, "", "", "=\r\n" },
		{ MIME_QUOTED_PRINTABLE, "", "", " \t" },
		{ MIME_BASE64, "utf-16", "", " A" },
	};
	const size_t size = 4000000;
	const size_t step = 16384;

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		CLEANUP(text_clear) struct text_reader r = { 0 };
		CLEANUP(buf_clear) struct buf in = { 0 };
		CLEANUP(buf_clear) struct buf out = { 0 };
		struct mime_part part = { .encoding = hostile[i].encoding,
			.charset = span_str(hostile[i].charset),
			.subtype = SPAN("html") };

		buf_str(&in, hostile[i].start);
		while (in.n < size)
			buf_str(&in, hostile[i].piece);
		text_start(&r, &part);
		for (struct span s = buf_span(&in); s.n > 0;
		     s = span_from(s, step)) {
			buf_reset(&out);
			feed(&r, span_head(s, step), &out);
			assert_true(
			    out.n <= TEXT_GROWTH * (step + CHARSET_HELD));
		}
		buf_reset(&out);
		text_end(&r, &out);
		assert_true(out.n <= TEXT_GROWTH * (step + CHARSET_HELD));
		assert_true(
		    sizeof(r) + r.decoded.cap + r.utf8.cap < TEXT_READER_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_read_as_text),
		cmocka_unit_test(a_part_cut_in_three_anywhere_is_the_same_text),
		cmocka_unit_test(a_part_fed_byte_by_byte_is_the_same_text),
		cmocka_unit_test(long_parts_are_the_same_text_in_pieces),
		cmocka_unit_test(a_reader_can_be_left_in_the_middle_of_a_part),
		cmocka_unit_test(memory_is_bounded_whatever_is_in_the_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
