#include "base/test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "mime/summary.h"

static const struct mime_limits limits = { LIMIT_MIME_DEPTH, LIMIT_MIME_PARTS };

static void
assert_preview(struct span message, const char *want)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_summary s;

	mime_summarise(a, message, &limits, &s);
	assert_string_equal(arena_str(a, s.preview), want);
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"
#define ALT   "Content-Type: multipart/alternative; boundary=b\n\n"
#define PLAIN "--b\nContent-Type: text/plain\n\n"
#define HTML  "--b\nContent-Type: text/html\n\n"

static const struct {
	const char *message;
	const char *want;
} cases[] = {
	{ "Subject: x\n\nHello\n", "Hello" },
	{ "\n  Hello,\r\n\r\n\tworld  \n\n", "Hello, world" },
	{ "Subject: x\n\n", "" },
	{ "", "" },

	/* decoded and converted */
	{ "Content-Type: text/plain; charset=iso-8859-1\n"
	  "Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe =\nan",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e an" },
	{ "Content-Type: text/plain; charset=koi8-r\n"
	  "Content-Transfer-Encoding: base64\n\n8NLJ18XU\n",
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
	{ "Content-Type: text/plain; charset=x-nowhere\n\nGr\xfc\xdf"
	  "e\n",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e" },
	{ "\nGr\xfc\xdf"
	  "e\n",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e" },
	{ "\nGr\xc3\xbc\xc3\x9f"
	  "e\n",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e" },

	/* HTML */
	{ "Content-Type: text/html; charset=utf-8\n\n"
	  "<html><head><title>T</title><style>p{}</style></head>"
	  "<body><p>Gr&uuml;&szlig;e</p><p>an &amp; von</p>",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e an & von" },

	/* which part */
	{ ALT HTML "<b>html</b>\n" PLAIN "plain\n--b--\n", "plain" },
	{ ALT PLAIN "plain\n" HTML "<b>html</b>\n--b--\n", "plain" },
	{ ALT PLAIN " \n\n" HTML "<b>html</b>\n--b--\n", "html" },
	{ MIXED HTML "<b>html</b>\n" PLAIN "plain\n--b--\n", "html" },
	{ MIXED PLAIN "\n" PLAIN "second\n--b--\n", "second" },
	{ MIXED "--b\nContent-Type: text/plain\n"
		"Content-Disposition: attachment\n\nattached\n" PLAIN
		"text\n--b--\n",
	    "text" },
	{ MIXED "--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n" PLAIN
		"text\n--b--\n",
	    "text" },
	{ MIXED "--b\nContent-Type: message/rfc822\n\nSubject: x\n\n"
		"forwarded\n--b--\n",
	    "forwarded" },
	{ "Content-Type: image/png\n\nPNG\n", "" },
	{ "Content-Type: multipart/encrypted; boundary=b\n\n"
	  "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
	  "--b\nContent-Type: application/octet-stream\n\nxxx\n--b--\n",
	    "" },

	/* what can't be seen: padding, marks, controls */
	{ "Content-Type: text/html; charset=utf-8\n\n"
	  "a&nbsp;&zwnj;&nbsp;&zwnj;&#847;&shy;&#8199;b",
	    "a b" },
	{ "Content-Type: text/html\n\n&#xfeff;a&#x202e;b\x01\x02"
	  "c",
	    "ab c" },
	{ "\na\xe2\x80\x8b"
	  "b\xe3\x80\x80"
	  "c\xe2\xa0\x80"
	  "d",
	    "ab c d" },
	/* but a joiner in an emoji or a word stays */
	{ "\n\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac",
	    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac" },
};

static void
previews_show_the_first_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_preview(span_str(cases[i].message), cases[i].want);
}

/* RFC 8970 section 3.3: characters, not octets. */
static void
a_preview_has_two_hundred_characters(void **state)
{
	static const char *const letters[] = { "x", "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80" };

	(void)state;
	for (size_t i = 0; i < COUNT(letters); i++) {
		CLEANUP(buf_clear) struct buf message = { 0 };
		CLEANUP(buf_clear) struct buf want = { 0 };

		buf_str(&message,
		    "Content-Type: text/plain; charset=utf-8\n\n");
		for (int j = 0; j < 5000; j++)
			buf_str(&message, letters[i]);
		for (int j = 0; j < LIMIT_PREVIEW; j++)
			buf_str(&want, letters[i]);
		buf_byte(&want, '\0');
		assert_preview(buf_span(&message), (char *)want.p);
	}
}

/* More than is looked at first, and more than is looked at. */
static void
text_far_behind_is_found_up_to_a_bound(void **state)
{
	static const struct {
		size_t style;
		const char *want;
	} far[] = { { 3000, "seen" }, { 5000, "seen" }, { 300000, "seen" },
		{ LIMIT_PREVIEW_SOURCE * UINT64_C(2), "" } };

	(void)state;
	for (size_t i = 0; i < COUNT(far); i++) {
		CLEANUP(buf_clear) struct buf m = { 0 };

		buf_str(&m, "Content-Type: text/html\n\n<style>");
		while (m.n < far[i].style)
			buf_str(&m, "p { color: red }\n");
		buf_str(&m, "</style><p>seen</p>");
		assert_preview(buf_span(&m), far[i].want);
	}
}

/* Newsletters fill what follows their first line with what shows nothing. */
static void
text_behind_much_that_shows_nothing_is_found(void **state)
{
	CLEANUP(buf_clear) struct buf m = { 0 };

	(void)state;
	buf_str(&m, "Content-Type: text/html\n\n<p>first</p>");
	while (m.n < 20000)
		buf_str(&m, "&#847;&zwnj;&nbsp;&#8199;&shy;");
	buf_str(&m, "<p>second</p>");
	assert_preview(buf_span(&m), "first second");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(previews_show_the_first_text),
		cmocka_unit_test(a_preview_has_two_hundred_characters),
		cmocka_unit_test(text_far_behind_is_found_up_to_a_bound),
		cmocka_unit_test(text_behind_much_that_shows_nothing_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
