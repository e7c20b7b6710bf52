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

/* A byte of input makes this much output at most, at the end a bit more. */
#define GROWTH 4
#define FLUSH  64

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

/* The length that a character with this first byte has in UTF-8, or 1. */
static size_t
character_length(unsigned char c)
{
	if (c < 0xc2 || c > 0xf4)
		return 1;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The length of the character at the start of s, which isn't ASCII; or 0. */
static size_t
character(struct span s)
{
	size_t n = character_length(s.p[0]);
	utf8proc_int32_t code;

	if (n == 1 || n > s.n || (s.p[1] & 0xc0) != 0x80)
		return 0;
	if (n > 2 && utf8proc_iterate(s.p, (utf8proc_ssize_t)n, &code) <= 0)
		return 0;
	return n;
}

size_t
utf8_run(struct span s)
{
	size_t n = 0;

	for (;;) {
		size_t more;

		n += collate_ascii_run(span_from(s, n));
		more = n < s.n ? character(span_from(s, n)) : 0;
		if (more == 0)
			return n;
		n += more;
	}
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

/* A byte that isn't ASCII. */
static void
cp1252_put(unsigned char c, struct buf *out)
{
	utf8_put(out, c < 0xa0 ? charset_cp1252(c) : c);
}

/*
 * Text that should be UTF-8.  Of what isn't, each byte becomes U+FFFD, or a
 * character of windows-1252 if that is the guess.  Returns how much of in it
 * was: without the end, what may be the start of a character is left.
 */
static size_t
from_utf8(struct span in, bool guess, bool end, struct buf *out)
{
	struct span rest = in;

	for (;;) {
		size_t n = utf8_run(rest);

		buf_add(out, span_head(rest, n));
		rest = span_from(rest, n);
		if (rest.n == 0 ||
		    (!end && rest.n < character_length(rest.p[0])))
			return in.n - rest.n;
		if (guess)
			cp1252_put(rest.p[0], out);
		else
			utf8_put(out, REPLACEMENT);
		rest = span_from(rest, 1);
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
			cp1252_put(in.p[0], out);
			in = span_from(in, 1);
		}
	}
}

void
charset_guess(struct span s, struct buf *out)
{
	(void)from_utf8(s, true, true, out);
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

/* A converter at its start, of those this thread keeps if it has one. */
static iconv_t
converter_take(const struct charset *c)
{
	const struct charset *table;
	iconv_t *cache;
	iconv_t cd;
	size_t n;

	table = charset_table(&n);
	(void)pthread_once(&cache_once, cache_init);
	cache = pthread_getspecific(cache_key);
	cd = cache == NULL ? NULL : cache[c - table];
	if (cd == NULL) {
		cd = iconv_open("UTF-8", c->iconv);
		return (intptr_t)cd == -1 ? NULL : cd;
	}
	cache[c - table] = NULL;
	(void)iconv(cd, NULL, NULL, NULL, NULL);
	return cd;
}

static void
converter_give(const struct charset *c, iconv_t cd)
{
	const struct charset *table;
	iconv_t *cache;
	size_t n;

	table = charset_table(&n);
	cache = pthread_getspecific(cache_key);
	if (cache == NULL) {
		cache = mem_array(n, sizeof(iconv_t));
		(void)pthread_setspecific(cache_key, cache);
	}
	if (cache[c - table] == NULL)
		cache[c - table] = cd;
	else
		iconv_close(cd);
}

/* Converts as much of *in as iconv can take; why no more. */
static int
iconv_step(iconv_t cd, struct span *in, struct buf *out)
{
	/* The interface of iconv lacks a const: it doesn't write there. */
	char *from = (char *)(uintptr_t)in->p;
	size_t left = in->n;
	size_t room = GROWTH * in->n + FLUSH;
	char *to = (char *)buf_room(out, room);
	const char *start = to;
	int error = 0;

	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		error = errno;
	buf_added(out, (size_t)(to - start));
	/* With this much room it isn't full; were it, it would go on. */
	if (error == E2BIG && to == start)
		error = EILSEQ;
	*in = span_from(*in, in->n - left);
	return error;
}

/*
 * A byte order mark: without one, bytes are in the order that Windows writes
 * (RFC 2781 section 4.3 wants the other one, few programs do).  iconv isn't
 * asked, for in glibc the mark of one text would count for all later ones.
 * Returns how long the mark is.
 */
static size_t
read_mark(struct charset_reader *r, struct span in)
{
	bool is_32 = r->charset->kind == CHARSET_UNITS_4;
	struct span little = span_head(SPAN("\xff\xfe\0\0"), is_32 ? 4 : 2);
	struct span big = is_32 ? SPAN("\0\0\xfe\xff") : SPAN("\xfe\xff");
	const struct charset *c;
	iconv_t cd;

	r->marked = false;
	if (span_starts(in, little))
		return little.n;
	if (!span_starts(in, big))
		return 0;
	c = charset_find(is_32 ? SPAN("utf-32be") : SPAN("utf-16be"));
	cd = converter_take(c);
	if (cd != NULL) {
		converter_give(r->charset, r->iconv);
		r->charset = c;
		r->iconv = cd;
	}
	return big.n;
}

/* How much may have to be skipped where iconv can't go on. */
static size_t
unit_of(const struct charset *c)
{
	if (c->kind == CHARSET_UNITS_4)
		return 4;
	return c->kind == CHARSET_UNITS_2 ? 2 : 1;
}

static size_t
from_iconv(struct charset_reader *r, struct span in, bool end, struct buf *out)
{
	struct span rest = in;

	if (r->marked)
		rest = span_from(in, read_mark(r, in));
	while (rest.n > 0) {
		int error = iconv_step(r->iconv, &rest, out);

		/* No character is as long as half a block. */
		if (error == EINVAL && !end && rest.n < CHARSET_HELD / 2)
			break;
		if (error == EINVAL || error == EILSEQ) {
			utf8_put(out, REPLACEMENT);
			rest = span_from(rest, unit_of(r->charset));
		}
	}
	return in.n - rest.n;
}

/* Some converters hold a character back to see what comes after it. */
static void
iconv_flush(iconv_t cd, struct buf *out)
{
	char *to = (char *)buf_room(out, FLUSH);
	size_t room = FLUSH;

	(void)iconv(cd, NULL, NULL, &to, &room);
	buf_added(out, FLUSH - room);
}

/* Converts what is whole of in, at the end all of it; how much that was. */
static size_t
convert(struct charset_reader *r, struct span in, bool end, struct buf *out)
{
	switch (r->charset->kind) {
	case CHARSET_UTF8:
	case CHARSET_GUESS:
		return from_utf8(in, r->charset->kind == CHARSET_GUESS, end,
		    out);
	case CHARSET_CP1252:
		from_cp1252(in, out);
		return in.n;
	case CHARSET_UTF16:
	case CHARSET_UTF32:
	case CHARSET_UNITS_1:
	case CHARSET_UNITS_2:
	case CHARSET_UNITS_4:
		break;
	}
	return from_iconv(r, in, end, out);
}

enum status
charset_start(struct charset_reader *r, struct span charset)
{
	const struct charset *c = charset_find(charset);
	bool marked = false;
	iconv_t cd = NULL;

	charset_clear(r);
	if (c == NULL)
		return ST_NOTFOUND;
	if (c->kind == CHARSET_UTF16 || c->kind == CHARSET_UTF32) {
		marked = true;
		c = charset_find(c->kind == CHARSET_UTF16 ? SPAN("utf-16le")
							  : SPAN("utf-32le"));
	}
	if (c->iconv != NULL) {
		cd = converter_take(c);
		if (cd == NULL)
			return ST_NOTFOUND;
	}
	r->charset = c;
	r->iconv = cd;
	r->marked = marked;
	return ST_OK;
}

/*
 * A converter of iconv gets the same blocks however the input was cut, as
 * some of them have their ways with what is cut within a character.  All
 * others make no difference, so text needn't wait for them.
 */
void
charset_feed(struct charset_reader *r, struct span in, struct buf *out)
{
	const size_t least = r->iconv != NULL ? CHARSET_HELD : 1;

	while (in.n > 0) {
		size_t n;

		if (r->held_n == 0 && in.n >= CHARSET_HELD) {
			n = convert(r, span_head(in, CHARSET_HELD), false, out);
			in = span_from(in, n);
			continue;
		}
		n = span_copy(r->held + r->held_n, CHARSET_HELD - r->held_n,
		    in);
		r->held_n += n;
		in = span_from(in, n);
		if (r->held_n < least)
			return;
		n = convert(r, span_of(r->held, r->held_n), false, out);
		r->held_n -= n;
		memmove(r->held, r->held + n, r->held_n);
	}
}

void
charset_end(struct charset_reader *r, struct buf *out)
{
	(void)convert(r, span_of(r->held, r->held_n), true, out);
	if (r->iconv != NULL)
		iconv_flush(r->iconv, out);
	charset_clear(r);
}

void
charset_clear(struct charset_reader *r)
{
	if (r->iconv != NULL)
		converter_give(r->charset, r->iconv);
	r->iconv = NULL;
	r->held_n = 0;
}

enum status
mime_to_utf8(struct span charset, struct span in, struct buf *out)
{
	struct charset_reader r; /* most of it isn't looked at */

	r.iconv = NULL;
	if (charset_start(&r, charset) != ST_OK)
		return ST_NOTFOUND;
	charset_feed(&r, in, out);
	charset_end(&r, out);
	return ST_OK;
}
