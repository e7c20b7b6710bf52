#include "base/test.h"

#include "base/limits.h"
#include "mime/summary.h"
#include "mime/wire_check_body.h"

static const struct mime_limits limits = { LIMIT_MIME_DEPTH, LIMIT_MIME_PARTS };

/* Test messages are written with LF; on the wire lines end with CRLF. */
static struct span
crlf(struct arena *a, const char *text)
{
	CLEANUP(buf_clear) struct buf out = { 0 };

	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_byte(&out, '\r');
		buf_byte(&out, (unsigned char)*text);
	}
	return arena_dup(a, buf_span(&out));
}

static void
assert_body(struct span message, const char *want)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_summary s;

	mime_summarise(a, message, &limits, &s);
	assert_string_equal(arena_str(a, s.body.wire), want);
	assert_true(wire_is_body(s.body.wire, false, false));
	assert_true(wire_is_body(s.bodystructure.wire, false, true));
}

#define ASCII "(\"charset\" \"us-ascii\")"
#define NILS  "NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL"

static const struct {
	const char *message;
	const char *want; /* BODY */
} cases[] = {
	/* one part */
	{ "Subject: x\n\none\ntwo\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 10 2)" },
	{ "Subject: x\n\none\ntwo",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 8 2)" },
	{ "Subject: x\n\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)" },
	{ "Subject: x\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)" },
	{ "", "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)" },
	{ "\nbody\n", "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 6 1)" },
	{ "no header here\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 16 1)" },
	{ "Content-Type: Text/HTML; Charset=UTF-8\n"
	  "Content-Transfer-Encoding: Quoted-Printable\n"
	  "Content-ID: <id@x>\n"
	  "Content-Description: \"a\" and \\b\n\n<p>\n",
	    "(\"text\" \"html\" (\"charset\" \"UTF-8\") \"<id@x>\" "
	    "\"\\\"a\\\" and \\\\b\" \"QUOTED-PRINTABLE\" 5 1)" },
	{ "Content-Type: image/png; name=\"a.png\"\n"
	  "Content-Transfer-Encoding: base64\n\nAAAA\n",
	    "(\"image\" \"png\" (\"name\" \"a.png\") NIL NIL \"BASE64\" 6)" },

	/* rule 2: an encoding is always a string */
	{ "Content-Type: text/plain\nContent-Transfer-Encoding:\n\n",
	    "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type: text/plain\n"
	  "Content-Transfer-Encoding: X-UUencode\n\n",
	    "(\"text\" \"plain\" NIL NIL NIL \"x-uuencode\" 0 0)" },
	{ "Content-Type: text/plain\n"
	  "Content-Transfer-Encoding: \"base64\" (x)\n\n",
	    "(\"text\" \"plain\" NIL NIL NIL \"BASE64\" 0 0)" },

	/* rules 3 and 4: no parameters are NIL, a subtype is always there */
	{ "Content-Type: text\n\n",
	    "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type: text/; a=b\n\n",
	    "(\"text\" \"plain\" (\"a\" \"b\") NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type: image\n\n",
	    "(\"application\" \"octet-stream\" NIL NIL NIL \"7BIT\" 0)" },
	{ "Content-Type: pdf\n\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type: /plain\n\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type:\n\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type: text/html\nContent-Type: image/png\n\n",
	    "(\"text\" \"html\" NIL NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type: (c) text (c) / (c) html (c) ; a=b\n\n",
	    "(\"text\" \"html\" (\"a\" \"b\") NIL NIL \"7BIT\" 0 0)" },
	{ "Content-Type: message/partial; id=\"a@b\"; number=1\n\n",
	    "(\"message\" \"partial\" (\"id\" \"a@b\" \"number\" \"1\") NIL "
	    "NIL \"7BIT\" 0)" },
	{ "Content-Type: message/external-body; access-type=x\n\n"
	  "Content-Type: image/png\n\n",
	    "(\"message\" \"external-body\" (\"access-type\" \"x\") NIL NIL "
	    "\"7BIT\" 27)" },

	{ "Content-Type: text/"
	  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	  "\n\n",
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)" },

	/* rule 1: a multipart without children, or that can't have any */
	{ "Content-Type: multipart/alternative; boundary=b\n\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0) "
	    "\"alternative\")" },
	{ "Content-Type: multipart/mixed; boundary=b\n\ntext\n--b--\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0) "
	    "\"mixed\")" },
	{ "Content-Type: multipart/mixed\n\n--b\n\ntext\n",
	    "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 13 3)" },
	{ "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n",
	    "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 4 1)" },
	{ "Content-Type: multipart; boundary=b\n\n--b\n\nx\n--b--\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 1 1) "
	    "\"mixed\")" },

	/* boundaries */
	{ "Content-Type: multipart/mixed; boundary=b\n\n"
	  "preamble\n--b\n\none\n\n--b\n\ntwo\n--b--\nepilogue\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 5 1)"
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) \"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\ntwo\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 10 2) "
	    "\"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n"
	  "--b \t\n\none\n--b--  \nx\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=\"b \"\n\n"
	  "--b\n\none\n--b--\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n"
	  "--b\n\none\n--bb\n --b\nx--b\n--b -\n--b--x\n--b--\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 36 6) "
	    "\"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b--\n",
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0)"
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0) \"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n"
	  "--b\nContent-Type: text/html\n--b\nno header\n--b--",
	    "((\"text\" \"html\" NIL NIL NIL \"7BIT\" 0 0)"
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 9 1) \"mixed\")" },
	/* one that is the beginning of another, both ways */
	{ "Content-Type: multipart/mixed; boundary=b\n\n"
	  "--b\nContent-Type: multipart/related; boundary=bb\n\n"
	  "--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n",
	    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"related\")(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=bb\n\n"
	  "--bb\nContent-Type: multipart/related; boundary=b\n\n"
	  "--b\n\none\n--b--\n--bb\n\ntwo\n--bb--\n",
	    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"related\")(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"mixed\")" },
	{ "Content-Type: multipart/mixed; boundary=\"b--\"\n\n"
	  "--b--\nContent-Type: multipart/related; boundary=b\n\n"
	  "--b\n\none\n--b--\n\ntwo\n--b----\n",
	    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"related\")(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"mixed\")" },
	/* the same one twice: the inner counts while it is open */
	{ "Content-Type: multipart/mixed; boundary=b\n\n"
	  "--b\nContent-Type: multipart/related; boundary=b\n\n"
	  "--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
	    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"related\")(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"mixed\")" },
	/* the outer ends the inner */
	{ "Content-Type: multipart/mixed; boundary=o\n\n"
	  "--o\nContent-Type: multipart/related; boundary=i\n\n"
	  "--i\n\none\n--o\n\ntwo\n--i\n\nthree\n--o--\n",
	    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) "
	    "\"related\")(\"text\" \"plain\" " ASCII
	    " NIL NIL \"7BIT\" 17 4) \"mixed\")" },

	/* messages in messages */
	{ "Content-Type: message/rfc822\n\n"
	  "From: a@b\nSubject: in\n\none\ntwo\n",
	    "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 36 (NIL \"in\" "
	    "((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) "
	    "((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL) "
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 10 2) 5)" },
	{ "Content-Type: message/global\n\n\nx\n",
	    "(\"message\" \"global\" NIL NIL NIL \"7BIT\" 5 (" NILS ") "
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 3 1) 2)" },
	{ "Content-Type: message/rfc822\n\n",
	    "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 0 (" NILS ") "
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 0 0) 0)" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n"
	  "--b\nContent-Type: message/rfc822\n\nSubject: x\n--b--\n",
	    "((\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 10 (NIL \"x\" "
	    "NIL "
	    "NIL NIL NIL NIL NIL NIL NIL) (\"text\" \"plain\" " ASCII
	    " NIL NIL \"7BIT\" 0 0) 1) \"mixed\")" },
	/* encoded: a leaf that grammar still takes */
	{ "Content-Type: message/rfc822\n"
	  "Content-Transfer-Encoding: base64\n\nU3ViamVjdDogeAo=\n",
	    "(\"message\" \"rfc822\" NIL NIL NIL \"BASE64\" 18 (" NILS ") "
	    "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" 0 0) 1)" },
	/* RFC 2046 section 5.1.5 */
	{ "Content-Type: multipart/digest; boundary=b\n\n"
	  "--b\n\nSubject: one\n\n1\n\n--b\nContent-Type: text/plain\n\n2\n"
	  "--b--\n",
	    "((\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 19 (NIL \"one\" "
	    "NIL NIL NIL NIL NIL NIL NIL NIL) (\"text\" \"plain\" " ASCII
	    " NIL NIL \"7BIT\" 3 1) 3)(\"text\" \"plain\" NIL NIL NIL "
	    "\"7BIT\" 1 1) \"digest\")" },
};

static void
every_structure_is_valid_and_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();

		assert_body(crlf(a, cases[i].message), cases[i].want);
	}
}

/* Sizes are those of the bytes that were given. */
static void
bare_line_feeds_are_lines_too(void **state)
{
	(void)state;
	assert_body(SPAN("Content-Type: multipart/mixed; boundary=b\n\n"
			 "--b\n\none\ntwo\n--b\n\nthree\r\n--b--\n"),
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 7 2)"
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 5 1) \"mixed\")");
	assert_body(SPAN("A: b\rC: d\r\n\r\none\rtwo\r\n"),
	    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 9 1)");
}

static const struct {
	const char *header;
	const char *want; /* behind the lines or the subtype */
	const char *utf8; /* if it isn't the same */
} fields[] = {
	{ "", "NIL NIL NIL NIL", NULL },
	{ "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\n"
	  "Content-Disposition: attachment\n"
	  "Content-Language: en\n"
	  "Content-Location: http://x/\n",
	    "\"Q2hlY2sgSW50ZWdyaXR5IQ==\" (\"attachment\" NIL) \"en\" "
	    "\"http://x/\"",
	    NULL },
	{ "Content-Language: en (c), de,, fr\n",
	    "NIL NIL (\"en\" \"de\" \"fr\") NIL", NULL },
	{ "Content-Language: ,\n", "NIL NIL NIL NIL", NULL },
	{ "Content-Disposition: Inline; FileName=\"a \\\"b\\\".txt\"\n",
	    "NIL (\"inline\" (\"filename\" \"a \\\"b\\\".txt\")) NIL "
	    "NIL",
	    NULL },
	{ "Content-Disposition: ; filename=a\n",
	    "NIL (\"attachment\" (\"filename\" \"a\")) NIL NIL", NULL },
	{ "Content-Disposition: attachment;\n"
	  " filename*0=\"a\"; filename*1=\"b\"\n",
	    "NIL (\"attachment\" (\"filename\" \"ab\")) NIL NIL", NULL },
	{ "Content-Disposition: attachment;\n"
	  " filename*0*=iso-8859-1'en'%a3; filename*1=\" x.txt\"\n",
	    "NIL (\"attachment\" (\"filename*\" "
	    "\"UTF-8''%C2%A3%20x.txt\")) NIL NIL",
	    "NIL (\"attachment\" (\"filename*\" \"\xc2\xa3 x.txt\")) "
	    "NIL NIL" },
	{ "Content-Disposition: attachment;\n"
	  " filename=\"=?utf-8?Q?a?=\"\n",
	    "NIL (\"attachment\" (\"filename\" \"=?utf-8?Q?a?=\")) "
	    "NIL NIL",
	    NULL },
	{ "Content-Disposition: attachment; "
	  "filename=\"J\xc3\xb6.txt\"\n",
	    "NIL (\"attachment\" (\"filename\" "
	    "\"=?UTF-8?Q?J=C3=B6=2Etxt?=\")) NIL NIL",
	    "NIL (\"attachment\" (\"filename\" \"J\xc3\xb6.txt\")) "
	    "NIL NIL" },
};

/* Rule 6, and rules 3, 7 and 8 in the extension data. */
static void
bodystructure_has_all_extension_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const char *prefix = "(\"text\" \"plain\" NIL NIL NIL \"7BIT\" "
				     "0 0 ";
		struct mime_summary s;
		struct span message;

		message = arena_printf(a, "Content-Type: text/plain\n%s\n",
		    fields[i].header);
		mime_summarise(a, message, &limits, &s);
		assert_string_equal(arena_str(a, s.bodystructure.wire),
		    (const char *)arena_printf(a, "%s%s)", prefix,
			fields[i].want)
			.p);
		assert_true(wire_is_body(s.bodystructure.wire, false, true));
		assert_int_equal(s.bodystructure.wire_utf8.n > 0,
		    fields[i].utf8 != NULL);
		assert_int_equal(s.body.wire_utf8.n, 0);
		if (fields[i].utf8 == NULL)
			continue;
		assert_string_equal(arena_str(a, s.bodystructure.wire_utf8),
		    (const char *)arena_printf(a, "%s%s)", prefix,
			fields[i].utf8)
			.p);
		assert_true(
		    wire_is_body(s.bodystructure.wire_utf8, true, true));
	}
}

static void
multiparts_have_their_extension_data_too(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_summary s;

	(void)state;
	mime_summarise(a,
	    SPAN("Content-Type: multipart/mixed; boundary=\"b\"; x=y\n"
		 "Content-Disposition: inline\n\n"
		 "--b\n\nx\n--b--\n"),
	    &limits, &s);
	assert_span(s.bodystructure.wire,
	    "((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 1 1 NIL NIL NIL "
	    "NIL) \"mixed\" (\"boundary\" \"b\" \"x\" \"y\") (\"inline\" NIL) "
	    "NIL NIL)");
}

/* What is nested too deeply, or too much, is a leaf; nothing fails. */
static void
limits_make_leaves(void **state)
{
	static const struct {
		struct mime_limits limits;
		const char *want;
	} at[] = {
		{ { 9, 9 },
		    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 1 1)"
		    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 1 1) "
		    "\"related\")(\"text\" \"plain\" " ASCII
		    " NIL NIL \"7BIT\" 1 1) \"mixed\")" },
		{ { 2, 9 },
		    "((\"application\" \"octet-stream\" NIL NIL NIL \"7BIT\" "
		    "19)(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 1 1) "
		    "\"mixed\")" },
		{ { 1, 9 },
		    "(\"application\" \"octet-stream\" NIL NIL NIL \"7BIT\" "
		    "82)" },
		{ { 0, 0 },
		    "(\"application\" \"octet-stream\" NIL NIL NIL \"7BIT\" "
		    "82)" },
		{ { 9, 4 },
		    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 1 1)"
		    "(\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 1 1) "
		    "\"related\") \"mixed\")" },
		{ { 9, 3 },
		    "(((\"text\" \"plain\" " ASCII " NIL NIL \"7BIT\" 28 9) "
		    "\"related\") \"mixed\")" },
		{ { 9, 2 },
		    "((\"application\" \"octet-stream\" NIL NIL NIL \"7BIT\" "
		    "33) \"mixed\")" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(at); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mime_summary s;

		mime_summarise(a,
		    SPAN("Content-Type: multipart/mixed; boundary=o\n\n"
			 "--o\nContent-Type: multipart/related; boundary=i\n\n"
			 "--i\n\n1\n--i\n\n2\n--i--\n--o\n\n3\n--o--\n"),
		    &at[i].limits, &s);
		assert_string_equal(arena_str(a, s.body.wire), at[i].want);
		assert_true(wire_is_body(s.bodystructure.wire, false, true));
	}
}

/* Rule 46.  Each of these would take minutes, or the stack, otherwise. */
static void
hostile_structures_are_bounded(void **state)
{
	static const struct {
		const char *header;
		const char *again;
	} attacks[] = {
		{ "", "Content-Type: message/rfc822\n\n" },
		{ "", "Content-Type: multipart/mixed; boundary=b\n\n--b\n" },
		{ "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n" },
		{ "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n" },
		{ "Content-Type: multipart/mixed; boundary=b\n\n", "--c\n" },
		{ "Content-Type: multipart/digest; boundary=b\n\n",
		    "--b\n\nContent-Type: multipart/digest; boundary=b\n\n" },
		{ "", "To: a\n" },
		{ "", "To: a@b,c@d\n\n" },
		{ "To: ", "a@b," },
		{ "Content-Type: text/plain", ";a*1=b" },
		{ "Content-Language: a", ",b" },
		{ "Subject: ", "\xe4 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(attacks); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf m = { 0 };
		struct mime_summary s;

		buf_str(&m, attacks[i].header);
		while (m.n < 2000000)
			buf_str(&m, attacks[i].again);
		mime_summarise(a, buf_span(&m), &limits, &s);
		assert_in_range(s.part_count, 1, LIMIT_MIME_PARTS);
		assert_true(wire_is_body(s.bodystructure.wire, false, true));
		assert_true(wire_is_envelope(s.envelope.wire, false));
	}
}

/* Small headers of which each byte would make many of a response. */
static void
structures_do_not_grow_beyond_their_bound(void **state)
{
	static const char *const headers[] = { "\nTo: ", "\nTo: g:",
		"\nSubject: ", ";a=" };
	static const char *const again[] = { "\xe4@b,", "\xe4@b,", "\xe4",
		"\xe4" };

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf m = { 0 };
		struct mime_summary s;

		buf_str(&m, "Content-Type: multipart/mixed; boundary=b\n\n");
		while (m.n < 4000000) {
			buf_str(&m, "--b\nContent-Type: message/rfc822");
			buf_str(&m, headers[i]);
			for (int j = 0; j < 5000; j++)
				buf_str(&m, again[i]);
			buf_str(&m, "\n\n");
		}
		mime_summarise(a, buf_span(&m), &limits, &s);
		assert_true(wire_is_body(s.bodystructure.wire, false, true));
		assert_true(s.bodystructure.wire.n <=
			    LIMIT_MIME_STRUCTURE + (size_t)s.part_count * 400 +
				LIMIT_MIME_PARAM_BYTES * (size_t)4);
	}
}

/* Reading them costs, whatever comes of it. */
static void
headers_of_messages_within_are_read_up_to_a_bound(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf m = { 0 };
	size_t envelopes = 0;
	struct mime_summary s;
	struct span rest;

	(void)state;
	buf_str(&m, "Content-Type: multipart/digest; boundary=b\n\n");
	for (int i = 0; i < 12; i++) {
		size_t end = m.n + LIMIT_MIME_INNER / 10;

		buf_str(&m, "--b\n\nSubject: here\n");
		while (m.n < end)
			buf_str(&m, "X: y\n");
		buf_str(&m, "\n");
	}
	mime_summarise(a, buf_span(&m), &limits, &s);
	assert_true(wire_is_body(s.bodystructure.wire, false, true));
	assert_int_equal(s.part_count, 1 + 12 * 2);
	for (rest = s.bodystructure.wire; rest.n > 0; rest = span_from(rest, 1))
		envelopes += span_starts(rest, SPAN("\"here\""));
	assert_int_equal(envelopes, 10);
}

/* As many boundaries open as there may be, and lines that look like one. */
static void
boundary_lines_cost_little_at_any_depth(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf m = { 0 };
	struct mime_summary s;

	(void)state;
	for (int i = 10; i < 10 + LIMIT_MIME_DEPTH; i++)
		buf_printf(&m,
		    "Content-Type: multipart/mixed; boundary=b%d\n\n"
		    "--b%d\n",
		    i, i);
	while (m.n < 4000000)
		buf_str(&m, "--b9\n");
	mime_summarise(a, buf_span(&m), &limits, &s);
	assert_int_equal(s.part_count, LIMIT_MIME_DEPTH);
	assert_true(wire_is_body(s.bodystructure.wire, false, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_structure_is_valid_and_right),
		cmocka_unit_test(bare_line_feeds_are_lines_too),
		cmocka_unit_test(bodystructure_has_all_extension_data),
		cmocka_unit_test(multiparts_have_their_extension_data_too),
		cmocka_unit_test(limits_make_leaves),
		cmocka_unit_test(hostile_structures_are_bounded),
		cmocka_unit_test(structures_do_not_grow_beyond_their_bound),
		cmocka_unit_test(
		    headers_of_messages_within_are_read_up_to_a_bound),
		cmocka_unit_test(boundary_lines_cost_little_at_any_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
