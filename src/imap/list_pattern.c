#include "imap/list_pattern.h"

#include "base/buf.h"
#include "base/limits.h"
#include "imap/mailbox_name.h"

static bool
is_wild(unsigned char c)
{
	return c == '*' || c == '%';
}

/* "%%" is "%", and "*" swallows its neighbours. */
static struct span
collapse(struct span s, struct arena *a)
{
	unsigned char *p = arena_alloc(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (n > 0 && is_wild(s.p[i]) && is_wild(p[n - 1])) {
			if (s.p[i] == '*')
				p[n - 1] = '*';
			continue;
		}
		p[n++] = s.p[i];
	}
	return span_of(p, n);
}

struct list_pattern
list_pattern_parse(struct span reference, struct span pattern, bool utf8,
    struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct list_pattern p = { .never = true };
	struct span text;

	buf_add(&b, reference);
	buf_add(&b, pattern);
	if (!mailbox_name_decode(buf_span(&b), utf8, a, &text))
		return p;
	text = collapse(text, a);
	if (text.n > 1 && text.p[text.n - 1] == '/')
		text.n--;
	return (struct list_pattern){ .text = text,
		.never = text.n > LIMIT_LIST_PATTERN };
}

/* The positions in a pattern that a prefix of the name leads to, ascending. */
struct places {
	uint16_t at[LIMIT_LIST_PATTERN + 1];
	size_t n;
};

/* Adds place i, and what is reached from it without a byte of the name. */
static void
places_add(struct places *to, struct span pattern, size_t i)
{
	for (;;) {
		if (to->n == 0 || to->at[to->n - 1] < i)
			to->at[to->n++] = (uint16_t)i;
		if (i >= pattern.n || !is_wild(pattern.p[i]))
			return;
		i++;
	}
}

static void
advance(const struct places *from, struct places *to, struct span pattern,
    unsigned char c, bool any_case)
{
	to->n = 0;
	for (size_t k = 0; k < from->n; k++) {
		size_t i = from->at[k];
		unsigned char p;

		if (i == pattern.n)
			continue;
		p = pattern.p[i];
		if (p == '*' || (p == '%' && c != '/'))
			places_add(to, pattern, i);
		else if (!is_wild(p) &&
			 (p == c || (any_case && ascii_upper(p) == c)))
			places_add(to, pattern, i + 1);
	}
}

bool
list_pattern_match(const struct list_pattern *p, struct span name)
{
	struct places a;
	struct places b;
	struct places *now = &a;
	struct places *next = &b;
	size_t inbox = mailbox_name_in_inbox(name) ? 5 : 0;

	if (p->never)
		return false;
	now->n = 0;
	places_add(now, p->text, 0);
	for (size_t i = 0; i < name.n && now->n > 0; i++) {
		struct places *old = now;

		advance(now, next, p->text, name.p[i], i < inbox);
		now = next;
		next = old;
	}
	return now->n > 0 && now->at[now->n - 1] == p->text.n;
}
