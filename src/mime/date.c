#include "mime/header.h"
#include "mime/lex.h"

/* RFC 5322 sections 3.3 and 4.3. */
static const char months[][4] = { "jan", "feb", "mar", "apr", "may", "jun",
	"jul", "aug", "sep", "oct", "nov", "dec" };

static const struct {
	char name[4];
	int hours;
} zones[] = { { "est", -5 }, { "edt", -4 }, { "cst", -6 }, { "cdt", -5 },
	{ "mst", -7 }, { "mdt", -6 }, { "pst", -8 }, { "pdt", -7 } };

/* Reads at most 9 digits; *digits says how many. -1 if there are none. */
static int
number(struct lex *l, unsigned *digits)
{
	int v = 0;
	unsigned n = 0;

	(void)lex_cfws(l, NULL);
	while (n < 9 && n < l->rest.n && ascii_digit(l->rest.p[n]))
		v = v * 10 + (l->rest.p[n++] - '0');
	lex_skip(l, n);
	if (digits != NULL)
		*digits = n;
	return n > 0 ? v : -1;
}

static struct span
word(struct lex *l)
{
	struct span w;
	size_t n = 0;

	(void)lex_cfws(l, NULL);
	while (n < l->rest.n && ascii_lower(l->rest.p[n]) >= 'a' &&
	       ascii_lower(l->rest.p[n]) <= 'z')
		n++;
	w = span_head(l->rest, n);
	lex_skip(l, n);
	return w;
}

static bool
skip_one_of(struct lex *l, const char *these)
{
	(void)lex_cfws(l, NULL);
	if (l->rest.n == 0 || l->rest.p[0] == '\0' ||
	    strchr(these, l->rest.p[0]) == NULL)
		return false;
	lex_skip(l, 1);
	return true;
}

/* 1 to 12, or 0; longer names than "Jan" are found in the wild. */
static int
month_of(struct span w)
{
	for (size_t i = 0; i < COUNT(months); i++)
		if (w.n >= 3 && span_starts_nocase(w, span_str(months[i])))
			return (int)i + 1;
	return 0;
}

/* Leaves 00:00:00 if what is there is no time. */
static void
read_time(struct lex *l, struct civil *c)
{
	int hour = number(l, NULL);
	int minute = -1;
	int second = 0;

	if (hour >= 0 && skip_one_of(l, ":."))
		minute = number(l, NULL);
	if (minute >= 0 && skip_one_of(l, ":."))
		second = number(l, NULL);
	if (l->rest.n > 0 && l->rest.p[0] == '.') {
		lex_skip(l, 1);
		(void)number(l, NULL); /* parts of a second */
	}
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60)
		return;
	c->hour = hour;
	c->minute = minute;
	c->second = second;
}

/* Seconds east of UTC; 0 if there is no zone or it makes no sense. */
static int32_t
read_zone(struct lex *l)
{
	struct span name = word(l);
	bool west;
	unsigned digits;
	int v;

	for (size_t i = 0; i < COUNT(zones); i++)
		if (span_eq_nocase(name, span_str(zones[i].name)))
			return zones[i].hours * 3600;

	(void)lex_cfws(l, NULL);
	west = lex_peek(l) == '-';
	if (!skip_one_of(l, "+-"))
		return 0;
	v = number(l, &digits);
	if (digits == 2 && skip_one_of(l, ":"))
		v = v * 100 + MAX(number(l, NULL), 0);
	else if (digits == 2)
		v *= 100;
	if (v < 0 || v > 2359 || v % 100 > 59)
		return 0;
	v = v / 100 * 3600 + v % 100 * 60;
	return west ? -v : v;
}

static bool
read_year(struct lex *l, int *out)
{
	unsigned digits;
	int year = number(l, &digits);

	if (year < 0 || digits > 4)
		return false;
	if (digits <= 2 && year < 50)
		year += 2000;
	else if (digits <= 3)
		year += 1900;
	*out = year;
	return true;
}

static bool
day_exists(const struct civil *c)
{
	int next_year = c->month == 12 ? c->year + 1 : c->year;
	int next_month = c->month == 12 ? 1 : c->month + 1;

	return c->year >= 1 && c->day >= 1 &&
	       c->day <= civil_days(next_year, next_month, 1) -
	                     civil_days(c->year, c->month, 1);
}

/* "Jan  2 15:04:05 [UTC] 2006": the month has been read. */
static bool
read_asctime(struct lex *l, struct civil *c)
{
	c->day = number(l, NULL);
	read_time(l, c);
	(void)word(l);
	return read_year(l, &c->year);
}

/* "2 Jan 2006 15:04:05" */
static bool
read_rfc5322(struct lex *l, struct civil *c)
{
	c->day = number(l, NULL);
	(void)skip_one_of(l, "-/.");
	c->month = month_of(word(l));
	(void)skip_one_of(l, "-/.");
	if (c->month == 0 || !read_year(l, &c->year))
		return false;
	(void)skip_one_of(l, ",");
	read_time(l, c);
	return true;
}

bool
header_date(struct span value, struct datetime *out)
{
	struct lex l = { .rest = value };
	struct civil c = { 0 };
	struct span first = word(&l);
	int32_t zone;
	bool ok;

	if (first.n > 0 && month_of(first) == 0) {
		while (skip_one_of(&l, ",."))
			continue;
		first = word(&l);
	}
	c.month = month_of(first);
	ok = c.month > 0 ? read_asctime(&l, &c) : read_rfc5322(&l, &c);
	if (!ok || !day_exists(&c))
		return false;

	zone = read_zone(&l);
	out->wall = civil_wall(&c) - zone;
	out->zone_secs = zone;
	return true;
}
