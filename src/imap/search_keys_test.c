#include "imap/args_search.h"
#include "imap/args_test.h"

#include "base/limits.h"

static enum status
parse(struct tokens *t, struct arena *a, const void **out)
{
	struct search_program *p = ARENA_NEW(a, struct search_program);

	tok_search_keys(t, p);
	if (tok_end(t) == ST_OK)
		*out = p;
	return t->st;
}

static const char *const op_names[] = {
	[SEARCH_AND] = "and",
	[SEARCH_OR] = "or",
	[SEARCH_NOT] = "not",
	[SEARCH_FUZZY] = "fuzzy",
	[SEARCH_ALL] = "all",
	[SEARCH_FLAGS] = "flags",
	[SEARCH_KEYWORD] = "keyword",
	[SEARCH_UNKEYWORD] = "unkeyword",
	[SEARCH_SEQS] = "seqs",
	[SEARCH_UIDS] = "uids",
	[SEARCH_BCC] = "bcc",
	[SEARCH_BODY] = "body",
	[SEARCH_CC] = "cc",
	[SEARCH_FROM] = "from",
	[SEARCH_HEADER] = "header",
	[SEARCH_SUBJECT] = "subject",
	[SEARCH_TEXT] = "text",
	[SEARCH_TO] = "to",
	[SEARCH_BEFORE] = "before",
	[SEARCH_ON] = "on",
	[SEARCH_SINCE] = "since",
	[SEARCH_SAVEDBEFORE] = "savedbefore",
	[SEARCH_SAVEDON] = "savedon",
	[SEARCH_SAVEDSINCE] = "savedsince",
	[SEARCH_SAVEDATESUPPORTED] = "savedatesupported",
	[SEARCH_SENTBEFORE] = "sentbefore",
	[SEARCH_SENTON] = "senton",
	[SEARCH_SENTSINCE] = "sentsince",
	[SEARCH_LARGER] = "larger",
	[SEARCH_SMALLER] = "smaller",
	[SEARCH_OLDER] = "older",
	[SEARCH_YOUNGER] = "younger",
	[SEARCH_MODSEQ] = "modseq",
	[SEARCH_EMAILID] = "emailid",
	[SEARCH_THREADID] = "threadid",
};

static void
show_leaf(struct buf *b, const struct search_key *k)
{
	buf_str(b, k->fuzzy ? "~" : "");
	buf_str(b, op_names[k->op]);
	for (unsigned left = k->set; left != 0; left &= left - 1)
		buf_printf(b, " +%.*s", SPAN_ARG(flag_name(left & -left)));
	for (unsigned left = k->clear; left != 0; left &= left - 1)
		buf_printf(b, " -%.*s", SPAN_ARG(flag_name(left & -left)));
	if (k->op == SEARCH_SEQS || k->op == SEARCH_UIDS) {
		BUF_LIT(b, " ");
		describe_set(b, &k->seqs);
	}
	if (k->field.p != NULL)
		buf_printf(b, " <%.*s>", SPAN_ARG(k->field));
	if (k->text.p != NULL)
		buf_printf(b, " <%.*s>", SPAN_ARG(k->text));
	if (k->op >= SEARCH_BEFORE && k->op <= SEARCH_SENTSINCE &&
	    k->op != SEARCH_SAVEDATESUPPORTED)
		buf_printf(b, " %lld", (long long)k->day);
	if (k->op >= SEARCH_LARGER && k->op <= SEARCH_MODSEQ)
		buf_printf(b, " %llu", (unsigned long long)k->number);
}

/* "(or a b)": the tree, whose ends must nest. */
static void
show(struct buf *b, const void *args)
{
	const struct search_program *p = args;
	uint32_t open[LIMIT_SEARCH_NESTING + 2];
	size_t depth = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		const struct search_key *k = &p->keys[i];

		buf_str(b, i > 0 ? " " : "");
		if (k->op <= SEARCH_FUZZY) {
			buf_printf(b, "(%s", op_names[k->op]);
			assert_true(depth < COUNT(open));
			assert_true(k->end > i + 1 && k->end <= p->n);
			open[depth++] = k->end;
		} else {
			assert_int_equal(k->end, i + 1);
			show_leaf(b, k);
		}
		while (depth > 0 && open[depth - 1] == i + 1) {
			BUF_LIT(b, ")");
			depth--;
		}
		assert_true(depth == 0 || open[depth - 1] > i + 1);
	}
	assert_int_equal(depth, 0);
	buf_str(b, p->has_modseq ? " modseq" : "");
}

#define NO_MORE "BAD Expected a space and one more argument"
#define NO_KEY  "BAD There is no such search key"

static const struct parse_case leaves[] = {
	{ "ALL", "(and all)" },
	{ "Answered deleted DRAFT flagged seen recent",
	    "(and flags +\\Answered flags +\\Deleted flags +\\Draft "
	    "flags +\\Flagged flags +\\Seen flags +\\Recent)" },
	{ "UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN OLD",
	    "(and flags -\\Answered flags -\\Deleted flags -\\Draft "
	    "flags -\\Flagged flags -\\Seen flags -\\Recent)" },
	{ "NEW", "(and flags +\\Recent -\\Seen)" },
	{ "KEYWORD $Junk UNKEYWORD a", "(and keyword <$Junk> unkeyword <a>)" },
	{ "BCC a CC b FROM c TO d SUBJECT e",
	    "(and bcc <a> cc <b> from <c> to <d> subject <e>)" },
	{ "BODY \"a b\" TEXT {3}\r\na\nb", "(and body <a b> text <a\nb>)" },
	{ "HEADER Message-ID <x@y>", "(and header <Message-ID> <<x@y>>)" },
	{ "HEADER To \"\"", "(and header <To> <>)" },
	{ "BEFORE 2-Jan-1970 ON \"3-Jan-1970\" SINCE 4-Jan-1970",
	    "(and before 1 on 2 since 3)" },
	{ "SENTBEFORE 2-Jan-1970 SENTON 3-Jan-1970 SENTSINCE 4-Jan-1970",
	    "(and sentbefore 1 senton 2 sentsince 3)" },
	{ "LARGER 0 SMALLER 9223372036854775807",
	    "(and larger 0 smaller 9223372036854775807)" },
	/* Pitfall 20: numbers are sequence numbers; "$" may be either. */
	{ "1:3,5 UID 7:* $ UID $", "(and seqs 1:3,5 uids 7:* seqs $ uids $)" },
	/* RFC 5032, 8514, 8474 */
	{ "OLDER 60 YOUNGER 259200", "(and older 60 younger 259200)" },
	{ "SAVEDBEFORE 2-Jan-1970 SAVEDON 3-Jan-1970 SAVEDSINCE 4-Jan-1970 "
	  "SAVEDATESUPPORTED",
	    "(and savedbefore 1 savedon 2 savedsince 3 savedatesupported)" },
	{ "EMAILID M6d99ac3275bb4e THREADID T64b478a75b7ea9",
	    "(and emailid <M6d99ac3275bb4e> threadid <T64b478a75b7ea9>)" },
	/* RFC 7162 section 3.1.5 */
	{ "MODSEQ 620162338", "(and modseq 620162338) modseq" },
	{ "MODSEQ \"/flags/\\\\draft\" all 620162338",
	    "(and modseq 620162338) modseq" },
	{ "MODSEQ \"/flags/$MDNSent\" priv 0", "(and modseq 0) modseq" },
	{ "MODSEQ \"/other\" all 1", "BAD MODSEQ knows entries of flags only" },
	{ "MODSEQ \"/flags/a\" 1", "BAD Expected all, priv or shared" },
	{ "OLDER 0", "BAD Expected a number above 0" },
	{ "KEYWORD \\Seen", "BAD Expected an atom" },
	{ "KEYWORD", NO_MORE },
	{ "HEADER To", NO_MORE },
	{ "LARGER x", "BAD Expected a number" },
	{ "UID x", "BAD Expected a set of message numbers" },
	{ "0", "BAD Expected a set of message numbers" },
	{ "BEFORE 1-Foo-2000", "BAD A date has no month" },
	{ "ALLE", NO_KEY },
	{ "X", NO_KEY },
	{ "\"ALL\"", "BAD Expected a name" },
	{ "FROM {3}\n", "BAD A literal this large can't be used here" },
};

static const struct parse_case trees[] = {
	{ "NOT SEEN", "(and (not flags +\\Seen))" },
	{ "OR 1 2", "(and (or seqs 1 seqs 2))" },
	{ "OR 1 2 3", "(and (or seqs 1 seqs 2) seqs 3)" },
	{ "(1 2)", "(and (and seqs 1 seqs 2))" },
	{ "(1) 2", "(and (and seqs 1) seqs 2)" },
	{ "((1))", "(and (and (and seqs 1)))" },
	{ "NOT (1 2) 3", "(and (not (and seqs 1 seqs 2)) seqs 3)" },
	{ "OR (1 2) NOT 3", "(and (or (and seqs 1 seqs 2) (not seqs 3)))" },
	{ "OR NOT 1 (2) ALL", "(and (or (not seqs 1) (and seqs 2)) all)" },
	{ "NOT OR 1 2 3", "(and (not (or seqs 1 seqs 2)) seqs 3)" },
	/* Chains are flat. */
	{ "OR 1 OR 2 OR 3 4", "(and (or seqs 1 seqs 2 seqs 3 seqs 4))" },
	{ "OR OR OR 1 2 3 4 5",
	    "(and (or seqs 1 seqs 2 seqs 3 seqs 4) seqs 5)" },
	{ "OR OR 1 2 OR 3 4", "(and (or seqs 1 seqs 2 seqs 3 seqs 4))" },
	{ "OR (OR 1 2) 3", "(and (or (and (or seqs 1 seqs 2)) seqs 3))" },
	{ "NOT NOT 1", "(and seqs 1)" },
	{ "NOT NOT NOT 1", "(and (not seqs 1))" },
	{ "1 NOT NOT 2 3", "(and seqs 1 seqs 2 seqs 3)" },
	{ "(1 NOT NOT 2)", "(and (and seqs 1 seqs 2))" },
	{ "OR NOT NOT 1 NOT NOT NOT NOT 2", "(and (or seqs 1 seqs 2))" },
	{ "NOT NOT OR 1 2", "(and (or seqs 1 seqs 2))" },
	{ "NOT NOT (1)", "(and (and seqs 1))" },

	/* RFC 6203 */
	{ "FUZZY SUBJECT work FROM a",
	    "(and (fuzzy ~subject <work>) from <a>)" },
	{ "fuzzy (FROM a UNSEEN) 1",
	    "(and (fuzzy (and ~from <a> ~flags -\\Seen)) seqs 1)" },
	{ "FUZZY OR FROM a TO b CC c",
	    "(and (fuzzy (or ~from <a> ~to <b>)) cc <c>)" },
	{ "OR FUZZY OR FROM a TO b CC c",
	    "(and (or (fuzzy (or ~from <a> ~to <b>)) cc <c>))" },
	{ "OR FUZZY FROM a OR TO b FUZZY CC c",
	    "(and (or (fuzzy ~from <a>) to <b> (fuzzy ~cc <c>)))" },
	{ "FUZZY FUZZY FROM a TO b", "(and (fuzzy ~from <a>) to <b>)" },
	{ "FUZZY (FROM a FUZZY (TO b)) CC c",
	    "(and (fuzzy (and ~from <a> (fuzzy (and ~to <b>)))) cc <c>)" },
	{ "NOT FUZZY FROM a TO b", "(and (not (fuzzy ~from <a>)) to <b>)" },
	{ "FUZZY NOT FROM a TO b", "(and (fuzzy (not from <a>)) to <b>)" },
	{ "FUZZY NOT NOT FROM a TO b", "(and (fuzzy ~from <a>) to <b>)" },
	{ "FUZZY NOT FUZZY FROM a", "(and (fuzzy (not (fuzzy ~from <a>))))" },
	{ "FUZZY (NOT FROM a TO b)",
	    "(and (fuzzy (and (not from <a>) ~to <b>)))" },
	{ "FUZZY", NO_MORE },
	{ "FUZZY ", "BAD Expected a name" },
	{ "FUZZY FUZZY", NO_MORE },
	{ "(FUZZY) 2", NO_MORE },

	{ "()", "BAD Expected a name" },
	{ "NOT", NO_MORE },
	{ "NOT ", "BAD Expected a name" },
	{ "NOT NOT ", "BAD Expected a name" },
	{ "NOT )", "BAD Expected a name" },
	{ "OR 1", NO_MORE },
	{ "OR 1 ", "BAD Expected a name" },
	{ "OR 1)", NO_MORE },
	{ "(OR 1) 2", NO_MORE },
	{ "(NOT) 2", NO_MORE },
	{ "(1", NO_MORE },
	{ "(1 ", "BAD Expected a name" },
	{ "(1 )", "BAD Expected a name" },
	{ "( 1)", "BAD Expected a name" },
	{ "1)", NO_MORE },
	{ "(1)(2)", NO_MORE },
	{ "1  2", "BAD Expected a name" },
	{ "(1))", NO_MORE },
};

static void
keys_are_read(void **state)
{
	(void)state;
	CHECK_CASES(parse, show, leaves);
	CHECK_CASES(parse, show, trees);
}

static void
repeat(struct buf *b, const char *start, int times, const char *end,
    int end_times)
{
	buf_reset(b);
	for (int i = 0; i < times; i++)
		buf_str(b, start);
	BUF_LIT(b, "1");
	for (int i = 0; i < end_times; i++)
		buf_str(b, end);
}

static size_t
depth_of(struct span text, enum status *st)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct tokens t = tok_over(text, &grammar_default, a);
	const void *out = NULL;
	size_t n = 0;

	*st = parse(&t, a, &out);
	if (*st == ST_OK)
		n = ((const struct search_program *)out)->n;
	return n;
}

static void
nesting_is_bounded_and_chains_are_not_nesting(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	enum status st;

	(void)state;
	repeat(&b, "(", LIMIT_SEARCH_NESTING, ")", LIMIT_SEARCH_NESTING);
	assert_int_equal(depth_of(buf_span(&b), &st), LIMIT_SEARCH_NESTING + 2);
	repeat(&b, "(", LIMIT_SEARCH_NESTING + 1, ")",
	    LIMIT_SEARCH_NESTING + 1);
	check_span(parse, show, buf_span(&b),
	    "NO [LIMIT] The search is nested too deeply", false);
	repeat(&b, "(NOT ", 20000, ")", 20000);
	check_span(parse, show, buf_span(&b),
	    "NO [LIMIT] The search is nested too deeply", false);
	repeat(&b, "OR NOT ", 20000, " 2", 20000);
	check_span(parse, show, buf_span(&b),
	    "NO [LIMIT] The search is nested too deeply", false);

	repeat(&b, "FUZZY NOT ", 20000, "", 0);
	check_span(parse, show, buf_span(&b),
	    "NO [LIMIT] The search is nested too deeply", false);

	repeat(&b, "FUZZY ", 20001, "", 0);
	assert_int_equal(depth_of(buf_span(&b), &st), 3);
	repeat(&b, "NOT ", 20001, "", 0);
	assert_int_equal(depth_of(buf_span(&b), &st), 3);
	repeat(&b, "OR ", 500, " 2", 500);
	assert_int_equal(depth_of(buf_span(&b), &st), 503);
}

static void
keys_are_bounded(void **state)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	enum status st;

	(void)state;
	repeat(&b, "1 ", LIMIT_SEARCH_KEYS - 2, "", 0);
	assert_int_equal(depth_of(buf_span(&b), &st), LIMIT_SEARCH_KEYS);
	repeat(&b, "1 ", LIMIT_SEARCH_KEYS - 1, "", 0);
	check_span(parse, show, buf_span(&b),
	    "NO [LIMIT] The search has too many keys", false);
	repeat(&b, "OR ", 20000, " 2", 20000);
	check_span(parse, show, buf_span(&b),
	    "NO [LIMIT] The search has too many keys", false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_read),
		cmocka_unit_test(nesting_is_bounded_and_chains_are_not_nesting),
		cmocka_unit_test(keys_are_bounded),
	};

	return cmocka_run_group_tests_name("search_keys", tests, NULL, NULL);
}
