#include <stdlib.h>

#include "search/fuzzy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In pieces whose lengths are in the text itself. */
static unsigned
in_pieces(const struct fuzzy *f, struct span text)
{
	struct fuzzy_match m;
	unsigned quality;

	fuzzy_match_init(&m, f, true);
	while (text.n > 0) {
		struct span piece = span_head(text, 1 + text.p[0] % 31U);

		(void)fuzzy_match_add(&m, piece);
		text = span_from(text, piece.n);
	}
	(void)fuzzy_match_end(&m);
	quality = fuzzy_match_quality(&m);
	fuzzy_match_clear(&m);
	return quality;
}

static unsigned
whole(const struct fuzzy *f, struct span text, bool want_best)
{
	struct fuzzy_match m;

	fuzzy_match_init(&m, f, want_best);
	(void)fuzzy_match_text(&m, text);
	return fuzzy_match_quality(&m);
}

/* A text is as good whole as in pieces, and a needle is in itself. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct span all = span_of(data, size);
	size_t n = size == 0 ? 0 : data[0] % 128;
	struct fuzzy *f = fuzzy_new(a, span_head(all, n));
	struct span text = span_from(all, n);
	unsigned quality = whole(f, text, true);

	if (quality > 100 || in_pieces(f, text) != quality)
		abort();
	if ((whole(f, text, false) > 0) != (quality > 0))
		abort();
	if (f->n > 0 && whole(f, span_head(all, n), true) != 100)
		abort();
	return 0;
}
