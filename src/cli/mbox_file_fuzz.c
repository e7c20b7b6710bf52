#include <stdlib.h>

#include "cli/mbox_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool claim)
{
	if (!claim)
		abort();
}

/* Every byte belongs to one message at most, and none is made up. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	struct mbox_reader r;
	const unsigned char *at = data;

	if (mbox_open(span_of(data, size), &r) != ST_OK)
		return 0;
	while (mbox_next(&r, &m)) {
		check(m.raw.p >= at && m.text.n <= m.raw.n);
		at = m.raw.p + m.raw.n;
		check(at <= data + size);
	}
	check(r.at == size);
	return 0;
}
