#include "base/span.h"

int
span_cmp(struct span a, struct span b)
{
	size_t n = MIN(a.n, b.n);
	int d = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return d != 0 ? d : (a.n > b.n) - (a.n < b.n);
}

int
span_cmp_nocase(struct span a, struct span b)
{
	size_t n = MIN(a.n, b.n);

	for (size_t i = 0; i < n; i++) {
		int d = ascii_lower(a.p[i]) - ascii_lower(b.p[i]);

		if (d != 0)
			return d;
	}
	return (a.n > b.n) - (a.n < b.n);
}

bool
span_eq_nocase(struct span a, struct span b)
{
	return a.n == b.n && span_cmp_nocase(a, b) == 0;
}

bool
span_starts_nocase(struct span s, struct span with)
{
	return s.n >= with.n && span_eq_nocase(span_of(s.p, with.n), with);
}

size_t
span_find(struct span s, unsigned char c)
{
	const unsigned char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return at == NULL ? s.n : (size_t)(at - s.p);
}

struct span
span_trim(struct span s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_of(s.p + 1, s.n - 1);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

bool
span_u64(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t d = (uint64_t)s.p[i] - '0';

		if (!ascii_digit(s.p[i]) || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}
