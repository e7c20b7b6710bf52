#include "imap/mutf7.h"

#include <utf8proc.h>

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool
is_printable(uint32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

static int
base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_digit(c))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == ',' ? 63 : -1;
}

/* Takes one UTF-16 unit; *high holds the first half of a pair, or 0. */
static bool
put_unit(uint32_t unit, uint32_t *high, struct buf *out)
{
	uint32_t code = unit;

	if (*high != 0) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		code = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
		*high = 0;
	} else if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return true;
	} else if (is_printable(unit) || (unit >= 0xdc00 && unit <= 0xdfff)) {
		return false;
	}
	buf_added(out, (size_t)utf8proc_encode_char((utf8proc_int32_t)code,
			   buf_room(out, 4)));
	return true;
}

/* The base64 between "&" and "-". */
static bool
decode_run(struct span s, struct buf *out)
{
	uint32_t bits = 0;
	uint32_t high = 0;
	int have = 0;

	for (size_t i = 0; i < s.n; i++) {
		int v = base64_value(s.p[i]);

		if (v < 0)
			return false;
		bits = (bits << 6 | (uint32_t)v) & 0x3fffff;
		have += 6;
		if (have < 16)
			continue;
		have -= 16;
		if (!put_unit(bits >> have & 0xffff, &high, out))
			return false;
	}
	return high == 0 && have < 6 && (bits & ((1U << have) - 1)) == 0;
}

static bool
decode(struct span s, struct buf *out)
{
	bool after_run = false;

	while (s.n > 0) {
		size_t end;

		if (s.p[0] != '&') {
			if (!is_printable(s.p[0]))
				return false;
			buf_byte(out, s.p[0]);
			s = span_from(s, 1);
			after_run = false;
			continue;
		}
		end = span_find(s, '-');
		if (end == s.n)
			return false;
		if (end == 1)
			buf_byte(out, '&');
		else if (after_run ||
			 !decode_run(span_of(s.p + 1, end - 1), out))
			return false;
		after_run = end > 1;
		s = span_from(s, end + 1);
	}
	return true;
}

bool
mutf7_to_utf8(struct span s, struct buf *out)
{
	size_t start = out->n;

	if (decode(s, out))
		return true;
	out->n = start;
	return false;
}

/* An open base64 run. */
struct run {
	uint32_t bits;
	int have;
	bool open;
};

static void
run_flush(struct run *r, struct buf *out)
{
	for (; r->have >= 6; r->have -= 6)
		buf_byte(out,
		    (unsigned char)base64[r->bits >> (r->have - 6) & 0x3f]);
	r->bits &= (1U << r->have) - 1;
}

static void
run_put(struct run *r, uint32_t unit, struct buf *out)
{
	if (!r->open)
		buf_byte(out, '&');
	r->open = true;
	r->bits = r->bits << 16 | unit;
	r->have += 16;
	run_flush(r, out);
}

static void
run_close(struct run *r, struct buf *out)
{
	if (!r->open)
		return;
	if (r->have > 0) {
		r->bits <<= 6 - r->have;
		r->have = 6;
		run_flush(r, out);
	}
	buf_byte(out, '-');
	*r = (struct run){ 0 };
}

bool
utf8_to_mutf7(struct span s, struct buf *out)
{
	size_t start = out->n;
	struct run r = { 0 };

	while (s.n > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n =
		    utf8proc_iterate(s.p, (utf8proc_ssize_t)s.n, &c);

		if (n <= 0) {
			out->n = start;
			return false;
		}
		s = span_from(s, (size_t)n);
		if (is_printable((uint32_t)c)) {
			run_close(&r, out);
			buf_byte(out, (unsigned char)c);
			if (c == '&')
				buf_byte(out, '-');
		} else if (c < 0x10000) {
			run_put(&r, (uint32_t)c, out);
		} else {
			uint32_t v = (uint32_t)c - 0x10000;

			run_put(&r, 0xd800 + (v >> 10), out);
			run_put(&r, 0xdc00 + (v & 0x3ff), out);
		}
	}
	run_close(&r, out);
	return true;
}

bool
utf8_valid(struct span s)
{
	size_t i = 0;

	while (i < s.n) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n;

		if (s.p[i] < 0x80) {
			i++;
			continue;
		}
		n = utf8proc_iterate(s.p + i, (utf8proc_ssize_t)(s.n - i), &c);
		if (n <= 0)
			return false;
		i += (size_t)n;
	}
	return true;
}
