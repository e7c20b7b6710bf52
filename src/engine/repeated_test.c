#include "engine/repeated.h"

#include "base/test.h"

#define FROM "((\"A\" NIL \"a\" \"x.example\"))"
#define TO   "((NIL NIL \"b\" \"x.example\"))"
#define HEAD "(\"Tue, 1 Jan 2030 10:00:00 +0000\" \"a (( b\" "
#define TAIL " NIL NIL NIL \"<1@x.example>\")"

/* It comes back, and how often the list was left out. */
static uint32_t
more_of(struct span text)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct repeated r;
	struct unpack u;

	pack_repeated(&b, text);
	u = unpack_over(buf_span(&b));
	unpack_repeated(&u, &r);
	assert_true(unpack_end(&u));
	repeated_write(&out, &r);
	assert_true(span_eq(buf_span(&out), text));
	for (size_t cut = 0; cut < b.n; cut++) {
		u = unpack_over(span_head(buf_span(&b), cut));
		unpack_repeated(&u, &r);
		assert_false(unpack_ok(&u));
	}
	return r.more;
}

static void
a_list_is_kept_once(void **state)
{
	(void)state;
	assert_int_equal(more_of(SPAN(
			     "(NIL NIL " FROM " " FROM " " FROM " " TO TAIL)),
	    2);
	assert_int_equal(more_of(SPAN(
			     "(NIL NIL " FROM " " FROM " " TO " " TO TAIL)),
	    1);
	/* To is From as well: it is written as it is. */
	assert_int_equal(more_of(SPAN(
			     "(NIL NIL " FROM " " FROM " " FROM " " FROM TAIL)),
	    2);
}

static void
what_has_no_list_twice_comes_back_too(void **state)
{
	static const struct span texts[] = { SPAN_INIT(""), SPAN_INIT("("),
		SPAN_INIT(" (("), SPAN_INIT(" (( (("), SPAN_INIT(" (( ( (("),
		SPAN_INIT("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
		SPAN_INIT("(NIL NIL " FROM " " TO " " FROM TAIL),
		SPAN_INIT(HEAD FROM " " FROM " " FROM " NIL" TAIL),
		SPAN_INIT("(NIL \" ((\" " FROM " " FROM " " FROM " NIL" TAIL) };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		(void)more_of(texts[i]);
}

static void
more_than_there_can_be_is_damage(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct repeated r;
	struct unpack u;

	(void)state;
	pack_span(&b, SPAN("a"));
	pack_span(&b, SPAN("b"));
	pack_u64(&b, REPEATED_MOST + 1);
	pack_span(&b, SPAN("c"));
	u = unpack_over(buf_span(&b));
	unpack_repeated(&u, &r);
	assert_false(unpack_ok(&u));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_kept_once),
		cmocka_unit_test(what_has_no_list_twice_comes_back_too),
		cmocka_unit_test(more_than_there_can_be_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
