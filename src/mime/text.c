#include "mime/text.h"

#include "mime/charset.h"
#include "mime/html.h"

#define STEP 65536 /* of encoded input */

/* Adds the decoded bytes; false if there would be more than max. */
static bool
decode_some(const struct mime_part *part, struct span body, size_t max,
    struct buf *out)
{
	struct mime_decoder d = { .encoding = part->encoding };
	size_t step = MIN(max + max / 2, (size_t)STEP);

	while (body.n > 0 && out->n < max) {
		mime_decoder_feed(&d, span_head(body, step), out);
		body = span_from(body, step);
	}
	mime_decoder_end(&d, out);
	if (body.n == 0 && out->n <= max)
		return true;
	out->n = MIN(out->n, max);
	return false;
}

static void
to_utf8(struct span charset, struct span in, struct buf *out)
{
	if (mime_to_utf8(charset, in, out) != ST_OK)
		charset_guess(in, out);
}

bool
text_read(const struct mime_part *part, struct span message, size_t source_max,
    size_t max, struct buf *out)
{
	CLEANUP(buf_clear) struct buf raw = { 0 };
	CLEANUP(buf_clear) struct buf html = { 0 };
	struct span body = span_of(message.p + part->body, part->body_bytes);
	size_t from = out->n;
	bool all;

	all = decode_some(part, body, source_max, &raw);
	if (span_eq(part->subtype, SPAN("html"))) {
		to_utf8(part->charset, buf_span(&raw), &html);
		html_text(buf_span(&html), max, out);
	} else {
		to_utf8(part->charset, buf_span(&raw), out);
	}
	out->n = from + utf8_head(span_from(buf_span(out), from), max).n;
	return all;
}

void
mime_part_text(const struct mime_part *part, struct span message, size_t max,
    struct buf *out)
{
	/* Text can't be longer than HTML, but it can be much shorter. */
	bool html = span_eq(part->subtype, SPAN("html"));

	(void)text_read(part, message, html ? SIZE_MAX / 2 : max, max, out);
}
