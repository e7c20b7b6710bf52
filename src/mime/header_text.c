#include "mime/charset.h"
#include "mime/charset_names.h"
#include "mime/header.h"
#include "mime/lex.h"
#include "mime/word.h"

/*
 * A run of encoded words with nothing but blanks between them.  What words
 * of one charset hold is put together before it is converted, as some
 * programs cut characters in two.
 */
struct run {
	struct span charset;
	struct buf bytes;
	bool open;
};

static void
add_q(struct span text, struct buf *out)
{
	while (text.n > 0) {
		size_t n = span_find(text, '_');

		mime_decode(MIME_QUOTED_PRINTABLE, span_head(text, n), out);
		if (n < text.n)
			buf_byte(out, ' ');
		text = span_from(text, n + 1);
	}
}

/* Base64 with anything else in it is no encoded word. */
static bool
is_base64(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if (!(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') &&
		    !ascii_digit(c) && c != '+' && c != '/' && c != '=')
			return false;
	}
	return true;
}

static void
run_end(struct run *r, struct buf *out)
{
	if (r->open &&
	    mime_to_utf8(r->charset, buf_span(&r->bytes), out) != ST_OK)
		charset_guess(buf_span(&r->bytes), out);
	r->open = false;
	buf_reset(&r->bytes);
}

/* False if the word can't be decoded. */
static bool
run_add(struct run *r, const struct encoded_word *w, struct buf *out)
{
	if (charset_find(w->charset) == NULL ||
	    (w->encoding == 'b' && !is_base64(w->text)))
		return false;
	if (r->open && !span_eq_nocase(r->charset, w->charset))
		run_end(r, out);
	r->charset = w->charset;
	r->open = true;
	if (w->encoding == 'b')
		mime_decode(MIME_BASE64, w->text, &r->bytes);
	else
		add_q(w->text, &r->bytes);
	return true;
}

/* The offset of the next "=?", or s.n. */
static size_t
find_word(struct span s)
{
	size_t at = 0;

	while (at < s.n) {
		at += span_find(span_from(s, at), '=');
		if (at + 1 < s.n && s.p[at + 1] == '?')
			return at;
		at++;
	}
	return s.n;
}

static void
decode_words(struct span line, struct buf *out)
{
	struct run r = { 0 };
	size_t plain = 0; /* from where on nothing has been added */
	size_t at = find_word(line);

	while (at < line.n) {
		struct span between = span_of(line.p + plain, at - plain);
		struct encoded_word w;

		if (!word_parse(span_from(line, at), &w)) {
			at += 2 + find_word(span_from(line, at + 2));
			continue;
		}
		if (!r.open || lex_trim(between).n > 0) {
			run_end(&r, out);
			charset_guess(between, out);
			plain = at;
		}
		if (run_add(&r, &w, out))
			plain = at + w.length;
		else
			run_end(&r, out);
		at += w.length;
		at += find_word(span_from(line, at));
	}
	run_end(&r, out);
	charset_guess(span_from(line, plain), out);
	buf_clear(&r.bytes);
}

void
mime_header_text(struct span value, struct buf *out)
{
	CLEANUP(buf_clear) struct buf line = { 0 };
	size_t from = out->n;

	header_unfold(value, &line);
	decode_words(buf_span(&line), out);
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] < ' ')
			out->p[i] = ' ';
}
