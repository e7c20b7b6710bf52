#include "base/limits.h"
#include "imap/chars.h"
#include "imap/token.h"

/* The tokens that mean something: sets, flags, dates, mailboxes. */

bool
tok_at_seq_set(const struct tokens *t)
{
	return tok_at(t, '*') || tok_at(t, '$') ||
	       (t->rest.n > 0 && ascii_digit(t->rest.p[0]));
}

static bool
is_seq_char(unsigned char c)
{
	return ascii_digit(c) || c == ':' || c == ',' || c == '*' || c == '$';
}

struct seq_set
tok_seq_set(struct tokens *t)
{
	struct seq_set set = { 0 };
	size_t n = 0;

	while (n < t->rest.n && is_seq_char(t->rest.p[n]))
		n++;
	if (!seq_set_parse(span_head(t->rest, n), t->arena, &set))
		tok_bad(t, "Expected a set of message numbers");
	t->rest = span_from(t->rest, n);
	return set;
}

/* Flags being collected. */
struct flag_names {
	unsigned system;
	struct span keyword[LIMIT_KEYWORDS];
	size_t n;
};

static void
add_keyword(struct tokens *t, struct flag_names *f, struct span keyword)
{
	for (size_t i = 0; i < f->n; i++)
		if (span_eq_nocase(f->keyword[i], keyword))
			return;
	if (keyword.n > LIMIT_KEYWORD)
		tok_limit(t, "A keyword is too long");
	else if (f->n == LIMIT_KEYWORDS)
		tok_limit(t, "There are too many keywords");
	else
		f->keyword[f->n++] = keyword;
}

static void
read_flag(struct tokens *t, struct flag_names *f)
{
	struct span start = t->rest;
	struct span name;
	unsigned bit;

	if (!tok_accept(t, '\\')) {
		name = tok_atom(t);
		if (!tok_failed(t))
			add_keyword(t, f, name);
		return;
	}
	name = tok_atom(t);
	bit = flag_of_name(span_head(start, name.n + 1));
	if (bit == 0)
		tok_bad(t, "There is no such system flag");
	/* RFC 9051 has no \Recent any more; old clients copy it along. */
	f->system |= bit & FLAGS_SYSTEM;
}

static struct flag_list
flags_done(struct tokens *t, const struct flag_names *f)
{
	struct span *keywords;

	if (tok_failed(t))
		return (struct flag_list){ 0 };
	keywords = ARENA_ARRAY(t->arena, f->n, struct span);
	if (f->n > 0)
		memcpy(keywords, f->keyword, f->n * sizeof(*keywords));
	return (struct flag_list){ f->system, keywords, f->n };
}

struct flag_list
tok_flag_list(struct tokens *t)
{
	struct flag_names f;

	f.system = 0;
	f.n = 0;
	for (size_t n = 0; tok_list_more(t, n); n++)
		read_flag(t, &f);
	return flags_done(t, &f);
}

struct flag_list
tok_bare_flags(struct tokens *t)
{
	struct flag_names f;

	f.system = 0;
	f.n = 0;
	do
		read_flag(t, &f);
	while (tok_accept(t, ' '));
	return flags_done(t, &f);
}

/* Exactly n digits. */
static int
digits(struct tokens *t, size_t n)
{
	uint64_t v = 0;

	if (!span_u64(span_head(t->rest, n), INT32_MAX, &v) || t->rest.n < n)
		tok_bad(t, "A date or time is malformed");
	t->rest = span_from(t->rest, n);
	return (int)v;
}

static int
month(struct tokens *t)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t m = 0; m < 12; m++) {
		struct span name = span_of(names + 3 * m, 3);

		if (span_starts_nocase(t->rest, name)) {
			t->rest = span_from(t->rest, 3);
			return (int)m + 1;
		}
	}
	tok_bad(t, "A date has no month");
	return 1;
}

static bool
day_exists(const struct civil *c)
{
	int64_t first = civil_days(c->year, c->month, 1);
	int64_t next = c->month == 12 ? civil_days(c->year + 1, 1, 1)
	                              : civil_days(c->year, c->month + 1, 1);

	return c->day >= 1 && c->day <= next - first;
}

/* date-text, the day of one or two digits. */
static struct civil
date_text(struct tokens *t)
{
	bool two = t->rest.n > 1 && ascii_digit(t->rest.p[1]);
	struct civil c = { 0 };

	c.day = digits(t, two ? 2 : 1);
	tok_byte(t, '-');
	c.month = month(t);
	tok_byte(t, '-');
	c.year = digits(t, 4);
	if (!tok_failed(t) && !day_exists(&c))
		tok_bad(t, "There is no such day");
	return c;
}

int64_t
tok_date(struct tokens *t)
{
	bool quoted = tok_accept(t, '"');
	struct civil c = date_text(t);

	if (quoted)
		tok_byte(t, '"');
	return tok_failed(t) ? 0 : civil_days(c.year, c.month, c.day);
}

/* "+0100" as seconds. */
static int32_t
zone(struct tokens *t)
{
	bool west = tok_at(t, '-');
	int hours;
	int minutes;

	if (!west && !tok_at(t, '+'))
		tok_bad(t, "A time has no zone");
	t->rest = span_from(t->rest, 1);
	hours = digits(t, 2);
	minutes = digits(t, 2);
	if (hours > 23 || minutes > 59)
		tok_bad(t, "There is no such time zone");
	return (west ? -60 : 60) * (hours * 60 + minutes);
}

struct datetime
tok_date_time(struct tokens *t)
{
	struct datetime d = { 0 };
	struct civil c;

	tok_byte(t, '"');
	(void)tok_accept(t, ' ');
	c = date_text(t);
	tok_space(t);
	c.hour = digits(t, 2);
	tok_byte(t, ':');
	c.minute = digits(t, 2);
	tok_byte(t, ':');
	c.second = digits(t, 2);
	if (c.hour > 23 || c.minute > 59 || c.second > 60)
		tok_bad(t, "There is no such time");
	tok_space(t);
	d.zone_secs = zone(t);
	tok_byte(t, '"');
	if (tok_failed(t))
		return (struct datetime){ 0 };
	d.wall = civil_wall(&c) - d.zone_secs;
	return d;
}

static struct span
mailbox(struct tokens *t, struct span wire, const char *code)
{
	struct span name = { 0 };
	const char *why;

	if (tok_failed(t))
		return name;
	why =
	    mailbox_name_parse(wire, t->g->utf8, &t->g->names, t->arena, &name);
	if (why != NULL)
		tok_fail(t, ST_DENIED, code, why);
	return name;
}

struct span
tok_mailbox(struct tokens *t)
{
	struct span given;

	return tok_mailbox_given(t, &given);
}

struct span
tok_mailbox_given(struct tokens *t, struct span *given)
{
	*given = tok_astring(t);
	return mailbox(t, *given, "NONEXISTENT");
}

struct span
tok_new_mailbox(struct tokens *t)
{
	struct span wire = tok_astring(t);

	if (wire.n > 1 && wire.p[wire.n - 1] == '/')
		wire.n--;
	return mailbox(t, wire, "CANNOT");
}
