#include "base/test.h"

#include <stdlib.h>

#include "base/buf.h"
#include "imap/list_pattern.h"

static const struct {
	const char *reference;
	const char *pattern;
	const char *name;
	bool want;
} cases[] = {
	{ "", "*", "a", true },
	{ "", "*", "a/b/c", true },
	{ "", "%", "a", true },
	{ "", "%", "a/b", false },
	{ "", "%/%", "a/b", true },
	{ "", "%/%", "a/b/c", false },
	{ "", "%/b", "a/b", true },
	{ "", "*b", "a/b", true },
	{ "", "*b", "a/bc", false },
	{ "", "a*c", "abbc", true },
	{ "", "a%c", "ab/c", false },
	{ "", "a*c", "ab/c", true },
	{ "", "a%*c", "ab/c", true },
	{ "", "a*%c", "ab/c", true },
	{ "", "a%%c", "abc", true },
	{ "", "a%%c", "a/c", false },
	{ "", "abc", "abc", true },
	{ "", "abc", "ab", false },
	{ "", "ab", "abc", false },
	{ "", "", "a", false },
	{ "", "a*", "a", true },
	{ "", "*a*", "a", true },
	/* RFC 3501 section 6.3.8: the reference goes in front. */
	{ "~smith/Mail/", "foo.*", "~smith/Mail/foo.bar", true },
	{ "archive/", "%", "archive/x", true },
	{ "archive/", "%", "archive", false },
	{ "archive", "/%", "archive/x", true },
	/* RFC 5258 section 5 */
	{ "", "*", "Vegetable/Corn", true },
	{ "", "Fruit/*", "Fruit/Apple", true },
	{ "", "Fruit/*", "Fruit", false },
	/* Pitfall 26 */
	{ "", "inbox", "INBOX", true },
	{ "", "InBox/%", "INBOX/Sent", true },
	{ "", "%box", "INBOX", true },
	{ "", "i*", "INBOX", true },
	{ "inb", "ox", "INBOX", true },
	{ "", "inbox/sent", "INBOX/Sent", false },
	{ "", "inboxes", "INBOXES", false },
	{ "", "inbox", "Inboxes", false },
	/* Pitfall 27 */
	{ "", "a/", "a", true },
	{ "", "INBOX/", "INBOX", true },
	{ "", "%/", "a", true },
	{ "", "/", "a", false },
	{ "", "a//", "a", false },
	/* Pitfall 25: without UTF-8 the pattern is modified UTF-7. */
	{ "", "&AOk-%", "\xc3\xa9t\xc3\xa9", true },
	{ "&AO", "k-", "\xc3\xa9", true },
	{ "", "R&-D", "R&D", true },
	{ "", "R&D", "R&D", false },
	{ "", "*&AOk", "\xc3\xa9", false },
	{ "", "\xc3\xa9", "\xc3\xa9", false },
	{ "", "e&AwE-*", "\xc3\xa9t\xc3\xa9", true },
};

static void
patterns_match_names(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct list_pattern p =
		    list_pattern_parse(span_str(cases[i].reference),
			span_str(cases[i].pattern), false, a);

		if (list_pattern_match(&p, span_str(cases[i].name)) !=
		    cases[i].want)
			fail_msg("%s %s %s", cases[i].reference,
			    cases[i].pattern, cases[i].name);
	}
}

static void
patterns_may_be_utf_8(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct list_pattern p;

	(void)state;
	p = list_pattern_parse(SPAN("\xc3\xa9"), SPAN("%&"), true, a);
	assert_true(list_pattern_match(&p, SPAN("\xc3\xa9R&")));
	p = list_pattern_parse(SPAN(""), SPAN("\xc3"), true, a);
	assert_false(list_pattern_match(&p, SPAN("\xc3")));
}

#define TEXT_MAX 32

/*
 * The definition, as plainly as it can be said: rest[i][k] is whether the
 * pattern from i on matches the name from k on.
 */
static bool
matches(const char *p, const char *s)
{
	bool rest[TEXT_MAX + 1][TEXT_MAX + 2] = { { false } };
	size_t pn = strlen(p);
	size_t sn = strlen(s);

	assert_true(pn <= TEXT_MAX && sn <= TEXT_MAX);
	rest[pn][sn] = true;
	for (size_t i = pn; i-- > 0;) {
		for (size_t k = sn + 1; k-- > 0;) {
			bool wild = p[i] == '*' || p[i] == '%';
			bool takes =
			    k < sn &&
			    (p[i] == '*' || (p[i] == '%' && s[k] != '/'));

			rest[i][k] =
			    wild ? rest[i + 1][k] || (takes && rest[i][k + 1])
				 : k < sn && p[i] == s[k] && rest[i + 1][k + 1];
		}
	}
	return rest[0][0];
}

static void
random_text(char *s, size_t max, const char *from, unsigned *seed)
{
	size_t n = (size_t)rand_r(seed) % max;

	for (size_t i = 0; i < n; i++)
		s[i] = from[(size_t)rand_r(seed) % strlen(from)];
	s[n] = 0;
}

static void
matching_agrees_with_its_definition(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct list_pattern p;
		char pattern[10];
		char name[10];

		random_text(pattern, 8, "ab/*%", &seed);
		strcat(pattern, "a");
		random_text(name, 10, "ab/", &seed);
		arena_reset(a);
		p = list_pattern_parse(SPAN(""), span_str(pattern), false, a);
		if (list_pattern_match(&p, span_str(name)) !=
		    matches(pattern, name))
			fail_msg("%s %s", pattern, name);
	}
}

/* It would never end with a matcher that tries every way. */
static void
a_hostile_pattern_is_no_work(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf pattern = { 0 };
	CLEANUP(buf_clear) struct buf name = { 0 };
	struct list_pattern p;

	(void)state;
	for (int i = 0; i < 400; i++)
		buf_str(&pattern, i % 2 == 0 ? "*a" : "%a");
	buf_byte(&pattern, 'b');
	for (int i = 0; i < 1000; i++)
		buf_byte(&name, 'a');
	p = list_pattern_parse(SPAN(""), buf_span(&pattern), false, a);
	assert_false(list_pattern_match(&p, buf_span(&name)));
	buf_byte(&name, 'b');
	assert_true(list_pattern_match(&p, buf_span(&name)));
}

static void
a_pattern_has_a_bound(void **state)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf pattern = { 0 };
	struct list_pattern p;

	(void)state;
	for (int i = 0; i < 3000; i++)
		BUF_LIT(&pattern, "*%");
	p = list_pattern_parse(SPAN(""), buf_span(&pattern), false, a);
	assert_span(p.text, "*");
	for (int i = 0; i < 3000; i++)
		BUF_LIT(&pattern, "a%");
	p = list_pattern_parse(SPAN(""), buf_span(&pattern), false, a);
	assert_true(p.never);
	assert_false(list_pattern_match(&p, SPAN("a")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_names),
		cmocka_unit_test(patterns_may_be_utf_8),
		cmocka_unit_test(matching_agrees_with_its_definition),
		cmocka_unit_test(a_hostile_pattern_is_no_work),
		cmocka_unit_test(a_pattern_has_a_bound),
	};

	return cmocka_run_group_tests_name("list_pattern", tests, NULL, NULL);
}
