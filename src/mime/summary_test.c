#include "base/test.h"

#include "base/limits.h"
#include "mime/summary.h"
#include "mime/wire_check_body.h"

static const struct mime_limits limits = { LIMIT_MIME_DEPTH, LIMIT_MIME_PARTS };

/* The header of RFC 3501's example, and RFC 9051's. */
static void
the_example_of_the_rfc_is_what_it_says(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_summary s;

	(void)state;
	mime_summarise(a,
	    SPAN("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
		 "From: Terry Gray <gray@cac.washington.edu>\r\n"
		 "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
		 "To: imap@cac.washington.edu\r\n"
		 "cc: minutes@CNRI.Reston.VA.US, John Klensin "
		 "<KLENSIN@MIT.EDU>\r\n"
		 "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
		 "MIME-Version: 1.0\r\n"
		 "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n"),
	    &limits, &s);
	assert_span(s.envelope.wire,
	    "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" "
	    "\"IMAP4rev1 WG mtg summary and minutes\" "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
	    "((NIL NIL \"imap\" \"cac.washington.edu\")) "
	    "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")"
	    "(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
	    "\"<B27397-0100000@cac.washington.edu>\")");
	assert_span(s.body.wire,
	    "(\"text\" \"plain\" (\"charset\" \"US-ASCII\") NIL NIL \"7BIT\" "
	    "0 0)");
	assert_int_equal(s.envelope.wire_utf8.n, 0);
	assert_int_equal(s.date.wall, 837595405);
	assert_int_equal(s.date.zone_secs, -7 * 3600);
}

#define A "((NIL NIL \"a\" \"b\"))"

/* Rules 7 to 10. */
static const struct {
	const char *header;
	const char *want;
	const char *utf8; /* if it isn't the same */
} envelopes[] = {
	{ "", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", NULL },
	{ "Date:\r\nSubject:\r\nFrom:\r\nTo:\r\nIn-Reply-To:\r\n"
	  "Message-ID:\r\n",
	    "(\"\" \"\" NIL NIL NIL NIL NIL NIL \"\" \"\")", NULL },
	{ "From: a@b\r\n", "(NIL NIL " A " " A " " A " NIL NIL NIL NIL NIL)",
	    NULL },
	{ "From: a@b\r\nSender:\r\nReply-To: c@d\r\n",
	    "(NIL NIL " A " " A " ((NIL NIL \"c\" \"d\")) NIL NIL NIL NIL "
	    "NIL)",
	    NULL },
	{ "Sender: a@b\r\n", "(NIL NIL NIL " A " NIL NIL NIL NIL NIL NIL)",
	    NULL },
	{ "To: g: a@b, \"X \\\"Y\\\"\" <c@d>;, e\r\n",
	    "(NIL NIL NIL NIL NIL ((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")"
	    "(\"X \\\"Y\\\"\" NIL \"c\" \"d\")(NIL NIL NIL NIL)"
	    "(NIL NIL \"e\" \"MISSING_DOMAIN\")) NIL NIL NIL NIL)",
	    NULL },
	{ "Cc: <@x,@y:a@b>\r\nBcc: undisclosed:;\r\n",
	    "(NIL NIL NIL NIL NIL NIL ((NIL \"@x,@y\" \"a\" \"b\")) "
	    "((NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL)) NIL NIL)",
	    NULL },
	/* RFC 5322 section 4.5.3; of the others the first */
	{ "To: a@b\r\nTo: c@d\r\nTo: e@f\r\nFrom: a@b\r\nFrom: x@y\r\n"
	  "Subject: 1\r\nSubject: 2\r\n",
	    "(NIL \"1\" " A " " A " " A " ((NIL NIL \"a\" \"b\")"
	    "(NIL NIL \"c\" \"d\")(NIL NIL \"e\" \"f\")) NIL NIL NIL NIL)",
	    NULL },
	{ "Subject: a \"b\" \\c\r\n",
	    "(NIL \"a \\\"b\\\" \\\\c\" NIL NIL NIL NIL NIL NIL NIL NIL)",
	    NULL },
	{ "Subject: one\r\n two\r\n\tthree \r\n",
	    "(NIL \"one two three\" NIL NIL NIL NIL NIL NIL NIL NIL)", NULL },
	{ "Subject: =?utf-8?Q?=C3=A4?= b\r\n",
	    "(NIL \"=?utf-8?Q?=C3=A4?= b\" NIL NIL NIL NIL NIL NIL NIL NIL)",
	    NULL },
	{ "Subject: a\x01"
	  "b\x7f\r\n",
	    "(NIL {4}\r\na\x01"
	    "b\x7f NIL NIL NIL NIL NIL NIL NIL NIL)",
	    NULL },
	{ "subject : a\rb\r\nno colon\r\nDATE:x\r\n",
	    "(\"x\" \"ab\" NIL NIL NIL NIL NIL NIL NIL NIL)", NULL },

	/* 8-bit text, also such as isn't UTF-8 */
	{ "Subject: J\xc3\xb6rg\r\n",
	    "(NIL \"=?UTF-8?Q?J=C3=B6rg?=\" NIL NIL NIL NIL NIL NIL NIL NIL)",
	    "(NIL \"J\xc3\xb6rg\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
	{ "Subject: J\xf6rg\r\n",
	    "(NIL \"=?UTF-8?Q?J=C3=B6rg?=\" NIL NIL NIL NIL NIL NIL NIL NIL)",
	    "(NIL \"J\xc3\xb6rg\" NIL NIL NIL NIL NIL NIL NIL NIL)" },
	{ "Message-ID: <\xff@x>\r\n",
	    "(NIL NIL NIL NIL NIL NIL NIL NIL NIL "
	    "\"=?UTF-8?B?PMO/QHg+?=\")",
	    "(NIL NIL NIL NIL NIL NIL NIL NIL NIL \"<\xc3\xbf@x>\")" },
	{ "To: J\xc3\xb6rg X <a@b>, G\xc3\xbc: ;\r\n",
	    "(NIL NIL NIL NIL NIL ((\"=?UTF-8?Q?J=C3=B6rg?= X\" NIL \"a\" "
	    "\"b\")(NIL NIL \"=?UTF-8?B?R8O8?=\" NIL)(NIL NIL NIL NIL)) NIL "
	    "NIL NIL NIL)",
	    "(NIL NIL NIL NIL NIL ((\"J\xc3\xb6rg X\" NIL \"a\" \"b\")"
	    "(NIL NIL \"G\xc3\xbc\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL)" },
	/* RFC 6858: an address that can't be said can't be used */
	{ "To: J <j\xc3\xb6@x>, j@\xc3\xa4.de\r\n",
	    "(NIL NIL NIL NIL NIL "
	    "((\"J\" NIL \"invalid\" \"internationalized-address.invalid\")"
	    "(\"=?UTF-8?B?akDDpC5kZQ==?=\" NIL \"invalid\" "
	    "\"internationalized-address.invalid\")) NIL NIL NIL NIL)",
	    "(NIL NIL NIL NIL NIL ((\"J\" NIL \"j\xc3\xb6\" \"x\")"
	    "(NIL NIL \"j\" \"\xc3\xa4.de\")) NIL NIL NIL NIL)" },
	{ "To: J <@\xe4:a@b>\r\n",
	    "(NIL NIL NIL NIL NIL "
	    "((\"J\" NIL \"invalid\" \"internationalized-address.invalid\"))"
	    " NIL NIL NIL NIL)",
	    "(NIL NIL NIL NIL NIL ((\"J\" \"@\xc3\xa4\" \"a\" \"b\")) NIL NIL "
	    "NIL NIL)" },
};

static void
envelopes_have_their_ten_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(envelopes); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mime_summary s;
		struct span m =
		    arena_printf(a, "%s\r\nbody\r\n", envelopes[i].header);

		mime_summarise(a, m, &limits, &s);
		assert_string_equal(arena_str(a, s.envelope.wire),
		    envelopes[i].want);
		assert_true(wire_is_envelope(s.envelope.wire, false));
		assert_string_equal(arena_str(a, s.envelope.wire_utf8),
		    envelopes[i].utf8 == NULL ? "" : envelopes[i].utf8);
		assert_int_equal(s.has_8bit_header, envelopes[i].utf8 != NULL);
	}
}

/* Rule 45, and a string that is too long for quotes. */
static void
strings_hold_what_they_may(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf m = { 0 };
	struct mime_summary s;

	(void)state;
	mime_summarise(a, SPAN("Subject: a\0b\r\n\r\nc\0d"), &limits, &s);
	assert_span(s.envelope.wire,
	    "(NIL \"ab\" NIL NIL NIL NIL NIL NIL NIL NIL)");
	assert_true(s.has_nul);

	buf_str(&m, "Subject: ");
	for (int i = 0; i < 2000; i++)
		buf_byte(&m, 'x');
	mime_summarise(a, buf_span(&m), &limits, &s);
	assert_true(span_starts(s.envelope.wire, SPAN("(NIL {2000}\r\nxxx")));
	assert_true(wire_is_envelope(s.envelope.wire, false));
	assert_false(s.has_nul);
}

/* A header without an end is one that ends: what is behind is text. */
static void
an_endless_header_is_cut(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf m = { 0 };
	struct mime_summary s;

	(void)state;
	while (m.n < LIMIT_HEADER_BYTES + 1000)
		buf_str(&m, "X: y\r\n");
	buf_str(&m, "Subject: late\r\n");
	mime_summarise(a, buf_span(&m), &limits, &s);
	assert_in_range(s.parts[0].header_bytes, LIMIT_HEADER_BYTES,
	    LIMIT_HEADER_BYTES + 6);
	assert_int_equal(s.parts[0].header_bytes + s.parts[0].body_bytes, m.n);
	assert_span(s.envelope.wire,
	    "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

/* Of a field that has no end either, so much is kept. */
static void
an_endless_field_is_cut(void **state)
{
	static const char *const fields[] = { "Subject: ", "From: ",
		"Message-ID: <", "Content-ID: ", "Content-Description: " };

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf m = { 0 };
		struct mime_summary s;

		buf_str(&m, fields[i]);
		while (m.n < LIMIT_HEADER_BYTES * (size_t)3)
			buf_str(&m, "abcdefg ");
		buf_str(&m, "\r\n\r\n");
		mime_summarise(a, buf_span(&m), &limits, &s);
		assert_int_equal(s.parts[0].header_bytes, m.n - 2);
		assert_in_range(s.envelope.wire.n, 1,
		    LIMIT_HEADER_BYTES + 1000);
		assert_in_range(s.bodystructure.wire.n, 1,
		    LIMIT_HEADER_BYTES + 1000);
	}
}

static void
sort_keys_are_those_of_the_rfcs(void **state)
{
	static const struct {
		const char *header;
		const char *from; /* addr-mailbox, then RFC 5957 */
		const char *display_from;
	} cases[] = {
		{ "", "", "" },
		{ "From: Joe <joe@x>, Bob <bob@y>\r\n", "joe", "Joe" },
		{ "From: joe@x\r\n", "joe", "joe@x" },
		{ "From: joe\r\n", "joe", "joe" },
		{ "From: =?utf-8?Q?J=C3=B6?= =?utf-8?Q?rg?= <j@x>\r\n", "j",
		    "J\xc3\xb6rg" },
		{ "From: \"=?utf-8?Q?a?=\" <j@x>\r\n", "j", "a" },
		{ "From: =?utf-8?Q?_?= <j@x>\r\n", "j", "j@x" },
		{ "From: J\xf6rg <j\xf6@x>\r\n", "j\xc3\xb6", "J\xc3\xb6rg" },
		{ "From: Friends: a@b;\r\n", "Friends", "Friends" },
		{ "From: (c) <>\r\n", "", "c" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct mime_summary s;

		mime_summarise(a, span_str(cases[i].header), &limits, &s);
		assert_string_equal(arena_str(a, s.sort_from), cases[i].from);
		assert_string_equal(arena_str(a, s.display_from),
		    cases[i].display_from);
	}
}

static void
the_other_keys_are_read_likewise(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_summary s;

	(void)state;
	mime_summarise(a,
	    SPAN("To: T <to@x>\r\nCc: C <cc@x>\r\nDate: nonsense\r\n"
		 "Subject: Re: [x] =?utf-8?Q?=C3=A4?=\r\n\r\n"),
	    &limits, &s);
	assert_span(s.sort_to, "to");
	assert_span(s.display_to, "T");
	assert_span(s.sort_cc, "cc");
	assert_span(s.base_subject, "\xc3\xa4");
	assert_true(s.is_reply);
	assert_false(s.has_date);
}

static void
keys_have_a_bound(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf m = { 0 };
	struct mime_summary s;

	(void)state;
	buf_str(&m, "From: ");
	for (int i = 0; i < 3000; i++)
		buf_str(&m, "\xc3\xa4");
	buf_str(&m, "@x\r\n\r\n");
	mime_summarise(a, buf_span(&m), &limits, &s);
	assert_int_equal(s.sort_from.n, LIMIT_SORT_KEY);
	assert_int_equal(s.display_from.n, LIMIT_SORT_KEY);
}

static void
ids_thread_as_rfc_5256_says(void **state)
{
	static const struct {
		const char *header;
		const char *id;
		const char *references; /* each with a | behind */
	} cases[] = {
		{ "", "", "" },
		{ "Message-ID: <\"a\"@b>\r\n", "a@b", "" },
		{ "Message-ID: a@b\r\n", "a@b", "" },
		{ "Message-ID: a b@c\r\n", "", "" },
		{ "Message-ID: a\r\n", "", "" },
		{ "Message-ID: <a\r\n", "", "" },
		{ "References: <a@b>\r\n <c@d>\r\nIn-Reply-To: <e@f>\r\n", "",
		    "a@b|c@d|" },
		{ "References: junk\r\nIn-Reply-To: <e@f> <g@h>\r\n", "",
		    "e@f|" },
		{ "In-Reply-To: Your mail of Monday <e@f>\r\n", "", "e@f|" },
		{ "In-Reply-To: nothing\r\n", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct mime_summary s;

		mime_summarise(a, span_str(cases[i].header), &limits, &s);
		for (uint32_t j = 0; j < s.reference_count; j++)
			buf_printf(&got, "%.*s|", SPAN_ARG(s.references[j]));
		buf_byte(&got, '\0');
		assert_string_equal(arena_str(a, s.message_id), cases[i].id);
		assert_string_equal((char *)got.p, cases[i].references);
	}
}

static const char two_parts[] =
    "Content-Type: Multipart/Mixed; boundary=b\n"
    "Content-Transfer-Encoding: base64\n\n"
    "--b\nContent-Type: TEXT/Plain; charset=\"UTF-8\"\n"
    "Content-Disposition: Attachment\n\nx\n"
    "--b\nContent-Type: image/png\n"
    "Content-Transfer-Encoding: x\n\n\n--b--\n";

static void
parts_say_what_they_are(void **state)
{
	static const struct {
		const char *type;
		const char *subtype;
		const char *charset;
		enum mime_encoding encoding;
		bool is_text;
		bool is_attachment;
	} want[] = {
		/* which can't be encoded in base64 */
		{ "multipart", "mixed", "", MIME_BINARY, false, false },
		{ "text", "plain", "utf-8", MIME_7BIT, true, true },
		{ "image", "png", "", MIME_UNKNOWN_ENCODING, false, false },
	};
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_summary s;

	(void)state;
	mime_summarise(a, SPAN(two_parts), &limits, &s);
	assert_int_equal(s.part_count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		const struct mime_part *p = &s.parts[i];

		assert_string_equal(arena_str(a, p->type), want[i].type);
		assert_string_equal(arena_str(a, p->subtype), want[i].subtype);
		assert_string_equal(arena_str(a, p->charset), want[i].charset);
		assert_int_equal(p->encoding, want[i].encoding);
		assert_int_equal(p->is_text, want[i].is_text);
		assert_int_equal(p->is_attachment, want[i].is_attachment);
	}
}

static void
parts_are_linked_in_their_order(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_summary s;

	(void)state;
	mime_summarise(a, SPAN(two_parts), &limits, &s);
	assert_int_equal(s.parts[0].parent, MIME_NONE);
	assert_int_equal(s.parts[0].first_child, 1);
	assert_int_equal(s.parts[1].parent, 0);
	assert_int_equal(s.parts[1].next, 2);
	assert_int_equal(s.parts[2].parent, 0);
	assert_int_equal(s.parts[2].next, MIME_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc_is_what_it_says),
		cmocka_unit_test(envelopes_have_their_ten_fields),
		cmocka_unit_test(strings_hold_what_they_may),
		cmocka_unit_test(an_endless_header_is_cut),
		cmocka_unit_test(an_endless_field_is_cut),
		cmocka_unit_test(sort_keys_are_those_of_the_rfcs),
		cmocka_unit_test(the_other_keys_are_read_likewise),
		cmocka_unit_test(keys_have_a_bound),
		cmocka_unit_test(ids_thread_as_rfc_5256_says),
		cmocka_unit_test(parts_say_what_they_are),
		cmocka_unit_test(parts_are_linked_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
