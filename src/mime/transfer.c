#include "mime/decode.h"
#include "mime/lex.h"

#define STEP 16384 /* of input, where only the size is wanted */

/* The value of each base64 digit, and 64 for what is none. */
#define X 64
/* clang-format off */
static const uint8_t b64_values[256] = {
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, 62, X, X, X, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X,
	X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, X,
	X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
/* clang-format on */
#undef X

/* Whole groups of four digits; how much of in they were. */
static size_t
b64_groups(struct span in, struct buf *out)
{
	unsigned char *to = buf_room(out, in.n / 4 * 3);
	unsigned char *const start = to;
	size_t i = 0;

	for (; i + 4 <= in.n; i += 4, to += 3) {
		const unsigned char *p = in.p + i;
		uint32_t a = b64_values[p[0]];
		uint32_t b = b64_values[p[1]];
		uint32_t c = b64_values[p[2]];
		uint32_t d = b64_values[p[3]];
		uint32_t v = a << 18 | b << 12 | c << 6 | d;

		if (((a | b | c | d) & 64) != 0)
			break;
		to[0] = (unsigned char)(v >> 16);
		to[1] = (unsigned char)(v >> 8);
		to[2] = (unsigned char)v;
	}
	buf_added(out, (size_t)(to - start));
	return i;
}

/* What the digits held so far stand for: n of them are n - 1 bytes. */
static void
b64_flush(struct mime_decoder *d, struct buf *out)
{
	uint32_t v = d->bits << (6 * (4 - d->held));

	for (unsigned i = 0; i + 1 < d->held; i++)
		buf_byte(out, (unsigned char)(v >> (16 - 8 * i)));
	d->held = 0;
	d->bits = 0;
}

static void
feed_base64(struct mime_decoder *d, struct span in, struct buf *out)
{
	size_t i = 0;

	while (i < in.n) {
		unsigned v;

		if (d->held == 0) {
			i += b64_groups(span_from(in, i), out);
			if (i == in.n)
				return;
		}
		v = b64_values[in.p[i]];
		if (v < 64) {
			d->bits = d->bits << 6 | v;
			d->held++;
		}
		if (d->held == 4 || (in.p[i] == '=' && d->held > 0))
			b64_flush(d, out);
		i++;
	}
}

/*
 * Quoted-printable holds back what depends on the bytes after it: blanks,
 * which go if the line ends (RFC 2045 section 6.7, rule 3), a CR, and an
 * equals sign with what follows it.
 */
static void
qp_release(struct mime_decoder *d, struct buf *out)
{
	buf_add(out, span_of(d->hold, d->held));
	d->held = 0;
}

static void
qp_hold(struct mime_decoder *d, unsigned char c, struct buf *out)
{
	if (d->held == sizeof(d->hold))
		qp_release(d, out);
	d->hold[d->held++] = c;
}

static int
hex_value(unsigned char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
qp_line_end(struct mime_decoder *d, struct buf *out)
{
	if (d->held == 0 || d->hold[0] != '=') {
		if (d->held > 0 && d->hold[d->held - 1] == '\r')
			buf_byte(out, '\r');
		buf_byte(out, '\n');
	}
	d->held = 0;
}

/* Behind an equals sign.  False if c doesn't belong there. */
static bool
qp_escape(struct mime_decoder *d, unsigned char c, struct buf *out)
{
	int high = d->held > 1 ? hex_value(d->hold[1]) : -1;
	int low = hex_value(c);

	if (d->held == 2 && high >= 0 && low >= 0) {
		buf_byte(out, (unsigned char)(high << 4 | low));
		d->held = 0;
		return true;
	}
	if ((d->held == 1 && low >= 0) ||
	    (high < 0 && (lex_is_blank(c) || c == '\r'))) {
		qp_hold(d, c, out);
		return true;
	}
	return false;
}

/* One byte where something is held or it must be. */
static void
qp_byte(struct mime_decoder *d, unsigned char c, struct buf *out)
{
	bool after_cr = d->held > 0 && d->hold[d->held - 1] == '\r';

	if (c == '\n' && !(d->held == 2 && d->hold[0] == '=' &&
			     hex_value(d->hold[1]) >= 0)) {
		qp_line_end(d, out);
		return;
	}
	if (d->held > 0 && d->hold[0] == '=' && !after_cr &&
	    qp_escape(d, c, out))
		return;
	if (after_cr || (d->held > 0 && d->hold[0] == '='))
		qp_release(d, out);
	if (c == '=')
		qp_release(d, out);
	if (c == '=' || c == '\r' || lex_is_blank(c)) {
		qp_hold(d, c, out);
		return;
	}
	qp_release(d, out);
	buf_byte(out, c);
}

/* As many =XX as follow each other; how much of in they were. */
static size_t
qp_escapes(struct span in, struct buf *out)
{
	unsigned char *to = buf_room(out, in.n / 3);
	size_t n = 0;
	size_t i = 0;

	while (in.n - i >= 3 && in.p[i] == '=') {
		int high = hex_value(in.p[i + 1]);
		int low = hex_value(in.p[i + 2]);

		if (high < 0 || low < 0)
			break;
		to[n++] = (unsigned char)(high << 4 | low);
		i += 3;
	}
	buf_added(out, n);
	return i;
}

/*
 * Text without an equals sign, up to a line end or as far as there is any.
 * What is at its end is held byte by byte, for no more is held of it than
 * would be if it came in pieces.
 */
static void
qp_plain(struct mime_decoder *d, struct span s, bool line_end, struct buf *out)
{
	size_t end = s.n;

	if (end > 0 && s.p[end - 1] == '\r')
		end--;
	while (end > 0 && lex_is_blank(s.p[end - 1]))
		end--;
	buf_add(out, span_head(s, end));
	for (; end < s.n; end++)
		qp_hold(d, s.p[end], out);
	if (line_end)
		qp_line_end(d, out);
}

static void
feed_qp(struct mime_decoder *d, struct span in, struct buf *out)
{
	size_t line = 0; /* the next line end from i on, once it's needed */
	size_t i = 0;

	while (i < in.n) {
		struct span run;
		size_t n;

		if (d->held > 0 || in.p[i] == '=') {
			n = d->held > 0 ? 0 : qp_escapes(span_from(in, i), out);
			if (n == 0)
				qp_byte(d, in.p[i++], out);
			i += n;
			continue;
		}
		if (line < i || i == 0)
			line = i + span_find(span_from(in, i), '\n');
		run = span_of(in.p + i, line - i);
		n = span_find(run, '=');
		if (n < run.n)
			buf_add(out, span_head(run, n));
		else
			qp_plain(d, run, line < in.n, out);
		i += n < run.n ? n : run.n + 1;
	}
}

void
mime_decoder_feed(struct mime_decoder *d, struct span in, struct buf *out)
{
	if (d->encoding == MIME_BASE64)
		feed_base64(d, in, out);
	else if (d->encoding == MIME_QUOTED_PRINTABLE)
		feed_qp(d, in, out);
	else
		buf_add(out, in);
}

void
mime_decoder_end(struct mime_decoder *d, struct buf *out)
{
	if (d->encoding == MIME_BASE64) {
		b64_flush(d, out);
	} else if (d->encoding == MIME_QUOTED_PRINTABLE) {
		if (d->held == 2 && hex_value(d->hold[1]) >= 0)
			qp_release(d, out);
		else if (d->held > 0 && d->hold[d->held - 1] == '\r')
			buf_byte(out, '\r');
	}
	d->held = 0;
}

void
mime_decode(enum mime_encoding e, struct span in, struct buf *out)
{
	struct mime_decoder d = { .encoding = e };

	mime_decoder_feed(&d, in, out);
	mime_decoder_end(&d, out);
}

uint64_t
mime_decoded_size(enum mime_encoding e, struct span in)
{
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct mime_decoder d = { .encoding = e };
	uint64_t size = 0;

	if (e != MIME_BASE64 && e != MIME_QUOTED_PRINTABLE)
		return in.n;
	for (; in.n > 0; in = span_from(in, STEP)) {
		mime_decoder_feed(&d, span_head(in, STEP), &out);
		size += out.n;
		buf_reset(&out);
	}
	mime_decoder_end(&d, &out);
	return size + out.n;
}
