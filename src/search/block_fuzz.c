#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/pack.h"
#include "search/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A block that isn't ours, or was ours once: read to its end or refused. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct block_reader r = { .rest = span_of(data, size), .end = 1 << 20 };
	uint64_t last = 0;

	(void)(block_open(&r, span_of(data, size), 1, 1) == ST_OK);
	r = (struct block_reader){ .rest = span_of(data, size),
		.gram = 1,
		.end = UINT64_C(1) << 60 };
	while (block_next(&r) == ST_OK) {
		struct span docs = r.docs;
		uint64_t doc = 0;

		if (r.gram < last || r.gram >= r.end)
			abort();
		last = r.gram;
		while (docs_next(&docs, &doc))
			;
	}
	return 0;
}
