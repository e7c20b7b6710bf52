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
static void
read_all(struct span file)
{
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	struct mbox_reader r;
	const unsigned char *at = file.p;

	if (mbox_open(file, &r) != ST_OK)
		return;
	while (mbox_next(&r, &m)) {
		check(m.raw.p >= at && m.text.n <= m.raw.n);
		at = m.raw.p + m.raw.n;
		check(at <= file.p + file.n);
	}
	check(r.at == file.n);
}

/* What is written is one message, with the text that went in. */
static void
write_one(struct span text)
{
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	CLEANUP(buf_clear) struct buf file = { 0 };
	const struct mbox_facts f = { .uid = 1 };
	struct mbox_reader r;

	mbox_write(&file, &f, text);
	check(mbox_open(buf_span(&file), &r) == ST_OK);
	if (mbox_next(&r, &m)) /* it may be X-IMAP's */
		check(m.text.n <= text.n + 1);
	check(!mbox_next(&r, &m));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf file = { 0 };

	read_all(span_of(data, size));
	BUF_LIT(&file, "From x Tue Nov 24 17:01:02 2026\n");
	buf_add(&file, span_of(data, size));
	read_all(buf_span(&file));
	write_one(span_of(data, size));
	return 0;
}
