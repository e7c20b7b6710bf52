#include "mime/charset.h"
#include "mime/charset_names.h"
#include "mime/word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool true_)
{
	if (!true_)
		__builtin_trap();
}

/* Pieces of any size give what the whole gives. */
static void
check_transfer(enum mime_encoding e, struct span s, size_t step)
{
	CLEANUP(buf_clear) struct buf whole = { 0 };
	CLEANUP(buf_clear) struct buf pieces = { 0 };
	struct mime_decoder d = { .encoding = e };

	mime_decode(e, s, &whole);
	need(mime_decoded_size(e, s) == whole.n);
	need(whole.n <= s.n);
	for (; s.n > 0; s = span_from(s, step))
		mime_decoder_feed(&d, span_head(s, step), &pieces);
	mime_decoder_end(&d, &pieces);
	need(span_eq(buf_span(&pieces), buf_span(&whole)));
}

static void
check_charset(size_t which, struct span s)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	const struct charset *t;
	size_t n;

	t = charset_table(&n);
	need(mime_to_utf8(span_str(t[which % n].name), s, &text) == ST_OK);
	need(utf8_run(buf_span(&text)) == text.n);
}

/* What was encoded says the same again, unless it held encoded words. */
static void
check_words(struct span s)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	CLEANUP(buf_clear) struct buf words = { 0 };
	CLEANUP(buf_clear) struct buf back = { 0 };

	mime_header_text(s, &text);
	need(utf8_run(buf_span(&text)) == text.n);
	if (text.n == 0 || memmem(text.p, text.n, "=?", 2) != NULL)
		return;
	word_encode(buf_span(&text), &words);
	mime_header_text(buf_span(&words), &back);
	need(span_eq(buf_span(&back), buf_span(&text)));
}

/* The first two bytes choose a charset, the second also the pieces' size. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_of(data + 2, size - 2);

	if (size < 2)
		return 0;
	check_transfer(MIME_BASE64, s, data[1] % 16 + 1);
	check_transfer(MIME_QUOTED_PRINTABLE, s, data[1] % 16 + 1);
	check_charset(data[0] + (size_t)data[1] * 256, s);
	check_words(s);
	return 0;
}
