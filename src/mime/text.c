#include "mime/text.h"

#define STEP 8192 /* of encoded input that is decoded at once */

void
text_start(struct text_reader *r, const struct mime_part *part)
{
	r->transfer = (struct mime_decoder){ .encoding = part->encoding };
	r->html = (struct html_reader){ 0 };
	r->is_html = span_eq(part->subtype, SPAN("html"));
	if (charset_start(&r->charset, part->charset) != ST_OK)
		(void)charset_start(&r->charset, SPAN(""));
}

/* Converts what was decoded, and at the end what was held back, too. */
static void
convert(struct text_reader *r, struct span in, bool end, struct buf *out)
{
	struct buf *utf8 = r->is_html ? &r->utf8 : out;

	buf_reset(&r->utf8);
	charset_feed(&r->charset, in, utf8);
	if (end)
		charset_end(&r->charset, utf8);
	if (r->is_html)
		html_feed(&r->html, buf_span(utf8), out);
}

void
text_feed(struct text_reader *r, struct span in, struct buf *out)
{
	bool encoded = r->transfer.encoding == MIME_BASE64 ||
	               r->transfer.encoding == MIME_QUOTED_PRINTABLE;

	for (; in.n > 0; in = span_from(in, STEP)) {
		struct span piece = span_head(in, STEP);

		if (encoded) {
			buf_reset(&r->decoded);
			mime_decoder_feed(&r->transfer, piece, &r->decoded);
			piece = buf_span(&r->decoded);
		}
		convert(r, piece, false, out);
	}
}

void
text_end(struct text_reader *r, struct buf *out)
{
	buf_reset(&r->decoded);
	mime_decoder_end(&r->transfer, &r->decoded);
	convert(r, buf_span(&r->decoded), true, out);
	html_end(&r->html, out);
}

void
text_clear(struct text_reader *r)
{
	charset_clear(&r->charset);
	buf_clear(&r->decoded);
	buf_clear(&r->utf8);
}
