#include "mail/deposit.h"

#include "base/arena.h"
#include "engine/change_in.h"
#include "engine/mailbox.h"
#include "engine/message.h"
#include "engine/upload.h"
#include "imap/mailbox_name.h"
#include "mail/lmtp_trace.h"

/* From here on a message is read in another thread. */
#define LARGE 262144

static struct log_field
client_field(const struct deposit *d)
{
	return d->way->address.n > 0 ? LF_SPAN("peer", d->way->address)
	                             : LF_SPAN("client", d->way->client);
}

static void
log_done(const struct deposit *d)
{
	for (size_t i = 0; i < d->made_n; i++)
		log_event(&d->mail->engine->log, LEVEL_INFO, "delivery.done",
		    LF_SPAN("id", d->way->id), LF_U64("account", d->account),
		    LF_SPAN("mailbox", d->made[i].name),
		    LF_U64("uid", d->made[i].uid), LF_U64("size", d->bytes.n),
		    LF_SPAN("from", d->way->from), client_field(d));
}

static enum lmtp_verdict
verdict_of(enum status st)
{
	switch (st) {
	case ST_OK:
		return LMTP_OK;
	case ST_QUOTA:
		return LMTP_OVER_QUOTA;
	case ST_FULL:
		return LMTP_NO_SPACE;
	case ST_AGAIN:
	case ST_BAD:
	case ST_NOTFOUND:
	case ST_EXISTS:
	case ST_DENIED:
	case ST_LIMIT:
	case ST_CORRUPT:
	case ST_IO:
		break;
	}
	return LMTP_TEMPORARY;
}

static void
finish(struct deposit *d, enum status st, enum lmtp_verdict v)
{
	struct worker *w = d->worker;

	if (st == ST_OK)
		log_done(d);
	else
		log_event(&d->mail->engine->log, LEVEL_WARN, "delivery.failed",
		    LF_SPAN("id", d->way->id), LF_U64("account", d->account),
		    LF_STR("reason", status_name(st)),
		    LF_U64("size", d->bytes.n), LF_SPAN("from", d->way->from),
		    client_field(d));
	message_free(&d->message);
	upload_free(&d->upload);
	account_release(&d->open);
	arena_free(&d->arena);
	d->done(d, v);
	worker_leave(w);
}

/* Each name once; there are no more than recipients. */
static void
add_name(struct deposit *d, struct span name)
{
	for (size_t i = 0; i < d->made_n; i++)
		if (span_eq(d->made[i].name, name))
			return;
	d->made[d->made_n++].name = name;
}

static bool
exists(const struct deposit *d, struct span name)
{
	const struct mbox *m = mbox_find(d->open->list_head, name);

	return m != NULL && m->exists;
}

static void
choose_mailboxes(struct deposit *d, bool create)
{
	const struct name_limits *limits = &d->mail->session.grammar.names;

	d->made_n = 0;
	for (size_t i = 0; i < d->n; i++) {
		struct span name = SPAN("INBOX");

		if (mailbox_name_parse(d->to[i].folder, true, limits, d->arena,
			&name) != NULL ||
		    (!create && !exists(d, name)))
			name = SPAN("INBOX");
		add_name(d, name);
	}
}

/* The mailbox as the change sees it, which makes it if it isn't there. */
static enum status
mailbox_for(struct deposit *d, struct change *c, struct span name,
    struct mailbox **out)
{
	const struct mbox *m = mbox_find(change_list(c), name);
	uint64_t id;
	enum status st = ST_OK;

	if (m != NULL && m->exists)
		return mailbox_open_head(d->open, m->id, out);
	st = change_create(c, name, 0, &id);
	if (st == ST_OK)
		st = change_subscribe(c, name, true);
	return st == ST_OK ? mailbox_open_head(d->open, id, out) : st;
}

static enum status
fill(struct deposit *d, struct change *c)
{
	struct arrival a = { .message = d->message, .internal = d->way->when };
	enum status st = ST_OK;

	for (size_t i = 0; i < d->made_n && st == ST_OK; i++) {
		struct mailbox *mb;

		st = mailbox_for(d, c, d->made[i].name, &mb);
		if (st == ST_OK)
			st = change_append(c, mb, &a, &d->made[i].uid);
	}
	return st;
}

static enum status
build(struct deposit *d, bool create, struct change **out)
{
	struct change *c;
	enum status st = change_begin(d->open, &c);

	if (st != ST_OK)
		return st;
	choose_mailboxes(d, create);
	st = fill(d, c);
	if (st == ST_OK)
		*out = c;
	else
		change_abort(&c);
	return st;
}

static void
committed(void *ctx, enum status st)
{
	struct deposit *d = ctx;

	finish(d, st, verdict_of(st));
}

static void
submit(struct deposit *d)
{
	struct change *c = NULL;
	bool create = d->mail->config->lmtp.create_mailbox;
	enum status st = build(d, create, &c);

	if (st == ST_LIMIT && create) /* limits.mailboxes */
		st = build(d, false, &c);
	if (st == ST_OK)
		change_submit(&c, committed, d);
	else
		finish(d, st, verdict_of(st));
}

/* The body with the header before it; a large one in a file again. */
static enum status
write_bytes(struct deposit *d)
{
	CLEANUP(buf_clear) struct buf header = { 0 };
	const struct delivery_way *way = d->way;
	struct span *address = ARENA_ARRAY(d->arena, d->n, struct span);
	struct lmtp_trace t = {
		.from = way->from,
		.recipient = address,
		.recipients = d->n,
		.client = way->client,
		.address = way->address,
		.hostname = span_str(d->mail->session.hostname),
		.id = way->id,
		.utf8 = way->utf8,
		.when = way->when,
	};
	enum status st;

	for (size_t i = 0; i < d->n; i++)
		address[i] = d->to[i].address;
	lmtp_trace_header(&header, &t);
	st = upload_add(d->upload, buf_span(&header));
	if (st == ST_OK)
		st = upload_add(d->upload, d->body);
	upload_end_message(d->upload);
	return st == ST_OK ? upload_message(d->upload, 0, &d->bytes) : st;
}

static void
prepare(struct deposit *d)
{
	d->upload =
	    upload_new(d->mail->session.spool_folder, &d->mail->engine->log);
	if (write_bytes(d) == ST_OK)
		d->message = message_new(d->bytes, &d->mail->engine->mime);
}

static void
prepared(struct deposit *d)
{
	enum status st;

	if (d->message == NULL) {
		finish(d, ST_IO, LMTP_NO_SPACE);
		return;
	}
	st = message_count(d->message, &d->open->summary_bytes);
	if (st == ST_OK)
		submit(d);
	else
		finish(d, st, verdict_of(st));
}

static struct deposit *
deposit_of(struct work *w)
{
	return (struct deposit *)((char *)w - offsetof(struct deposit, work));
}

static void
prepare_large(struct work *work)
{
	prepare(deposit_of(work));
}

static void
prepared_large(struct work *work)
{
	prepared(deposit_of(work));
}

/* What was asked for at RCPT may be old by now. */
static void
take_quota(const struct deposit *d, struct account *a)
{
	if (d->quota_ms <= a->quota_ms)
		return;
	a->quota_bytes = d->quota_bytes;
	a->quota_messages = d->quota_messages;
}

static void
opened(void *ctx, enum status st, struct account *a)
{
	struct deposit *d = ctx;

	if (st != ST_OK) {
		finish(d, st, verdict_of(st));
		return;
	}
	d->open = a;
	take_quota(d, a);
	d->arena = arena_new();
	d->made = ARENA_ARRAY(d->arena, d->n, struct deposited);
	if (d->body.n < LARGE) {
		prepare(d);
		prepared(d);
		return;
	}
	d->work.run = prepare_large;
	d->work.done = prepared_large;
	work_start(a, WORK_LONG, &d->work);
}

void
deposit_start(struct deposit *d)
{
	d->worker = mail_worker(d->mail, d->account);
	worker_enter(d->worker);
	account_open(worker_accounts(d->worker), d->account, opened, d);
}
