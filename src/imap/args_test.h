#ifndef IMAP_ARGS_TEST_H
#define IMAP_ARGS_TEST_H

#include "base/buf.h"
#include "base/test.h"
#include "imap/args.h"

/*
 * For the tests of parsers: each case is what follows a command's name, and
 * what became of it: the description of its arguments, or the condition, the
 * code and the reason as a client would see them.
 */
struct parse_case {
	const char *text;
	const char *want;
};

typedef void describe_fn(struct buf *b, const void *args);

static inline void
describe_error(struct buf *b, const struct tokens *t)
{
	buf_str(b, t->st == ST_BAD ? "BAD" : "NO");
	if (t->code != NULL)
		buf_printf(b, " [%s]", t->code);
	buf_printf(b, " %s", t->why);
}

static inline void
check_span(parse_fn *parse, describe_fn *describe, struct span text,
    const char *want, bool utf8)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct grammar g = grammar_default;
	struct tokens t = tok_over(text, &g, a);
	const void *args = &g;

	g.utf8 = utf8;
	if (parse(&t, a, &args) == ST_OK) {
		describe(&b, args);
	} else {
		assert_ptr_equal(args, &g);
		describe_error(&b, &t);
	}
	buf_byte(&b, 0);
	if (strcmp((const char *)b.p, want) != 0)
		fail_msg("\"%.*s\"\n  gave %s\n  want %s", SPAN_ARG(text),
		    (const char *)b.p, want);
}

static inline void
check_cases(parse_fn *parse, describe_fn *describe, const struct parse_case *c,
    size_t n, bool utf8)
{
	for (size_t i = 0; i < n; i++)
		check_span(parse, describe, span_str(c[i].text), c[i].want,
		    utf8);
}

#define CHECK_CASES(parse, describe, cases) \
	check_cases((parse), (describe), (cases), COUNT(cases), false)
#define CHECK_CASES_UTF8(parse, describe, cases) \
	check_cases((parse), (describe), (cases), COUNT(cases), true)

static inline void
describe_set(struct buf *b, const struct seq_set *s)
{
	if (s->saved)
		buf_byte(b, '$');
	for (size_t i = 0; i < s->n; i++) {
		if (i > 0)
			buf_byte(b, ',');
		if (s->r[i].from == SEQ_STAR)
			buf_byte(b, '*');
		else
			buf_u64(b, s->r[i].from);
		if (s->r[i].from == s->r[i].to)
			continue;
		buf_byte(b, ':');
		if (s->r[i].to == SEQ_STAR)
			buf_byte(b, '*');
		else
			buf_u64(b, s->r[i].to);
	}
}

static inline void
describe_flags(struct buf *b, const struct flag_list *f)
{
	const char *between = "";

	buf_byte(b, '(');
	for (unsigned left = f->system; left != 0; left &= left - 1) {
		buf_printf(b, "%s%.*s", between,
		    SPAN_ARG(flag_name(left & -left)));
		between = " ";
	}
	for (size_t i = 0; i < f->n; i++) {
		buf_printf(b, "%s%.*s", between, SPAN_ARG(f->keywords[i]));
		between = " ";
	}
	buf_byte(b, ')');
}

#endif
