#include "load/text.h"

#include "base/base64.h"

#define WIDTH          72
#define WIDTH_HTML     120
#define BASE64_LINE    57 /* bytes that become 76 characters */
#define QUOTED_MOST    400
#define HAN_CHARACTERS 2500
#define KANJI_ROW      0x30 /* JIS X 0208: rows of 94, the first of kanji */
#define KANJI_IN_ROW   94

/* --- Scripts -------------------------------------------------------------- */

const struct voice *
voice_draw(uint64_t *rng, enum transfer *out_transfer)
{
	static const struct {
		uint32_t permille;
		struct voice voice;
		enum transfer transfer;
	} voices[] = {
		{ 460, { "utf-8", VOICE_LATIN }, TRANSFER_8BIT },
		{ 330, { "utf-8", VOICE_LATIN }, TRANSFER_QUOTED },
		{ 40, { "utf-8", VOICE_LATIN }, TRANSFER_BASE64 },
		{ 70, { "iso-8859-1", VOICE_LATIN_1 }, TRANSFER_QUOTED },
		{ 30, { "iso-8859-1", VOICE_LATIN_1 }, TRANSFER_8BIT },
		{ 20, { "utf-8", VOICE_CYRILLIC }, TRANSFER_BASE64 },
		{ 7, { "koi8-r", VOICE_KOI8 }, TRANSFER_8BIT },
		{ 6, { "windows-1251", VOICE_CP1251 }, TRANSFER_QUOTED },
		{ 5, { "utf-8", VOICE_GREEK }, TRANSFER_BASE64 },
		{ 2, { "iso-8859-7", VOICE_GREEK_7 }, TRANSFER_QUOTED },
		{ 20, { "utf-8", VOICE_HAN }, TRANSFER_BASE64 },
		{ 10, { "iso-2022-jp", VOICE_JIS }, TRANSFER_8BIT },
	};
	uint32_t r = rng_below(rng, 1000);
	size_t i = 0;

	while (r >= voices[i].permille)
		r -= voices[i++].permille;
	*out_transfer = voices[i].transfer;
	return &voices[i].voice;
}

/* Letters for a to z, in the order of KOI8. */
static const uint16_t cyrillic[] = { 0x430, 0x431, 0x446, 0x434, 0x435, 0x444,
	0x433, 0x445, 0x438, 0x439, 0x43a, 0x43b, 0x43c, 0x43d, 0x43e, 0x43f,
	0x44f, 0x440, 0x441, 0x442, 0x443, 0x436, 0x432, 0x44c, 0x44b, 0x437 };
static const uint16_t greek[] = { 0x3b1, 0x3b2, 0x3c8, 0x3b4, 0x3b5, 0x3c6,
	0x3b3, 0x3b7, 0x3b9, 0x3be, 0x3ba, 0x3bb, 0x3bc, 0x3bd, 0x3bf, 0x3c0,
	0x3c7, 0x3c1, 0x3c3, 0x3c4, 0x3b8, 0x3c9, 0x3c2, 0x3c7, 0x3c5, 0x3b6 };

static void
add_two_bytes(struct buf *out, uint32_t c)
{
	buf_byte(out, (unsigned char)(0xc0 | c >> 6));
	buf_byte(out, (unsigned char)(0x80 | (c & 0x3f)));
}

static void
add_letter(struct buf *out, const struct voice *v, unsigned char c)
{
	uint32_t at = (uint32_t)(ascii_lower(c) - 'a') % COUNT(cyrillic);

	if (v->script == VOICE_CYRILLIC)
		add_two_bytes(out, cyrillic[at]);
	else if (v->script == VOICE_KOI8)
		buf_byte(out, (unsigned char)(0xc1 + at));
	else if (v->script == VOICE_CP1251)
		buf_byte(out, (unsigned char)(cyrillic[at] - 0x430 + 0xe0));
	else if (v->script == VOICE_GREEK)
		add_two_bytes(out, greek[at]);
	else
		buf_byte(out, (unsigned char)(greek[at] - 0x3b0 + 0xe0));
}

/* Two or three characters a word, and no spaces. */
static void
add_han(struct buf *out, const struct voice *v, uint32_t rank)
{
	uint64_t rng = rng_stream(rank, VOICE_HAN);

	for (uint32_t n = 2 + rng_below(&rng, 2); n > 0; n--) {
		uint32_t c = rng_below(&rng, HAN_CHARACTERS);

		if (v->script == VOICE_JIS) {
			buf_byte(out,
			    (unsigned char)(KANJI_ROW + c / KANJI_IN_ROW));
			buf_byte(out, (unsigned char)(0x21 + c % KANJI_IN_ROW));
			continue;
		}
		c += 0x4e00;
		buf_byte(out, (unsigned char)(0xe0 | c >> 12));
		buf_byte(out, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
		buf_byte(out, (unsigned char)(0x80 | (c & 0x3f)));
	}
}

/* Words are UTF-8 with letters below U+0100 (RFC 3629 section 3). */
static void
add_latin_1(struct buf *out, struct span word)
{
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] < 0x80)
			buf_byte(out, word.p[i]);
		else
			buf_byte(out, (unsigned char)(word.p[++i] | 0x40));
	}
}

void
voice_add(struct buf *out, const struct voice *v, uint32_t rank)
{
	struct span word = words_get(rank);

	switch (v->script) {
	case VOICE_LATIN:
		words_add_one(out, rank);
		break;
	case VOICE_LATIN_1:
		add_latin_1(out, word);
		break;
	case VOICE_HAN:
		add_han(out, v, rank);
		break;
	case VOICE_JIS: /* into and out of it again (RFC 1468) */
		BUF_LIT(out, "\033$B");
		add_han(out, v, rank);
		BUF_LIT(out, "\033(B");
		break;
	case VOICE_CYRILLIC:
	case VOICE_KOI8:
	case VOICE_CP1251:
	case VOICE_GREEK:
	case VOICE_GREEK_7:
	default:
		for (size_t i = 0; i < word.n; i++)
			if (word.p[i] < 0x80)
				add_letter(out, v, word.p[i]);
	}
}

/* --- Texts ---------------------------------------------------------------- */

/* Where the line began, so that it ends in time. */
struct lines {
	struct buf *out;
	size_t start;
	size_t width;
};

static void
gap(struct lines *l)
{
	if (l->out->n - l->start < l->width) {
		buf_byte(l->out, ' ');
		return;
	}
	BUF_LIT(l->out, "\r\n");
	l->start = l->out->n;
}

#define SENTENCE 17 /* words at most */

/* All are drawn first, so that the processor fetches them side by side. */
static uint32_t
draw_sentence(uint64_t *rng, uint32_t *ranks)
{
	uint32_t words = 4 + rng_below(rng, SENTENCE - 3);

	for (uint32_t i = 0; i < words; i++) {
		ranks[i] = words_draw(rng);
		__builtin_prefetch(&words_all[ranks[i]]);
	}
	return words;
}

static void
add_sentence(struct lines *l, struct text *t)
{
	uint32_t ranks[SENTENCE];
	uint32_t words = draw_sentence(&t->rng, ranks);
	bool latin = t->voice->script <= VOICE_LATIN_1;
	uint64_t r = rng_next(&t->rng);

	for (uint32_t i = 0; i < words; i++, r >>= 2) {
		size_t at = l->out->n;

		voice_add(l->out, t->voice, ranks[i]);
		if (i == 0 && latin)
			l->out->p[at] = ascii_upper(l->out->p[at]);
		if (i + 1 == words)
			break;
		if (i > 2 && i % 4 == 0 && (r & 3) == 0)
			buf_byte(l->out, ',');
		if (t->voice->script != VOICE_HAN || i % 12 == 11)
			gap(l);
	}
	if ((r & 0xff) < 10)
		buf_printf(l->out, " %u", rng_below(&t->rng, 3000));
	if (t->planted != NULL) {
		gap(l);
		buf_str(l->out, t->planted);
		t->planted = NULL;
	}
	buf_byte(l->out, words % 11 == 0 ? '?' : '.');
}

/* The next paragraph; now and then it begins with a link. */
static void
html_paragraph(struct lines *l, const struct voice *v, uint64_t *marks)
{
	BUF_LIT(l->out, "</p>\r\n");
	l->start = l->out->n;
	if (rng_below(marks, 4) == 0)
		BUF_LIT(l->out, "<p class=\"lead\">");
	else
		BUF_LIT(l->out, "<p style=\"margin:0 0 12px\">");
	if (rng_below(marks, 3) != 0)
		return;
	buf_printf(l->out, "<a href=\"https://www.%u.example/%016llx\"",
	    rng_below(marks, 400), (unsigned long long)rng_next(marks));
	BUF_LIT(l->out, " style=\"color:#1155cc\" target=\"_blank\">");
	voice_add(l->out, v, words_draw(marks));
	BUF_LIT(l->out, "</a> ");
}

void
text_add(struct buf *out, const struct text *text)
{
	struct text t = *text;
	struct lines l = { out, out->n, t.html ? WIDTH_HTML : WIDTH };
	size_t end = out->n + t.bytes;
	uint64_t marks = t.rng;

	for (;;) {
		add_sentence(&l, &t);
		if (out->n >= end)
			break;
		if (rng_below(&t.rng, 4) > 0) {
			gap(&l);
		} else if (t.html) {
			html_paragraph(&l, t.voice, &marks);
		} else {
			BUF_LIT(out, "\r\n\r\n");
			l.start = out->n;
		}
	}
	BUF_LIT(out, "\r\n");
}

void
text_add_quoted(struct buf *out, const struct text *t)
{
	static struct buf whole;
	struct text shorter = *t;
	struct span rest;
	size_t n;

	shorter.bytes = MIN(t->bytes, (size_t)QUOTED_MOST);
	shorter.planted = NULL;
	buf_reset(&whole);
	text_add(&whole, &shorter);
	for (rest = buf_span(&whole); rest.n > 0; rest = span_from(rest, n)) {
		n = span_find(rest, '\n') + 1;
		BUF_LIT(out, "> ");
		buf_add(out, span_head(rest, n));
	}
}

/* --- Transfer encodings (RFC 2045 section 6) ------------------------------ */

static void
add_base64(struct buf *out, struct span s)
{
	for (; s.n > 0; s = span_from(s, BASE64_LINE)) {
		base64_encode(out, span_head(s, BASE64_LINE));
		BUF_LIT(out, "\r\n");
	}
}

/* How much of s may stand as it is, of at most `most` bytes. */
static size_t
plain_run(struct span s, size_t most)
{
	size_t n = 0;

	s = span_head(s, most);
	while (n < s.n && s.p[n] < 0x80 && s.p[n] >= ' ' && s.p[n] != '=')
		n++;
	return n;
}

/* A byte that is not plain, or a dot that LMTP would want to be two. */
static void
add_escaped(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_byte(out, '=');
	buf_byte(out, (unsigned char)hex[c >> 4]);
	buf_byte(out, (unsigned char)hex[c & 15]);
}

#define QUOTED_WIDTH 75 /* and the "=" of a soft break */

static void
add_quoted(struct buf *out, struct span s)
{
	size_t line = out->n;
	size_t n;

	for (; s.n > 0; s = span_from(s, n)) {
		n = 2;
		if (span_starts(s, SPAN("\r\n"))) {
			BUF_LIT(out, "\r\n");
			line = out->n;
			continue;
		}
		if (out->n - line + 3 > QUOTED_WIDTH) {
			BUF_LIT(out, "=\r\n");
			line = out->n;
		}
		n = 0;
		if (out->n > line || s.p[0] != '.')
			n = plain_run(s, QUOTED_WIDTH - (out->n - line));
		buf_add(out, span_head(s, n));
		if (n == 0)
			add_escaped(out, s.p[n++]);
	}
}

void
transfer_add(struct buf *out, enum transfer how, struct span s)
{
	if (how == TRANSFER_BASE64)
		add_base64(out, s);
	else if (how == TRANSFER_QUOTED)
		add_quoted(out, s);
	else
		buf_add(out, s);
}

const char *
transfer_field(enum transfer how)
{
	static const char *const fields[] = {
		[TRANSFER_8BIT] = "Content-Transfer-Encoding: 8bit",
		[TRANSFER_QUOTED] =
		    "Content-Transfer-Encoding: quoted-printable",
		[TRANSFER_BASE64] = "Content-Transfer-Encoding: base64",
	};

	return fields[how];
}
