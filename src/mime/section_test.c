#include "base/test.h"

#include "base/limits.h"
#include "mime/section.h"

/* The example of RFC 9051 section 6.4.5.1. */
static const char complex[] =
    "Subject: top\r\n"
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    "--a\r\nContent-Type: text/plain\r\n\r\nOne\r\n"
    "--a\r\nContent-Type: application/octet-stream\r\n\r\nTwo\r\n"
    "--a\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: three\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nX: 3.1\r\n\r\nThree-one\r\n"
    "--b\r\nContent-Type: application/x\r\n\r\nThree-two\r\n"
    "--b--\r\n"
    "--a\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
    "--c\r\nContent-Type: image/gif\r\n\r\nFour-one\r\n"
    "--c\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: four-two\r\n"
    "Content-Type: multipart/mixed; boundary=d\r\n\r\n"
    "--d\r\n\r\n4.2.1\r\n"
    "--d\r\nContent-Type: multipart/alternative; boundary=e\r\n\r\n"
    "--e\r\n\r\n4.2.2.1\r\n"
    "--e\r\nContent-Type: text/richtext\r\n\r\n4.2.2.2\r\n"
    "--e--\r\n--d--\r\n--c--\r\n--a--\r\n";

static const char single[] = "Subject: one\r\n\r\nbody\r\n";

static const char forwarded[] = "Content-Type: message/rfc822\r\n\r\n"
				"Subject: in\r\n\r\nbody\r\n";

static const char twice[] = "Content-Type: message/rfc822\r\n\r\n"
			    "Content-Type: message/rfc822\r\n\r\n"
			    "Subject: in\r\n\r\nbody\r\n";

static const char encoded[] = "Content-Type: message/rfc822\r\n"
			      "Content-Transfer-Encoding: base64\r\n\r\n"
			      "U3ViamVjdDogeAo=\r\n";

static const char none[] = "NOT FOUND";

#define PATH(...) \
	{ \
		__VA_ARGS__ \
	}

static const struct {
	const char *message;
	uint32_t path[5];
	uint32_t depth;
	enum section_text text;
	const char *want;
} cases[] = {
	{ complex, PATH(0), 0, SECTION_ALL, complex },
	{ complex, PATH(0), 0, SECTION_HEADER,
	    "Subject: top\r\n"
	    "Content-Type: multipart/mixed; boundary=a\r\n\r\n" },
	{ complex, PATH(1), 1, SECTION_ALL, "One" },
	{ complex, PATH(1), 1, SECTION_MIME,
	    "Content-Type: text/plain\r\n\r\n" },
	{ complex, PATH(2), 1, SECTION_ALL, "Two" },
	{ complex, PATH(3), 1, SECTION_HEADER,
	    "Subject: three\r\n"
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n" },
	{ complex, PATH(3), 1, SECTION_HEADER_FIELDS,
	    "Subject: three\r\n"
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n" },
	{ complex, PATH(3), 1, SECTION_TEXT,
	    "--b\r\nX: 3.1\r\n\r\nThree-one\r\n"
	    "--b\r\nContent-Type: application/x\r\n\r\nThree-two\r\n"
	    "--b--" },
	{ complex, PATH(3), 1, SECTION_MIME,
	    "Content-Type: message/rfc822\r\n\r\n" },
	{ complex, PATH(3, 1), 2, SECTION_ALL, "Three-one" },
	{ complex, PATH(3, 1), 2, SECTION_MIME, "X: 3.1\r\n\r\n" },
	{ complex, PATH(3, 2), 2, SECTION_ALL, "Three-two" },
	{ complex, PATH(4, 1), 2, SECTION_ALL, "Four-one" },
	{ complex, PATH(4, 1), 2, SECTION_MIME,
	    "Content-Type: image/gif\r\n\r\n" },
	{ complex, PATH(4, 2), 2, SECTION_HEADER,
	    "Subject: four-two\r\n"
	    "Content-Type: multipart/mixed; boundary=d\r\n\r\n" },
	{ complex, PATH(4, 2, 1), 3, SECTION_ALL, "4.2.1" },
	{ complex, PATH(4, 2, 2, 1), 4, SECTION_ALL, "4.2.2.1" },
	{ complex, PATH(4, 2, 2, 2), 4, SECTION_ALL, "4.2.2.2" },
	{ complex, PATH(4, 2, 2, 2), 4, SECTION_MIME,
	    "Content-Type: text/richtext\r\n\r\n" },

	{ complex, PATH(0), 1, SECTION_ALL, none },
	{ complex, PATH(5), 1, SECTION_ALL, none },
	{ complex, PATH(UINT32_MAX), 1, SECTION_ALL, none },
	{ complex, PATH(1, 1), 2, SECTION_ALL, none },
	{ complex, PATH(3, 3), 2, SECTION_ALL, none },
	{ complex, PATH(3, 0), 2, SECTION_ALL, none },
	{ complex, PATH(4, 2, 2, 2, 1), 5, SECTION_ALL, none },
	{ complex, PATH(1), 1, SECTION_HEADER, none },
	{ complex, PATH(1), 1, SECTION_TEXT, none },
	{ complex, PATH(4), 1, SECTION_HEADER, none },

	/* every message has a part 1 */
	{ single, PATH(0), 0, SECTION_ALL, single },
	{ single, PATH(0), 0, SECTION_TEXT, "body\r\n" },
	{ single, PATH(1), 1, SECTION_ALL, "body\r\n" },
	{ single, PATH(1), 1, SECTION_MIME, "Subject: one\r\n\r\n" },
	{ single, PATH(1), 1, SECTION_HEADER, none },
	{ single, PATH(2), 1, SECTION_ALL, none },
	{ single, PATH(1, 1), 2, SECTION_ALL, none },

	{ forwarded, PATH(1), 1, SECTION_ALL, "Subject: in\r\n\r\nbody\r\n" },
	{ forwarded, PATH(1), 1, SECTION_HEADER, "Subject: in\r\n\r\n" },
	{ forwarded, PATH(1), 1, SECTION_TEXT, "body\r\n" },
	{ forwarded, PATH(1, 1), 2, SECTION_ALL, "body\r\n" },
	{ forwarded, PATH(1, 1), 2, SECTION_MIME, "Subject: in\r\n\r\n" },
	{ forwarded, PATH(1, 1, 1), 3, SECTION_ALL, none },
	{ forwarded, PATH(2), 1, SECTION_ALL, none },
	{ twice, PATH(1, 1), 2, SECTION_HEADER, "Subject: in\r\n\r\n" },
	{ twice, PATH(1, 1, 1), 3, SECTION_ALL, "body\r\n" },
	{ encoded, PATH(1), 1, SECTION_ALL, "U3ViamVjdDogeAo=\r\n" },
	{ encoded, PATH(1), 1, SECTION_HEADER, none },
	{ encoded, PATH(1, 1), 2, SECTION_ALL, none },
	{ "", PATH(0), 0, SECTION_ALL, "" },
	{ "", PATH(1), 1, SECTION_ALL, "" },
};

static void
sections_are_found_where_they_are(void **state)
{
	static const struct mime_limits limits = { LIMIT_MIME_DEPTH,
		LIMIT_MIME_PARTS };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct section sec = { .part = cases[i].path,
			.depth = cases[i].depth,
			.text = cases[i].text };
		struct section_range r = { 0, 0 };
		struct span got = SPAN("NOT FOUND");
		struct mime_summary s;
		struct mime_parts parts;
		struct span message = span_str(cases[i].message);

		mime_summarise(a, message, &limits, &s);
		parts = (struct mime_parts){ s.parts, s.part_count };
		if (section_find(&parts, &sec, &r) == ST_OK)
			got = span_head(span_from(message, r.from), r.bytes);
		assert_string_equal(arena_str(a, got), cases[i].want);
	}
}

static void
parts_are_found_by_their_numbers(void **state)
{
	static const struct mime_limits limits = { LIMIT_MIME_DEPTH,
		LIMIT_MIME_PARTS };
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct mime_part *part = NULL;
	const uint32_t path[] = { 4, 2, 2 };
	struct mime_summary s;
	struct mime_parts parts;

	(void)state;
	mime_summarise(a, SPAN(complex), &limits, &s);
	parts = (struct mime_parts){ s.parts, s.part_count };
	assert_ok(section_part(&parts, path, 3, &part));
	assert_span(part->subtype, "alternative");
	assert_int_equal(part->kind, MIME_MULTIPART);
	assert_int_equal(section_part(&parts, path, 0, &part), ST_NOTFOUND);
}

static void
header_fields_are_copied_as_they_are(void **state)
{
	static const struct span names[] = { SPAN_INIT("SUBJECT"),
		SPAN_INIT("x-A"), SPAN_INIT("") };
	static const struct {
		enum section_text text;
		size_t n;
		const char *header;
		const char *want;
	} filters[] = {
		{ SECTION_HEADER_FIELDS, 3,
		    "Subject: a\r\n b\r\nTo: x\r\nX-A : c\r\njunk\r\n\r\n",
		    "Subject: a\r\n b\r\nX-A : c\r\n\r\n" },
		{ SECTION_HEADER_FIELDS_NOT, 3,
		    "Subject: a\r\n b\r\nTo: x\r\nX-A : c\r\njunk\r\n\r\n",
		    "To: x\r\njunk\r\n\r\n" },
		{ SECTION_HEADER_FIELDS, 1, "To: x\n\n", "\n" },
		{ SECTION_HEADER_FIELDS, 1, "To: x\r\n", "" },
		{ SECTION_HEADER_FIELDS, 1, "subject: x", "subject: x" },
		{ SECTION_HEADER_FIELDS, 1, "Subject: 1\nSubject: 2\n\n",
		    "Subject: 1\nSubject: 2\n\n" },
		{ SECTION_HEADER_FIELDS_NOT, 0, "To: x\r\n\r\n",
		    "To: x\r\n\r\n" },
		{ SECTION_HEADER_FIELDS, 1, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(filters); i++) {
		CLEANUP(buf_clear) struct buf got = { 0 };
		struct section sec = { .text = filters[i].text,
			.fields = names,
			.n = filters[i].n };

		section_fields(&sec, span_str(filters[i].header), &got);
		buf_byte(&got, '\0');
		assert_string_equal((char *)got.p, filters[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_found_where_they_are),
		cmocka_unit_test(parts_are_found_by_their_numbers),
		cmocka_unit_test(header_fields_are_copied_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
