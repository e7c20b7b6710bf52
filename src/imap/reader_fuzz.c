#include "imap/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_MAX = 200, INLINE_MAX = 100 };

/* Takes one of the three ways, whatever comes, but the same each time. */
static void
decide(struct reader *r, struct buf *log)
{
	struct reader_literal lit = reader_literal(r);

	buf_printf(log, "L%llu %d %d %zu", (unsigned long long)lit.size,
	    lit.sync, lit.literal8, lit.text.n);
	if (lit.size % 3 == 0 && lit.fits)
		reader_inline(r);
	else if (lit.size % 3 == 1)
		reader_outside(r);
	else
		reader_refuse(r);
}

static void
play(struct span in, size_t piece, struct buf *log)
{
	CLEANUP(reader_clear)
	struct reader r = { .line_max = LINE_MAX, .inline_max = INLINE_MAX };
	struct span bytes;

	while (in.n > 0) {
		struct span now = span_head(in, piece);
		size_t before = now.n;
		enum reader_event ev = reader_next(&r, &now, &bytes);

		in = span_from(in, before - now.n);
		if (r.text.n > LINE_MAX + INLINE_MAX + LINE_MAX)
			__builtin_trap();
		if (ev == READER_LITERAL) {
			decide(&r, log);
		} else if (ev == READER_BYTES) {
			buf_add(log, bytes);
		} else if (ev == READER_COMMAND) {
			buf_add(log, reader_text(&r));
			BUF_LIT(log, "|");
		} else if (ev == READER_FAILED) {
			buf_printf(log, "F%d", (int)reader_fault(&r));
		} else if (now.n > 0) {
			__builtin_trap();
		}
	}
}

/* However a stream is chopped, the same comes of it, in bounded memory. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf whole = { 0 };
	CLEANUP(buf_clear) struct buf pieces = { 0 };
	struct span in;

	if (size < 1)
		return 0;
	in = span_of(data + 1, size - 1);
	play(in, SIZE_MAX, &whole);
	play(in, data[0] % 16 + (size_t)1, &pieces);
	if (!span_eq(buf_span(&whole), buf_span(&pieces)))
		__builtin_trap();
	return 0;
}
