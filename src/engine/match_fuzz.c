#include <stdlib.h>

#include "engine/match.h"
#include "mime/collate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In pieces whose lengths are in the text itself. */
static bool
in_pieces(struct match *m, struct span text)
{
	match_start(m);
	while (text.n > 0) {
		struct span piece = span_head(text, 1 + text.p[0] % 5);

		if (match_add(m, piece))
			return true;
		text = span_from(text, piece.n);
	}
	return match_end(m);
}

/* A text has the needle, whole or in pieces, if and only if its key has. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf needle = { 0 };
	CLEANUP(buf_clear) struct buf key = { 0 };
	CLEANUP(match_clear) struct match m = { 0 };
	struct span all = span_of(data, size);
	size_t n = size == 0 ? 0 : data[0] % 8;
	struct span text = span_from(all, n);
	bool found;

	collate_key(&needle, span_head(all, n));
	collate_key(&key, text);
	found = needle.n == 0 ||
	        (key.n >= needle.n &&
		    memmem(key.p, key.n, needle.p, needle.n) != NULL);

	match_init(&m, buf_span(&needle));
	if (match_text(&m, text) != found || in_pieces(&m, text) != found)
		abort();
	return 0;
}
