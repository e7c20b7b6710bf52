#include "base/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct buf *out, struct span s)
{
	for (; s.n > 0; s = span_from(s, 3)) {
		uint32_t b = (uint32_t)s.p[0] << 16;

		if (s.n > 1)
			b |= (uint32_t)s.p[1] << 8;
		if (s.n > 2)
			b |= s.p[2];
		buf_byte(out, (unsigned char)alphabet[b >> 18]);
		buf_byte(out, (unsigned char)alphabet[b >> 12 & 63]);
		buf_byte(out,
		    s.n > 1 ? (unsigned char)alphabet[b >> 6 & 63] : '=');
		buf_byte(out, s.n > 2 ? (unsigned char)alphabet[b & 63] : '=');
	}
}

static bool
value_of(unsigned char c, uint32_t *out)
{
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

	if (at == NULL)
		return false;
	*out = (uint32_t)(at - alphabet);
	return true;
}

/* Four characters, of which the last one or two may be padding. */
static bool
decode_group(struct buf *out, const unsigned char *p, bool last)
{
	uint32_t v[4] = { 0 };
	uint32_t b;
	size_t n = 4;

	if (last && p[3] == '=')
		n = p[2] == '=' ? 2 : 3;
	for (size_t i = 0; i < n; i++)
		if (!value_of(p[i], &v[i]))
			return false;
	b = v[0] << 18 | v[1] << 12 | v[2] << 6 | v[3];
	if ((n == 2 && (b & 0xffff) != 0) || (n == 3 && (b & 0xff) != 0))
		return false;
	buf_byte(out, (unsigned char)(b >> 16));
	if (n > 2)
		buf_byte(out, (unsigned char)(b >> 8));
	if (n > 3)
		buf_byte(out, (unsigned char)b);
	return true;
}

enum status
base64_decode(struct buf *out, struct span s)
{
	size_t before = out->n;

	if (s.n % 4 != 0)
		return ST_BAD;
	for (size_t i = 0; i < s.n; i += 4) {
		if (!decode_group(out, s.p + i, i + 4 == s.n)) {
			out->n = before;
			return ST_BAD;
		}
	}
	return ST_OK;
}
