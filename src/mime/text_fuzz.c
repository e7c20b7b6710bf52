#include "mime/charset_names.h"
#include "mime/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool true_)
{
	if (!true_)
		__builtin_trap();
}

/* The text of s in pieces of up to `most` bytes, of sizes by chance. */
static void
read_text(const struct mime_part *part, struct span s, size_t most,
    uint32_t seed, struct buf *out)
{
	CLEANUP(text_clear) struct text_reader r = { 0 };

	text_start(&r, part);
	while (s.n > 0) {
		size_t from = out->n;
		size_t n;
		struct span added;

		seed = seed * 1103515245 + 12345;
		n = 1 + (seed >> 8) % most;
		text_feed(&r, span_head(s, n), out);
		s = span_from(s, n);
		added = span_from(buf_span(out), from);
		need(utf8_run(added) == added.n);
		need(added.n <= TEXT_GROWTH * (n + CHARSET_HELD));
	}
	text_end(&r, out);
	need(utf8_run(buf_span(out)) == out->n);
	need(sizeof(r) + r.decoded.cap + r.utf8.cap < TEXT_READER_MAX);
}

static void
read_whole(const struct mime_part *part, struct span s, struct buf *out)
{
	CLEANUP(text_clear) struct text_reader r = { 0 };

	text_start(&r, part);
	text_feed(&r, s, out);
	text_end(&r, out);
}

static void
check(const struct mime_part *part, struct span s, uint32_t seed)
{
	static const size_t most[] = { 1, 8, 3000 };
	CLEANUP(buf_clear) struct buf whole = { 0 };

	read_whole(part, s, &whole);
	for (size_t i = 0; i < COUNT(most); i++) {
		CLEANUP(buf_clear) struct buf pieces = { 0 };

		read_text(part, s, most[i], seed, &pieces);
		need(span_eq(buf_span(&pieces), buf_span(&whole)));
	}
}

/*
 * Two bytes choose the charset, two the pieces, one the encoding and whether
 * it is HTML; and with one more the rest comes again and again.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum mime_encoding encodings[] = { MIME_8BIT, MIME_BASE64,
		MIME_QUOTED_PRINTABLE };
	CLEANUP(buf_clear) struct buf in = { 0 };
	struct mime_part part = { .subtype = SPAN("html") };
	const struct charset *t;
	size_t n;

	if (size < 6)
		return 0;
	t = charset_table(&n);
	part.charset = span_str(t[(data[0] + data[1] * 256U) % n].name);
	part.encoding = encodings[data[4] / 2 % COUNT(encodings)];
	if (data[4] % 2 == 0)
		part.subtype = SPAN("plain");
	for (unsigned i = 0; i <= data[5] && in.n < 20000; i++)
		buf_add(&in, span_of(data + 6, size - 6));
	check(&part, buf_span(&in), data[2] + data[3] * 256U);
	return 0;
}
