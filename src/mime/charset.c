#include "mime/charset.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <pthread.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "mime/charset_names.h"
#include "mime/collate.h"

#define REPLACEMENT 0xfffd
#define CHUNK       4096 /* of output that one call of iconv may fill */

static const uint16_t cp1252[32] = { 0x20ac, REPLACEMENT, 0x201a, 0x0192,
	0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
	REPLACEMENT, 0x017d, REPLACEMENT, REPLACEMENT, 0x2018, 0x2019, 0x201c,
	0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153,
	REPLACEMENT, 0x017e, 0x0178 };

uint32_t
charset_cp1252(unsigned char c)
{
	return cp1252[c & 31];
}

size_t
utf8_run(struct span s)
{
	size_t n = 0;

	while (n < s.n) {
		utf8proc_int32_t code;
		utf8proc_ssize_t used;

		n += collate_ascii_run(span_from(s, n));
		if (n == s.n)
			break;
		used = utf8proc_iterate(s.p + n, (utf8proc_ssize_t)(s.n - n),
		    &code);
		if (used <= 0)
			break;
		n += (size_t)used;
	}
	return n;
}

void
utf8_put(struct buf *out, uint32_t code)
{
	unsigned char *to = buf_room(out, 4);

	buf_added(out,
	    (size_t)utf8proc_encode_char((utf8proc_int32_t)code, to));
}

struct span
utf8_head(struct span s, size_t n)
{
	if (n >= s.n)
		return s;
	while (n > 0 && (s.p[n] & 0xc0) == 0x80)
		n--;
	return span_head(s, n);
}

/* An ill-formed sequence becomes one U+FFFD for each byte of it. */
static void
from_utf8(struct span in, struct buf *out)
{
	while (in.n > 0) {
		size_t n = utf8_run(in);

		buf_add(out, span_head(in, n));
		in = span_from(in, n);
		if (in.n > 0) {
			utf8_put(out, REPLACEMENT);
			in = span_from(in, 1);
		}
	}
}

static void
from_cp1252(struct span in, struct buf *out)
{
	while (in.n > 0) {
		size_t n = collate_ascii_run(in);

		buf_add(out, span_head(in, n));
		in = span_from(in, n);
		if (in.n > 0) {
			utf8_put(out,
			    in.p[0] < 0xa0 ? charset_cp1252(in.p[0]) : in.p[0]);
			in = span_from(in, 1);
		}
	}
}

void
charset_guess(struct span s, struct buf *out)
{
	if (utf8_run(s) == s.n)
		buf_add(out, s);
	else
		from_cp1252(s, out);
}

/* Skips what iconv can't take, which is at the start of *in. */
static void
skip_bad(struct span *in, size_t unit, struct buf *out)
{
	utf8_put(out, REPLACEMENT);
	*in = span_from(*in, unit);
}

/* One call of iconv, which uses some of *in. */
static void
iconv_step(iconv_t cd, struct span *in, size_t unit, struct buf *out)
{
	/* The interface of iconv lacks a const: it doesn't write there. */
	char *from = (char *)(uintptr_t)in->p;
	size_t left = in->n;
	char *to = (char *)buf_room(out, CHUNK);
	size_t room = CHUNK;
	bool full;

	full = iconv(cd, &from, &left, &to, &room) == (size_t)-1 &&
	       errno == E2BIG && room < CHUNK;
	buf_added(out, CHUNK - room);
	*in = span_from(*in, in->n - left);
	if (left > 0 && !full)
		skip_bad(in, unit, out);
}

/* Some converters hold a character back to see what comes after it. */
static void
iconv_flush(iconv_t cd, struct buf *out)
{
	char *to = (char *)buf_room(out, CHUNK);
	size_t room = CHUNK;

	(void)iconv(cd, NULL, NULL, &to, &room);
	buf_added(out, CHUNK - room);
}

/*
 * Each thread keeps the converters that it has used.  Opening one costs
 * microseconds, and much more if the C library has let go of its module in
 * between: mail that changes its charset with each word would make that a
 * weapon.
 */
static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void
cache_free(void *cache)
{
	iconv_t *cd = cache;
	size_t n;

	(void)charset_table(&n);
	for (size_t i = 0; i < n; i++)
		if (cd[i] != NULL)
			iconv_close(cd[i]);
	mem_free(&cd);
}

static void
cache_init(void)
{
	int error = pthread_key_create(&cache_key, cache_free);

	assert(error == 0);
	(void)error;
}

/* This thread's converter, at its start; NULL if there can't be one. */
static iconv_t
converter(const struct charset *c)
{
	const struct charset *table;
	iconv_t *cache;
	iconv_t cd;
	size_t n;

	table = charset_table(&n);
	(void)pthread_once(&cache_once, cache_init);
	cache = pthread_getspecific(cache_key);
	if (cache == NULL) {
		cache = mem_array(n, sizeof(iconv_t));
		(void)pthread_setspecific(cache_key, cache);
	}
	if (cache[c - table] != NULL) {
		(void)iconv(cache[c - table], NULL, NULL, NULL, NULL);
		return cache[c - table];
	}
	cd = iconv_open("UTF-8", c->iconv);
	if ((intptr_t)cd == -1)
		return NULL;
	cache[c - table] = cd;
	return cd;
}

static enum status
from_iconv(const struct charset *c, size_t unit, struct span in,
    struct buf *out)
{
	iconv_t cd = converter(c);

	if (cd == NULL)
		return ST_NOTFOUND;
	while (in.n > 0)
		iconv_step(cd, &in, unit, out);
	iconv_flush(cd, out);
	return ST_OK;
}

enum status
mime_to_utf8(struct span charset, struct span in, struct buf *out)
{
	const struct charset *c = charset_find(charset);

	if (c == NULL)
		return ST_NOTFOUND;
	switch (c->kind) {
	case CHARSET_UTF8:
		from_utf8(in, out);
		return ST_OK;
	case CHARSET_GUESS:
		charset_guess(in, out);
		return ST_OK;
	case CHARSET_CP1252:
		from_cp1252(in, out);
		return ST_OK;
	case CHARSET_UNITS_1:
		return from_iconv(c, 1, in, out);
	case CHARSET_UNITS_2:
		return from_iconv(c, 2, in, out);
	case CHARSET_UNITS_4:
		return from_iconv(c, 4, in, out);
	}
	return ST_NOTFOUND;
}
