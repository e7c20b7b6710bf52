#include "mail/lmtp.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "mail/lmtp_inside.h"

struct lmtp *
lmtp_new(const struct lmtp_settings *settings, const struct lmtp_ops *ops,
    void *ctx)
{
	struct lmtp *l = MEM_NEW(struct lmtp);

	l->settings = settings;
	l->ops = ops;
	l->ctx = ctx;
	return l;
}

void
lmtp_free(struct lmtp **l)
{
	if (*l == NULL)
		return;
	buf_clear(&(*l)->client);
	buf_clear(&(*l)->from);
	buf_clear(&(*l)->scratch);
	free((*l)->verdict);
	free(*l);
	*l = NULL;
}

void
lmtp_reply(struct lmtp *l, const char *text)
{
	buf_str(l->out, text);
	BUF_LIT(l->out, "\r\n");
}

void
lmtp_reply_error(struct lmtp *l, const char *text)
{
	if (++l->errors < LIMIT_LMTP_ERRORS) {
		lmtp_reply(l, text);
		return;
	}
	lmtp_reply(l, "421 4.7.0 Too many errors");
	l->state = AT_END;
}

void
lmtp_reply_order(struct lmtp *l, const char *text)
{
	buf_printf(l->out, "503 5.5.1 %s\r\n", text);
}

static const char *
verdict_text(const struct lmtp *l, enum lmtp_verdict v)
{
	switch (v) {
	case LMTP_OK:
		return "250 2.0.0 Delivered";
	case LMTP_UNKNOWN_USER:
		return "550 5.1.1 No such user";
	case LMTP_DISABLED:
		return "550 5.2.1 Mailbox disabled";
	case LMTP_OVER_QUOTA:
		return l->settings->over_quota_temporary
		           ? "452 4.2.2 Mailbox full"
		           : "552 5.2.2 Mailbox full";
	case LMTP_TOO_BIG:
		return "552 5.3.4 Message too big";
	case LMTP_NO_SPACE:
		return "452 4.3.1 Not enough space, try later";
	case LMTP_TEMPORARY:
	case LMTP_UNDECIDED:
		break;
	}
	return "451 4.3.0 Can't do that now, try later";
}

void
lmtp_end_transaction(struct lmtp *l)
{
	if (l->in_mail)
		l->ops->reset(l->ctx);
	l->in_mail = false;
	l->utf8 = false;
	l->has_chunks = false;
	buf_reset(&l->from);
	l->declared = 0;
	l->octets = 0;
	l->failed = LMTP_UNDECIDED;
	l->recipients = 0;
	l->replied = 0;
}

void
lmtp_greet(struct lmtp *l, struct buf *out)
{
	BUF_LIT(out, "220 ");
	buf_add(out, l->settings->hostname);
	BUF_LIT(out, " LMTP Newel\r\n");
}

static void
finish_recipient(struct lmtp *l)
{
	l->state = AT_COMMAND;
	if (l->found != LMTP_OK) {
		lmtp_reply(l, verdict_text(l, l->found));
		return;
	}
	l->verdict = mem_grow(l->verdict, l->recipients, &l->recipient_cap, 1);
	l->verdict[l->recipients++] = LMTP_UNDECIDED;
	lmtp_reply(l, "250 2.1.5 OK");
}

/* The offset behind the first CRLF, or 0 if there is none. */
static size_t
line_length(struct span in)
{
	const unsigned char *at =
	    in.n == 0 ? NULL : memmem(in.p, in.n, "\r\n", 2);

	return at == NULL ? 0 : (size_t)(at - in.p) + 2;
}

static size_t
take_command(struct lmtp *l, struct span in)
{
	size_t n = line_length(span_head(in, LIMIT_LMTP_LINE));

	if (n > 0) {
		lmtp_run_command(l, span_head(in, n - 2));
	} else if (in.n >= LIMIT_LMTP_LINE) {
		l->state = AT_LONG_LINE;
	}
	return n;
}

/* A CR at the end may be half of a CRLF: it is left. */
static size_t
skip_line(struct lmtp *l, struct span in)
{
	size_t n = line_length(in);

	if (n == 0)
		return in.n - (in.n > 0 && in.p[in.n - 1] == '\r');
	l->state = AT_COMMAND;
	lmtp_reply_error(l, "500 5.5.2 Line too long");
	return n;
}

/* What comes after a failure is passed over. */
static void
take_octets(struct lmtp *l, struct span octets)
{
	if (l->failed != LMTP_UNDECIDED || octets.n == 0)
		return;
	if (octets.n > l->settings->message_limit - l->octets) {
		l->failed = LMTP_TOO_BIG;
		return;
	}
	l->octets += octets.n;
	l->failed = l->ops->data(l->ctx, octets);
	if (l->failed == LMTP_OK)
		l->failed = LMTP_UNDECIDED;
}

/* The message is whole. */
static void
start_delivery(struct lmtp *l)
{
	l->state = AT_DELIVERY;
	l->replied = 0;
	for (uint32_t i = 0; i < l->recipients; i++)
		l->verdict[i] = (uint8_t)l->failed;
	if (l->failed == LMTP_UNDECIDED && l->recipients > 0)
		l->ops->deliver(l->ctx);
}

static size_t
take_data(struct lmtp *l, struct span in)
{
	struct span rest = in;
	struct span piece;

	while ((piece = lmtp_dots_next(&l->dots, &rest)).n > 0)
		take_octets(l, piece);
	if (lmtp_dots_ended(&l->dots))
		start_delivery(l);
	return in.n - rest.n;
}

/* A reply to a chunk that is not the last, or is in the wrong place. */
static void
reply_chunk(struct lmtp *l)
{
	l->state = AT_COMMAND;
	if (l->chunk_is_wrong)
		lmtp_reply_order(l, "Say MAIL");
	else if (l->recipients == 0)
		lmtp_reply_order(l, "There are no recipients");
	else if (l->failed != LMTP_UNDECIDED)
		lmtp_reply(l, verdict_text(l, l->failed));
	else
		buf_printf(l->out, "250 2.0.0 %llu octets\r\n",
		    (unsigned long long)l->chunk_size);
}

static size_t
take_chunk(struct lmtp *l, struct span in)
{
	struct span octets =
	    span_head(in, (size_t)MIN((uint64_t)in.n, l->chunk));

	if (!l->chunk_is_wrong && l->recipients > 0)
		take_octets(l, octets);
	l->chunk -= octets.n;
	if (l->chunk > 0)
		return octets.n;
	if (l->chunk_is_last && !l->chunk_is_wrong)
		start_delivery(l);
	else
		reply_chunk(l);
	return octets.n;
}

/*
 * RFC 2033 section 4.2: a reply for each recipient, in their order.  If there
 * are none, which only BDAT allows, there is no reply (section 4.3).
 */
static void
reply_delivered(struct lmtp *l)
{
	while (l->replied < l->recipients &&
	       l->verdict[l->replied] != LMTP_UNDECIDED)
		lmtp_reply(l, verdict_text(l, l->verdict[l->replied++]));
	if (l->replied < l->recipients)
		return;
	lmtp_end_transaction(l);
	l->state = AT_COMMAND;
}

/* Goes on by one command, piece or answer; says how much input it took. */
static size_t
advance(struct lmtp *l, struct span in)
{
	switch (l->state) {
	case AT_COMMAND:
		return take_command(l, in);
	case AT_LONG_LINE:
		return skip_line(l, in);
	case AT_RECIPIENT:
		if (l->found != LMTP_UNDECIDED)
			finish_recipient(l);
		return 0;
	case AT_DATA:
		return take_data(l, in);
	case AT_CHUNK:
		return take_chunk(l, in);
	case AT_DELIVERY:
		reply_delivered(l);
		return 0;
	case AT_END:
		break;
	}
	return in.n;
}

size_t
lmtp_input(struct lmtp *l, struct span in, struct buf *out)
{
	size_t taken = 0;

	l->out = out;
	for (;;) {
		int state = (int)l->state;
		size_t n = advance(l, span_from(in, taken));

		taken += n;
		if (n == 0 && state == (int)l->state)
			break;
	}
	l->out = NULL;
	return taken;
}

bool
lmtp_waiting(const struct lmtp *l)
{
	return l->state == AT_RECIPIENT || l->state == AT_DELIVERY;
}

bool
lmtp_closed(const struct lmtp *l)
{
	return l->state == AT_END;
}

void
lmtp_found(struct lmtp *l, enum lmtp_verdict verdict)
{
	if (l->state == AT_END)
		return;
	assert(l->state == AT_RECIPIENT && l->found == LMTP_UNDECIDED);
	l->found = verdict;
}

void
lmtp_delivered(struct lmtp *l, uint32_t recipient, enum lmtp_verdict verdict)
{
	if (l->state == AT_END)
		return;
	assert(l->state == AT_DELIVERY && recipient < l->recipients);
	assert(l->verdict[recipient] == LMTP_UNDECIDED);
	l->verdict[recipient] = (uint8_t)verdict;
}

struct lmtp_envelope
lmtp_envelope(const struct lmtp *l)
{
	return (struct lmtp_envelope){ buf_span(&l->client), buf_span(&l->from),
		l->declared, l->utf8 };
}

void
lmtp_close(struct lmtp *l, enum lmtp_end why, struct buf *out)
{
	if (l->state == AT_END)
		return;
	lmtp_end_transaction(l);
	l->state = AT_END;
	buf_str(out, why == LMTP_SHUTDOWN
			 ? "421 4.3.2 Shutting down\r\n"
			 : "421 4.4.2 You were silent for too long\r\n");
}
