/*
 * What small things cost in one mailbox, so that runs with mailboxes of other
 * sizes can be compared: --count times each.  A second session, in IDLE, is
 * told of every change, and how long that takes is one of them.
 */
#include "load/mail.h"
#include "load/row.h"

enum what { STATUS, SELECT, NOOP, STORE, APPEND, NOTICE, WHATS };

static struct {
	struct crew crew;
	struct spread took[WHATS];
	enum what now;
	unsigned done; /* of them */
	bool told;     /* the second session, of this change */
	bool replied;
	int64_t began_ns;
} growth;

static void
on_ready(struct imap *c)
{
	struct worker *w = worker_of(c);
	struct buf command = { 0 };

	if (w->index == 0) {
		crew_here(w);
		return;
	}
	buf_printf(&command, "SELECT %s", w->crew->o->mailbox);
	imap_send(c, buf_span(&command));
	buf_clear(&command);
}

static void
on_more(struct imap *c)
{
	crew_here(worker_of(c));
}

static void
make_command(struct buf *b, struct worker *w)
{
	const char *mailbox = w->crew->o->mailbox;

	switch (growth.now) {
	case STATUS:
		buf_printf(b, "STATUS %s (MESSAGES UNSEEN UIDNEXT)", mailbox);
		break;
	case SELECT:
		buf_printf(b, "SELECT %s", mailbox);
		break;
	case NOOP:
		buf_str(b, "NOOP");
		break;
	case STORE:
		buf_printf(b, "STORE %u %cFLAGS.SILENT ($Growth)",
		    1 + (growth.done / 2 * 7919) % w->imap.exists,
		    growth.done % 2 == 0 ? '+' : '-');
		break;
	case APPEND:
		buf_printf(b, "APPEND %s", mailbox);
		mail_add_append(b, growth.done, w->crew->o->size);
		break;
	case NOTICE:
	case WHATS:
	default:
		break;
	}
}

static void
next(struct worker *w)
{
	static struct buf command;

	if (growth.done == w->crew->o->count) {
		growth.done = 0;
		growth.now++;
	}
	if (growth.now == NOTICE) {
		tally_end(w->crew->t);
		return;
	}
	growth.told = growth.now < STORE;
	growth.replied = false;
	buf_reset(&command);
	make_command(&command, w);
	growth.began_ns = now_ns();
	imap_send(&w->imap, buf_span(&command));
}

static void
advance(void)
{
	if (!growth.told || !growth.replied)
		return;
	growth.done++;
	next(&growth.crew.workers[0]);
}

static void
on_done(struct imap *c, bool ok)
{
	struct worker *w = worker_of(c);

	if (!ok)
		die("%.*s: refused", SPAN_ARG(c->user));
	if (w->index > 0) {
		imap_send(c, SPAN("IDLE"));
		return;
	}
	tally_op(w->crew->t, growth.began_ns);
	spread_add(&growth.took[growth.now], now_ns() - growth.began_ns);
	growth.replied = true;
	advance();
}

static void
on_untagged(struct imap *c, struct span line)
{
	const struct worker *w = worker_of(c);

	if (w->index == 0 || growth.told || growth.began_ns == 0 ||
	    !ascii_digit(line.p[2]))
		return;
	spread_add(&growth.took[NOTICE], now_ns() - growth.began_ns);
	growth.told = true;
	advance();
}

static void
go(struct worker *w)
{
	if (w->index == 0)
		next(w);
}

void
row_growth(const struct options *o, struct tally *t)
{
	static const char *const names[] = { "status", "select", "noop",
		"store", "append", "notice" };
	static const struct imap_events events = { .ready = on_ready,
		.done = on_done,
		.more = on_more,
		.untagged = on_untagged };
	struct options mine = *o;

	mine.users = 1;
	mine.connections = 2;
	crew_gather(&growth.crew, &mine, t, &events);
	crew_work(&growth.crew, go);
	for (size_t i = 0; i < COUNT(names); i++) {
		spread_add_json(&growth.took[i], &t->steps, names[i]);
		spread_clear(&growth.took[i]);
	}
	crew_dismiss(&growth.crew);
}
