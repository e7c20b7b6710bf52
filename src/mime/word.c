#include "mime/word.h"

#include "mime/collate.h"
#include "mime/lex.h"

#define WORD_START "=?UTF-8?"
#define WORD_TEXT  63 /* of the 75 that a word may have */

bool
word_parse(struct span s, struct encoded_word *out)
{
	struct span rest = span_from(s, 2);
	size_t n;

	if (s.n < 2 || s.p[0] != '=' || s.p[1] != '?')
		return false;
	for (n = 0; n < rest.n && rest.p[n] > ' ' && rest.p[n] != '?'; n++)
		continue;
	out->charset = span_head(rest, n);
	out->charset = span_head(out->charset, span_find(out->charset, '*'));
	rest = span_from(rest, n);
	if (out->charset.n == 0 || rest.n < 3 || rest.p[0] != '?' ||
	    rest.p[2] != '?')
		return false;

	out->encoding = ascii_lower(rest.p[1]);
	rest = span_from(rest, 3);
	n = span_find(rest, '?');
	if (n + 1 >= rest.n || rest.p[n + 1] != '=')
		return false;
	out->text = span_head(rest, n);
	out->length = (size_t)(rest.p - s.p) + n + 2;
	return out->encoding == 'b' || out->encoding == 'q';
}

/* What needs no encoding anywhere: RFC 2047 section 5 (3). */
static bool
is_plain(unsigned char c)
{
	return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
	       ascii_digit(c) || c == '!' || c == '*' || c == '+' || c == '-' ||
	       c == '/';
}

static size_t
q_cost(unsigned char c)
{
	return is_plain(c) || c == ' ' ? 1 : 3;
}

static void
add_q(struct span s, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if (is_plain(c) || c == ' ') {
			buf_byte(out, c == ' ' ? '_' : c);
		} else {
			buf_byte(out, '=');
			buf_byte(out, (unsigned char)hex[c >> 4]);
			buf_byte(out, (unsigned char)hex[c & 15]);
		}
	}
}

static void
add_b64(struct span s, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = MIN(s.n - i, (size_t)3);
		unsigned v = (unsigned)s.p[i] << 16;

		if (n > 1)
			v |= (unsigned)s.p[i + 1] << 8;
		if (n > 2)
			v |= s.p[i + 2];
		for (size_t j = 0; j < 4; j++)
			buf_byte(out, j > n
					  ? '='
					  : (unsigned char)
						digits[v >> (18 - 6 * j) & 63]);
	}
}

/* How much of s goes into one word; never a part of a character. */
static size_t
piece(struct span s, bool q)
{
	size_t limit = q ? WORD_TEXT : WORD_TEXT / 4 * 3;
	size_t used = 0;
	size_t cut = 0;

	for (size_t i = 0; i < s.n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			cut = i;
		used += q ? q_cost(s.p[i]) : 1;
		if (used > limit)
			return cut > 0 ? cut : i;
	}
	return s.n;
}

/* All of s as encoded words with a space between. */
static void
encode_run(struct span s, struct buf *out)
{
	size_t cost = 0;
	bool q;

	for (size_t i = 0; i < s.n; i++)
		cost += q_cost(s.p[i]);
	q = cost <= 2 * s.n; /* readable, if half of it is */

	while (s.n > 0) {
		size_t n = piece(s, q);

		buf_str(out, q ? WORD_START "Q?" : WORD_START "B?");
		if (q)
			add_q(span_head(s, n), out);
		else
			add_b64(span_head(s, n), out);
		buf_str(out, "?=");
		s = span_from(s, n);
		if (s.n > 0)
			buf_byte(out, ' ');
	}
}

static bool
has_8bit(struct span s)
{
	return collate_ascii_run(s) < s.n;
}

/* From `at`, blanks and then a word; *blanks says how many. */
static size_t
next_word(struct span s, size_t at, size_t *blanks)
{
	size_t n = at;

	while (n < s.n && lex_is_blank(s.p[n]))
		n++;
	*blanks = n - at;
	while (n < s.n && !lex_is_blank(s.p[n]))
		n++;
	return n - at;
}

/* The end of the run of 8-bit words that begins at `at`. */
static size_t
run_end(struct span s, size_t at)
{
	for (;;) {
		size_t blanks;
		size_t n = next_word(s, at, &blanks);

		if (n == blanks || !has_8bit(span_of(s.p + at, n)))
			return at;
		at += n;
	}
}

/*
 * Where the last encoded word ends that begins in front of `to`; *from is
 * where to look from, and then from where to look the next time.
 */
static size_t
last_word_end(struct span s, size_t *from, size_t to, size_t last)
{
	struct encoded_word w;

	while (*from < to) {
		*from += span_find(span_from(s, *from), '=');
		if (*from < to && word_parse(span_from(s, *from), &w)) {
			*from += w.length;
			last = *from;
		} else {
			*from += 1;
		}
	}
	return last;
}

/*
 * Blanks between two encoded words aren't shown, so where a run meets a word
 * that was encoded already, the run takes the blanks in.
 */
void
word_encode(struct span text, struct buf *out)
{
	struct encoded_word w;
	size_t scanned = 0;
	size_t word_end = 0;
	size_t at = 0;

	while (at < text.n) {
		size_t blanks;
		size_t n = next_word(text, at, &blanks);
		size_t from = at + blanks;
		bool before;

		buf_add(out, span_of(text.p + at, blanks));
		if (!has_8bit(span_of(text.p + at, n))) {
			buf_add(out, span_of(text.p + from, n - blanks));
			at += n;
			continue;
		}
		word_end = last_word_end(text, &scanned, at, word_end);
		before = at > 0 && word_end == at && blanks > 0;
		n = run_end(text, from);
		(void)next_word(text, n, &blanks);
		if (!word_parse(span_from(text, n + blanks), &w))
			blanks = 0;
		from = before ? at : from;
		at = n + blanks;
		encode_run(span_of(text.p + from, at - from), out);
		if (blanks > 0)
			buf_byte(out, ' ');
	}
}
