#include <stdlib.h>

#include "base/buf.h"
#include "mail/lmtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool claim)
{
	if (!claim)
		abort();
}

/* Answers from within the callbacks: each user is what its first octet says. */
struct server {
	struct lmtp *lmtp;
	uint32_t recipients;
	uint64_t octets;
};

static void
recipient(void *ctx, const struct lmtp_recipient *r)
{
	struct server *s = ctx;
	enum lmtp_verdict v = LMTP_OK;

	check(r->address.n > 0 && r->user.n + r->folder.n <= r->address.n);
	if (r->user.n > 0 && r->user.p[0] < 'a')
		v = (enum lmtp_verdict)(1 + r->user.p[0] % LMTP_TEMPORARY);
	s->recipients += v == LMTP_OK;
	lmtp_found(s->lmtp, v);
}

static enum lmtp_verdict
take(void *ctx, struct span octets)
{
	struct server *s = ctx;

	check(octets.n > 0 && s->recipients > 0);
	s->octets += octets.n;
	check(s->octets <= 60);
	return LMTP_OK;
}

static void
deliver(void *ctx)
{
	struct server *s = ctx;

	for (uint32_t i = 0; i < s->recipients; i++)
		lmtp_delivered(s->lmtp, i, LMTP_OK);
}

static void
reset(void *ctx)
{
	struct server *s = ctx;

	s->recipients = 0;
	s->octets = 0;
}

/* Runs all input in pieces, so that it may be cut anywhere. */
static void
run(struct span in, size_t piece, struct buf *out)
{
	static const struct lmtp_ops ops = { recipient, take, deliver, reset };
	static const struct lmtp_settings settings = {
		.hostname = SPAN_INIT("h"),
		.message_limit = 60,
		.recipient_limit = 3,
		.delimiter = '+',
	};
	struct server s = { 0 };
	size_t taken = 0;

	s.lmtp = lmtp_new(&settings, &ops, &s);
	for (size_t n = 0; n < in.n;) {
		n = MIN(n + piece, in.n);
		taken +=
		    lmtp_input(s.lmtp, span_of(in.p + taken, n - taken), out);
		check(taken <= n && !lmtp_waiting(s.lmtp));
	}
	lmtp_free(&s.lmtp);
}

/* The same replies however the input is cut. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf whole = { 0 };
	CLEANUP(buf_clear) struct buf cut = { 0 };
	struct span in = span_of(data, size);

	run(in, SIZE_MAX / 2, &whole);
	run(in, size == 0 ? 1 : 1 + data[0] % 7, &cut);
	check(span_eq(buf_span(&whole), buf_span(&cut)));
	return 0;
}
