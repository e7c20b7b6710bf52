#include <stdlib.h>

#include "mime/collate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool claim)
{
	if (!claim)
		abort();
}

/* The key of a text is as long as promised and holds the keys of its parts. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf key = { 0 };
	CLEANUP(buf_clear) struct buf again = { 0 };
	struct span text = span_of(data, size);
	size_t ascii = collate_ascii_run(text);

	collate_key(&key, text);
	check(key.n <= size * COLLATE_GROWTH);
	check(ascii == size || data[ascii] >= 0x80);

	collate_key_ascii(&again, span_head(text, ascii));
	check(span_starts(buf_span(&key), buf_span(&again)));
	collate_key(&again, span_from(text, ascii));
	check(span_eq(buf_span(&key), buf_span(&again)));
	return 0;
}
