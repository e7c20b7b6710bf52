#include "cli/export.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "cli/eol.h"
#include "cli/progress.h"
#include "cli/say.h"

struct counts {
	uint64_t written;
	uint64_t before;
	uint64_t skipped;
};

struct exporter {
	struct mail_link *link;
	struct arena *arena;
	struct progress progress;
	struct counts here;
	struct counts all;
	uint64_t mailboxes;
};

struct exporter *
exporter_new(struct mail_link *l)
{
	struct exporter *e = MEM_NEW(struct exporter);

	e->link = l;
	e->arena = arena_new();
	return e;
}

void
exporter_free(struct exporter **ep)
{
	struct exporter *e = TAKE(*ep);

	if (e == NULL)
		return;
	arena_free(&e->arena);
	progress_clear(&e->progress);
	free(e);
}

void
exporter_count(struct exporter *e, bool before)
{
	uint64_t *here = before ? &e->here.before : &e->here.written;

	++*here;
}

void
exporter_skip(struct exporter *e, const char *what, const char *why)
{
	progress_error(what, why);
	e->here.skipped++;
	e->all.skipped++;
}

enum status
exporter_mailboxes(struct exporter *e, const struct control_mailbox **out,
    size_t *out_n)
{
	struct control_request r = { .op = CONTROL_MAILBOXES };
	struct control_mailbox m;
	struct control_mailbox *list = NULL;
	struct control_reply reply;
	struct unpack count;
	size_t n = 0;
	enum status st = mail_link_do(e->link, &r, "mailboxes", &reply);

	if (st != ST_OK)
		return st;
	count = reply.rest;
	while (control_mailbox_next(&count, &m))
		n++;
	list = ARENA_ARRAY(e->arena, n, struct control_mailbox);
	for (size_t i = 0; i < n; i++) {
		(void)control_mailbox_next(&reply.rest, &list[i]);
		list[i].name = arena_dup(e->arena, list[i].name);
	}
	*out = list;
	*out_n = n;
	return ST_OK;
}

/* Rows from a UID on; *uid is then the next one to ask for, 0 at the end. */
static enum status
some_rows(struct exporter *e, const struct control_mailbox *m, uint32_t *uid,
    uint64_t *done, export_fn *fn, void *ctx)
{
	struct control_request r = { .op = CONTROL_ROWS,
		.mailbox = m->id,
		.uid = *uid };
	CLEANUP(buf_clear) struct buf rows = { 0 };
	struct control_reply reply;
	struct control_row row;
	struct unpack u;
	bool more;
	enum status st =
	    mail_link_do(e->link, &r, progress_name(&e->progress), &reply);

	if (st != ST_OK)
		return st;
	more = unpack_u64(&reply.rest) != 0;
	buf_add(&rows, reply.rest.rest); /* fn asks for more */
	u = unpack_over(buf_span(&rows));
	*uid = 0;
	while (st == ST_OK && control_row_next(&u, &row)) {
		st = fn(ctx, &row);
		*uid = row.uid + 1;
		progress_show(&e->progress, ++*done);
	}
	if (!more)
		*uid = 0;
	return st;
}

enum status
exporter_each(struct exporter *e, const struct control_mailbox *m,
    export_fn *fn, void *ctx)
{
	uint32_t uid = 1;
	uint64_t done = 0;
	enum status st = ST_OK;

	e->here = (struct counts){ 0 };
	progress_begin(&e->progress, m->name, m->messages);
	while (st == ST_OK && uid != 0)
		st = some_rows(e, m, &uid, &done, fn, ctx);
	return st;
}

static void
skip_row(struct exporter *e, const struct control_row *row, struct span why)
{
	CLEANUP(buf_clear) struct buf what = { 0 };
	CLEANUP(buf_clear) struct buf words = { 0 };

	buf_printf(&what, "%s, UID %" PRIu32, progress_name(&e->progress),
	    row->uid);
	buf_byte(&what, '\0');
	plain_name(&words, why);
	exporter_skip(e, (const char *)what.p, (const char *)words.p);
}

enum status
exporter_text(struct exporter *e, const struct control_row *row,
    struct buf *out)
{
	struct control_request r = { .op = CONTROL_BODY,
		.content = row->content };
	CLEANUP(buf_clear) struct buf bytes = { 0 };

	while (bytes.n < row->size) {
		struct control_reply reply;
		struct span piece;
		enum status st;

		r.offset = bytes.n;
		st = mail_link_ask(e->link, &r, &reply);
		if (st == ST_NOTFOUND)
			return st; /* it was expunged meanwhile */
		if (st != ST_OK && reply.text.n > 0) {
			skip_row(e, row, reply.text);
			return ST_NOTFOUND;
		}
		if (st != ST_OK)
			return st;
		piece = unpack_span(&reply.rest);
		if (piece.n == 0)
			break;
		buf_add(&bytes, piece);
	}
	buf_reset(out);
	eol_to_lf(out, buf_span(&bytes));
	return ST_OK;
}

static void
say_counts(const struct counts *c)
{
	say("%" PRIu64 " exported", c->written);
	if (c->before > 0)
		say(", %" PRIu64 " there already", c->before);
	if (c->skipped > 0)
		say(", %" PRIu64 " left out", c->skipped);
	say("\n");
}

void
exporter_end(struct exporter *e)
{
	e->all.written += e->here.written;
	e->all.before += e->here.before;
	e->mailboxes++;
	progress_hide();
	say("%s: ", progress_name(&e->progress));
	say_counts(&e->here);
}

bool
exporter_done(struct exporter *e)
{
	say("%" PRIu64 " mailbox%s: ", e->mailboxes,
	    e->mailboxes == 1 ? "" : "es");
	say_counts(&e->all);
	return e->all.skipped == 0;
}
