#include "mime/collate.h"

#include <pthread.h>
#include <utf8proc.h>

/* The longest decomposition of a character is that of U+FDFA. */
#define DECOMPOSED_MAX 18
#define CHARACTER_KEY  ((size_t)4 * DECOMPOSED_MAX)

/* Characters of two octets: most of what alphabets write is among them. */
#define TWO_FIRST 0x80
#define TWO_LAST  0x7ff
#define TWO_KEY   8 /* the longest of their keys */

/* Octets that are handled at once, in whatever registers there are. */
#define BLOCK 16
typedef unsigned char block __attribute__((vector_size(BLOCK)));

#define SHARP_S 0xdf

static bool
is_ascii(const unsigned char *p)
{
	uint64_t w[BLOCK / sizeof(uint64_t)];

	memcpy(w, p, sizeof(w));
	return ((w[0] | w[1]) & UINT64_C(0x8080808080808080)) == 0;
}

size_t
collate_ascii_run(struct span text)
{
	size_t i = 0;

	while (i + BLOCK <= text.n && is_ascii(text.p + i))
		i += BLOCK;
	while (i < text.n && text.p[i] < 0x80)
		i++;
	return i;
}

void
collate_key_ascii(struct buf *out, struct span text)
{
	unsigned char *to = buf_room(out, text.n);
	size_t i = 0;

	for (; i + BLOCK <= text.n; i += BLOCK) {
		block b;

		memcpy(&b, text.p + i, sizeof(b));
		b ^= (block)((b >= 'a') & (b <= 'z')) & 0x20;
		memcpy(to + i, &b, sizeof(b));
	}
	for (; i < text.n; i++)
		to[i] = ascii_upper(text.p[i]);
	buf_added(out, text.n);
}

/*
 * Writes the key of one character: RFC 5051 section 2, step 2.
 * UnicodeData.txt gives U+00DF no title case; utf8proc gives it one.
 */
static size_t
key_character(unsigned char *to, utf8proc_int32_t c)
{
	utf8proc_int32_t parts[DECOMPOSED_MAX];
	utf8proc_ssize_t count;
	size_t n = 0;
	int boundary = 0;

	c = c == SHARP_S ? c : utf8proc_totitle(c);
	count = utf8proc_decompose_char(c, parts, DECOMPOSED_MAX,
	    UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
	for (utf8proc_ssize_t i = 0; i < count; i++)
		n += (size_t)utf8proc_encode_char(parts[i], to + n);
	return n;
}

static struct {
	unsigned char key[TWO_KEY];
	size_t n;
} two_octets[TWO_LAST - TWO_FIRST + 1];

static void
fill_two_octets(void)
{
	for (int c = TWO_FIRST; c <= TWO_LAST; c++)
		two_octets[c - TWO_FIRST].n =
		    key_character(two_octets[c - TWO_FIRST].key, c);
}

static void
key_two_octets(struct buf *out, const unsigned char *text)
{
	int c = (text[0] & 0x1f) << 6 | (text[1] & 0x3f);

	memcpy(buf_room(out, TWO_KEY), two_octets[c - TWO_FIRST].key, TWO_KEY);
	buf_added(out, two_octets[c - TWO_FIRST].n);
}

/* Adds the key of the character or stray octet at the start of text. */
static size_t
key_first(struct buf *out, struct span text)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	if (text.n >= 2 && text.p[0] >= 0xc2 && text.p[0] <= 0xdf &&
	    (text.p[1] & 0xc0) == 0x80) {
		key_two_octets(out, text.p);
		return 2;
	}
	n = utf8proc_iterate(text.p, (utf8proc_ssize_t)MIN(text.n, (size_t)4),
	    &c);
	if (n <= 0) {
		buf_byte(out, text.p[0]);
		return 1;
	}
	buf_added(out, key_character(buf_room(out, CHARACTER_KEY), c));
	return (size_t)n;
}

void
collate_key(struct buf *out, struct span text)
{
	static pthread_once_t filled = PTHREAD_ONCE_INIT;

	(void)pthread_once(&filled, fill_two_octets);
	while (text.n > 0) {
		size_t n = collate_ascii_run(text);

		if (n > 0)
			collate_key_ascii(out, span_head(text, n));
		else
			n = key_first(out, text);
		text = span_from(text, n);
	}
}
