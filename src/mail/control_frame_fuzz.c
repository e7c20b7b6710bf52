#include <stdlib.h>

#include "mail/control_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool claim)
{
	if (!claim)
		abort();
}

/* Whatever reads as a request is written as one that reads the same. */
static void
requests(struct span in)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(buf_clear) struct buf again = { 0 };
	struct control_request r;
	struct span fields;
	size_t n;

	if (control_request_read(in, &r) != ST_OK)
		return;
	control_ask(&b, &r);
	check(control_frame(buf_span(&b), &fields, &n) == ST_OK && n == b.n);
	check(control_request_read(fields, &r) == ST_OK);
	control_ask(&again, &r);
	check(span_eq(buf_span(&b), buf_span(&again)));
}

static void
answers(struct span in)
{
	struct control_reply reply;
	struct control_mailbox m;
	struct control_item i;
	struct control_row r;
	struct unpack u;
	struct span word;

	if (control_reply_read(in, &reply) != ST_OK)
		return;
	for (u = reply.rest; control_mailbox_next(&u, &m);)
		check(m.name.n <= in.n);
	for (u = reply.rest; control_row_next(&u, &r);)
		while (control_keyword(&r.keywords, &word))
			check(word.n <= in.n);
	for (u = reply.rest; control_item_next(&u, &i);)
		check(i.bytes.n <= in.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	struct span fields;
	size_t n;

	requests(in);
	answers(in);
	if (control_frame(in, &fields, &n) == ST_OK)
		check(n <= size && fields.n + 4 == n);
	return 0;
}
