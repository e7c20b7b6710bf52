#include "engine/change.h"
#include "engine/incoming.h"
#include "engine/message.h"
#include "engine/session.h"
#include "engine/upload.h"
#include "engine/work.h"
#include "imap/args_append.h"

/*
 * APPEND: RFC 9051 section 6.3.12, RFC 3502, 3516, 4315, 6855.
 *
 * The messages are in the session's upload, but for those that are being made
 * since they came (incoming.h).  The others are prepared here, one by one, the
 * large ones in another thread; and then all are added in one change, or none.
 */
#define LARGE 262144

struct progress {
	struct work work; /* the first thing in it */
	struct cmd *cmd;
	size_t n;
	struct message **message; /* NULL: not yet, or it was taken */
	size_t at;                /* those before it are made, or were taken */
	enum status st;           /* of those */
	struct span bytes;        /* of the one that the thread is at */
	struct message *made;
	struct uidset uids;
	uint32_t uidvalidity;
	bool submitted;
};

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	for (size_t i = 0; i < p->n; i++)
		message_free(&p->message[i]);
	uidset_clear(&p->uids);
}

static void
add_prepared(struct progress *p, struct message *m)
{
	p->message[p->at++] = m;
	if (p->st == ST_OK)
		p->st =
		    message_count(m, &p->cmd->session->account->summary_bytes);
}

static void
prepare_large(struct work *work)
{
	struct progress *p = (struct progress *)work;

	p->made =
	    message_new(p->bytes, &p->cmd->session->account->engine->mime);
}

static void
prepared_large(struct work *work)
{
	struct progress *p = (struct progress *)work;

	add_prepared(p, p->made);
	session_wake(p->cmd->session);
}

static enum status
bytes_of(struct cmd *c, const struct append_message *m, struct span *out)
{
	if (m->body.outside)
		return upload_message(c->session->incoming->upload,
		    m->body.index, out);
	*out = m->body.bytes;
	return ST_OK;
}

static bool
was_taken(struct cmd *c, const struct append_message *m)
{
	return m->body.outside &&
	       incoming_took(c->session->incoming, m->body.index);
}

/* STEP_DONE: all are prepared that weren't taken. */
static enum step
prepare_rest(struct cmd *c, enum status *st)
{
	const struct append_args *args = c->args;
	struct progress *p = c->progress;

	*st = ST_OK;
	while (p->at < p->n && p->st == ST_OK) {
		const struct append_message *m = &args->messages[p->at];

		if (was_taken(c, m)) {
			p->at++;
			continue;
		}
		*st = bytes_of(c, m, &p->bytes);
		if (*st != ST_OK)
			return STEP_DONE;
		if (cmd_slice_over_now(c))
			return STEP_MORE;
		if (p->bytes.n >= LARGE) {
			work_start(c->session->account, WORK_LONG, &p->work);
			return STEP_WAIT;
		}
		add_prepared(p,
		    message_new(p->bytes, &c->session->account->engine->mime));
	}
	*st = p->st;
	return STEP_DONE;
}

/* STEP_DONE: all are prepared. */
static enum step
prepare(struct cmd *c, enum status *st)
{
	struct incoming *in = c->session->incoming;
	enum step next = prepare_rest(c, st);

	if (next != STEP_DONE || *st != ST_OK || in == NULL)
		return next;
	if (!incoming_all_made(in))
		return STEP_WAIT;
	*st = in->st;
	return STEP_DONE;
}

/* The i-th message, as far as it is made. */
static struct arrival
arrival_of(struct cmd *c, size_t i)
{
	const struct append_args *args = c->args;
	const struct append_message *m = &args->messages[i];
	const struct progress *p = c->progress;
	const struct incoming *in = c->session->incoming;
	struct arrival a = { .message = p->message[i] };

	if (was_taken(c, m)) {
		a.message = incoming_message(in, m->body.index);
		a.deposited = incoming_content(in, m->body.index);
	}
	return a;
}

static enum status
append_one(struct change *ch, struct mailbox *mb,
    const struct append_message *m, struct arrival *a, uint32_t *uid)
{
	enum status st = ST_OK;

	a->flags.w[0] = m->flags.system & FLAGS_SYSTEM;
	a->internal =
	    m->has_date ? m->date : (struct datetime){ clock_wall(), 0 };
	for (size_t i = 0; i < m->flags.n && st == ST_OK; i++) {
		unsigned bit;

		st = change_keyword(ch, mb, m->flags.keywords[i], &bit);
		if (st == ST_OK)
			flags_set_bit(&a->flags, bit);
	}
	return st == ST_OK ? change_append(ch, mb, a, uid) : st;
}

/*
 * RFC 6855 section 4: without UTF8=ACCEPT the header of a message must be
 * ASCII.  RFC 9051 section 6.3.12 takes what RFC 6532 allows.  Bodies, and
 * the headers of parts, may have any bytes.
 */
static bool
may_have(struct cmd *c)
{
	const struct append_args *args = c->args;

	for (size_t i = 0; i < args->n && !session_utf8(c->session); i++)
		if (arrival_of(c, i).message->has_8bit_header)
			return false;
	return true;
}

static enum step
submit(struct cmd *c)
{
	const struct append_args *args = c->args;
	struct progress *p = c->progress;
	struct account *account = c->session->account;
	const struct mbox *m = mbox_find(account->list, args->mailbox);
	struct change *ch = NULL;
	struct mailbox *mb;
	enum status st = ST_OK;

	if (m == NULL || !m->exists)
		return cmd_trycreate(c);
	st = mailbox_open(account, m->id, &mb);
	if (st == ST_OK)
		st = change_begin(account, &ch);
	for (size_t i = 0; i < args->n && st == ST_OK; i++) {
		struct arrival a = arrival_of(c, i);
		uint32_t uid;

		st = append_one(ch, mb, &args->messages[i], &a, &uid);
		if (st == ST_OK)
			uidset_add(&p->uids, uid);
	}
	if (st == ST_OK && c->session->incoming != NULL)
		st = incoming_use(c->session->incoming, ch);
	if (st != ST_OK) {
		change_abort(&ch);
		/* It is being deleted at this moment. */
		return st == ST_NOTFOUND ? cmd_trycreate(c)
		                         : cmd_finish(c, st, "");
	}
	p->uidvalidity = mb->current->uidvalidity;
	p->submitted = true;
	return cmd_submit(c, &ch);
}

static enum step
finish_append(struct cmd *c)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const struct progress *p = c->progress;

	if (c->st != ST_OK)
		return cmd_finish(c, c->st, "");
	buf_printf(&b, "APPENDUID %u ", p->uidvalidity);
	uidset_write(&b, &p->uids);
	return cmd_finish_code(c, arena_dup(c->arena, buf_span(&b)),
	    "Appended");
}

enum step
run_append(struct cmd *c)
{
	const struct append_args *args = c->args;
	struct progress *p = c->progress;
	enum status st;
	enum step next;

	if (p == NULL) {
		p = ARENA_NEW(c->arena, struct progress);
		p->cmd = c;
		p->n = args->n;
		p->work.run = prepare_large;
		p->work.done = prepared_large;
		p->message = ARENA_ARRAY(c->arena, args->n, struct message *);
		c->progress = p;
		c->cleanup = clear_progress;
	}
	if (p->submitted)
		return finish_append(c);
	next = prepare(c, &st);
	if (next != STEP_DONE)
		return next;
	if (st != ST_OK)
		return cmd_finish(c, st, "");
	if (!may_have(c))
		return cmd_no(c, "CANNOT",
		    "The header has 8-bit characters, ENABLE UTF8=ACCEPT "
		    "first");
	return submit(c);
}
