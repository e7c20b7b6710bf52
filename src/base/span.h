#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <string.h>

#include "base/defs.h"

/* Borrowed bytes: no NUL at the end, may hold NULs, never freed here. */
struct span {
	const unsigned char *p;
	size_t n;
};

#define SPAN(literal) \
	((struct span){ (const unsigned char *)(literal), sizeof(literal) - 1 })
#define SPAN_INIT(literal) \
	{ \
		(const unsigned char *)(literal), sizeof(literal) - 1 \
	}

/* For "%.*s". */
#define SPAN_ARG(s) (int)(s).n, (const char *)(s).p

static inline struct span
span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

static inline struct span
span_str(const char *s)
{
	return (struct span){ (const unsigned char *)s, strlen(s) };
}

/* From byte `from` on; empty past the end. */
static inline struct span
span_from(struct span s, size_t from)
{
	return from < s.n ? span_of(s.p + from, s.n - from) : span_of(s.p, 0);
}

/* At most n bytes of s. */
static inline struct span
span_head(struct span s, size_t n)
{
	return span_of(s.p, n < s.n ? n : s.n);
}

/* Copies what has room; says how many bytes that was. */
static inline size_t
span_copy(void *out, size_t cap, struct span s)
{
	s = span_head(s, cap);
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	return s.n;
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
span_starts(struct span s, struct span with)
{
	return s.n >= with.n && span_eq(span_of(s.p, with.n), with);
}

/* Order by bytes, then by length. */
int span_cmp(struct span a, struct span b);

/* ASCII letters without regard to case, the locale ignored. */
bool span_eq_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span s, struct span with);
int span_cmp_nocase(struct span a, struct span b);

/* The offset of the first c, or s.n. */
size_t span_find(struct span s, unsigned char c);

/* Without spaces and tabs at both ends. */
struct span span_trim(struct span s);

/* A decimal number and nothing else; false if not, or above max. */
bool span_u64(struct span s, uint64_t max, uint64_t *out);

static inline unsigned char
ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static inline unsigned char
ascii_upper(unsigned char c)
{
	return c >= 'a' && c <= 'z' ? (unsigned char)(c & 0xdf) : c;
}

static inline bool
ascii_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

#endif
