#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define FIRST_CAP 256

void
buf_clear(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

unsigned char *
buf_room(struct buf *b, size_t n)
{
	size_t cap = MAX(b->cap, (size_t)FIRST_CAP);

	if (n <= b->cap - b->n && b->p != NULL)
		return b->p + b->n;
	while (cap - b->n < n) {
		assert(cap <= SIZE_MAX / 2);
		cap *= 2;
	}
	b->p = mem_resize(b->p, cap);
	b->cap = cap;
	return b->p + b->n;
}

void
buf_add(struct buf *b, struct span s)
{
	if (s.n == 0)
		return;
	memcpy(buf_room(b, s.n), s.p, s.n);
	b->n += s.n;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, span_str(s));
}

void
buf_byte(struct buf *b, unsigned char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}

void
buf_u64(struct buf *b, uint64_t v)
{
	unsigned char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (unsigned char)('0' + v % 10);
	while ((v /= 10) != 0);
	buf_add(b, span_of(digits + at, sizeof(digits) - at));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);

	va_start(ap, fmt);
	(void)vsnprintf((char *)buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt,
	    ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->n);
	b->n -= n;
	if (b->n > 0)
		memmove(b->p, b->p + n, b->n);
}
