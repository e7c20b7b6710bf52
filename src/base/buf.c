#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define FIRST_CAP    256
#define PRINTF_FIRST 64 /* most texts are no longer */

void
buf_clear(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

unsigned char *
buf_more_room(struct buf *b, size_t n)
{
	size_t cap = MAX(b->cap, (size_t)FIRST_CAP);

	while (cap - b->n < n) {
		assert(cap <= SIZE_MAX / 2);
		cap *= 2;
	}
	b->p = mem_resize(b->p, cap);
	b->cap = cap;
	return b->p + b->n;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, span_str(s));
}

void
buf_u64(struct buf *b, uint64_t v)
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";
	unsigned char digits[20];
	size_t at = sizeof(digits);

	for (; v >= 100; v /= 100) {
		at -= 2;
		memcpy(digits + at, pairs + v % 100 * 2, 2);
	}
	if (v >= 10) {
		at -= 2;
		memcpy(digits + at, pairs + v * 2, 2);
	} else {
		digits[--at] = (unsigned char)('0' + v);
	}
	buf_add(b, span_of(digits + at, sizeof(digits) - at));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t n = PRINTF_FIRST;
	size_t room;

	do {
		char *p = (char *)buf_room(b, n + 1);
		va_list ap;
		int said;

		room = b->cap - b->n;
		va_start(ap, fmt);
		said = vsnprintf(p, room, fmt, ap);
		va_end(ap);
		assert(said >= 0);
		n = (size_t)said;
	} while (n >= room);
	b->n += n;
}

void
buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->n);
	b->n -= n;
	if (b->n > 0)
		memmove(b->p, b->p + n, b->n);
}
