#include "mail/control_frame.h"

#include "base/limits.h"

#define LENGTH 4

/* What a request has, besides its number; in this order. */
enum {
	HAS_VERSION = 1 << 0,
	HAS_ACCOUNT = 1 << 1,
	HAS_NAME = 1 << 2,
	HAS_TO = 1 << 3,
	HAS_USE = 1 << 4,
	HAS_SUBSCRIBED = 1 << 5,
	HAS_UIDVALIDITY = 1 << 6,
	HAS_MAILBOX = 1 << 7,
	HAS_UID = 1 << 8,
	HAS_CONTENT = 1 << 9,
	HAS_OFFSET = 1 << 10,
	HAS_ITEMS = 1 << 11,
};

static const unsigned has[CONTROL_OPS] = {
	[CONTROL_HELLO] = HAS_VERSION | HAS_ACCOUNT,
	[CONTROL_CREATE] = HAS_NAME,
	[CONTROL_DELETE] = HAS_NAME,
	[CONTROL_RENAME] = HAS_NAME | HAS_TO,
	[CONTROL_PREPARE] =
	    HAS_NAME | HAS_USE | HAS_SUBSCRIBED | HAS_UIDVALIDITY,
	[CONTROL_IMPORT] = HAS_MAILBOX | HAS_ITEMS,
	[CONTROL_UIDNEXT] = HAS_MAILBOX | HAS_UID,
	[CONTROL_ROWS] = HAS_MAILBOX | HAS_UID,
	[CONTROL_BODY] = HAS_CONTENT | HAS_OFFSET,
};

enum status
control_frame(struct span in, struct span *out_fields, size_t *out_n)
{
	struct unpack u = unpack_over(in);
	uint32_t n;

	if (in.n < LENGTH)
		return ST_AGAIN;
	n = unpack_be32(&u);
	if (n > LIMIT_CONTROL_FRAME)
		return ST_LIMIT;
	if (u.rest.n < n)
		return ST_AGAIN;
	*out_fields = span_head(u.rest, n);
	*out_n = LENGTH + (size_t)n;
	return ST_OK;
}

static size_t
begin(struct buf *b)
{
	size_t begun = b->n;

	pack_be32(b, 0);
	return begun;
}

void
control_reply_end(struct buf *b, size_t begun)
{
	size_t n = b->n - begun - LENGTH;

	for (unsigned i = 0; i < LENGTH; i++)
		b->p[begun + i] = (unsigned char)(n >> (8 * (LENGTH - 1 - i)));
}

void
control_ask(struct buf *b, const struct control_request *r)
{
	unsigned with = has[r->op];
	size_t begun = begin(b);

	pack_u64(b, r->op);
	if ((with & HAS_VERSION) != 0)
		pack_u64(b, r->version);
	if ((with & HAS_ACCOUNT) != 0)
		pack_u64(b, r->account);
	if ((with & HAS_NAME) != 0)
		pack_span(b, r->name);
	if ((with & HAS_TO) != 0)
		pack_span(b, r->to);
	if ((with & HAS_USE) != 0)
		pack_u64(b, r->use);
	if ((with & HAS_SUBSCRIBED) != 0)
		pack_u64(b, r->subscribed);
	if ((with & HAS_UIDVALIDITY) != 0)
		pack_u64(b, r->uidvalidity);
	if ((with & HAS_MAILBOX) != 0)
		pack_u64(b, r->mailbox);
	if ((with & HAS_UID) != 0)
		pack_u64(b, r->uid);
	if ((with & HAS_CONTENT) != 0)
		pack_u64(b, r->content);
	if ((with & HAS_OFFSET) != 0)
		pack_u64(b, r->offset);
	if ((with & HAS_ITEMS) != 0)
		pack_span(b, r->items);
	control_reply_end(b, begun);
}

enum status
control_request_read(struct span fields, struct control_request *out)
{
	struct unpack u = unpack_over(fields);
	struct control_request r = { 0 };
	uint64_t op = unpack_u64(&u);
	unsigned with;

	if (op < CONTROL_HELLO || op >= CONTROL_OPS)
		return ST_BAD;
	r.op = (enum control_op)op;
	with = has[op];
	if ((with & HAS_VERSION) != 0)
		r.version = unpack_u64(&u);
	if ((with & HAS_ACCOUNT) != 0)
		r.account = unpack_u64(&u);
	if ((with & HAS_NAME) != 0)
		r.name = unpack_span(&u);
	if ((with & HAS_TO) != 0)
		r.to = unpack_span(&u);
	if ((with & HAS_USE) != 0)
		r.use = unpack_u32(&u);
	if ((with & HAS_SUBSCRIBED) != 0)
		r.subscribed = unpack_u64(&u) != 0;
	if ((with & HAS_UIDVALIDITY) != 0)
		r.uidvalidity = unpack_u32(&u);
	if ((with & HAS_MAILBOX) != 0)
		r.mailbox = unpack_u64(&u);
	if ((with & HAS_UID) != 0)
		r.uid = unpack_u32(&u);
	if ((with & HAS_CONTENT) != 0)
		r.content = unpack_u64(&u);
	if ((with & HAS_OFFSET) != 0)
		r.offset = unpack_u64(&u);
	if ((with & HAS_ITEMS) != 0)
		r.items = unpack_span(&u);
	if (!unpack_end(&u))
		return ST_BAD;
	*out = r;
	return ST_OK;
}

size_t
control_reply_begin(struct buf *b, enum status st, struct span text)
{
	size_t begun = begin(b);

	pack_u64(b, (uint64_t)st);
	pack_span(b, text);
	return begun;
}

enum status
control_reply_read(struct span fields, struct control_reply *out)
{
	struct unpack u = unpack_over(fields);
	uint64_t st = unpack_u64(&u);
	struct span text = unpack_span(&u);

	if (!unpack_ok(&u) || st > ST_IO)
		return ST_BAD;
	*out = (struct control_reply){ (enum status)st, text, u };
	return ST_OK;
}

static void
pack_date(struct buf *b, struct datetime d)
{
	pack_i64(b, d.wall);
	pack_i64(b, d.zone_secs);
}

static struct datetime
unpack_date(struct unpack *u)
{
	struct datetime d = { .wall = unpack_i64(u) };
	int64_t zone = unpack_i64(u);

	if (zone < -86400 || zone > 86400)
		u->bad = true;
	else
		d.zone_secs = (int32_t)zone;
	return d;
}

void
control_item_pack(struct buf *b, const struct control_item *i)
{
	pack_span(b, i->source);
	pack_u64(b, i->uid);
	pack_u64(b, i->flags);
	pack_span(b, i->keywords);
	pack_date(b, i->date);
	pack_span(b, i->bytes);
}

bool
control_item_next(struct unpack *u, struct control_item *out)
{
	if (u->rest.n == 0)
		return false;
	out->source = unpack_span(u);
	out->uid = unpack_u32(u);
	out->flags = unpack_u32(u);
	out->keywords = unpack_span(u);
	out->date = unpack_date(u);
	out->bytes = unpack_span(u);
	return unpack_ok(u);
}

void
control_mailbox_pack(struct buf *b, const struct control_mailbox *m)
{
	pack_u64(b, m->id);
	pack_span(b, m->name);
	pack_u64(b, m->exists);
	pack_u64(b, m->subscribed);
	pack_u64(b, m->use);
	pack_u64(b, m->uidvalidity);
	pack_u64(b, m->uidnext);
	pack_u64(b, m->messages);
	pack_u64(b, m->unseen);
	pack_u64(b, m->bytes);
}

bool
control_mailbox_next(struct unpack *u, struct control_mailbox *out)
{
	if (u->rest.n == 0)
		return false;
	out->id = unpack_u64(u);
	out->name = unpack_span(u);
	out->exists = unpack_u64(u) != 0;
	out->subscribed = unpack_u64(u) != 0;
	out->use = unpack_u32(u);
	out->uidvalidity = unpack_u32(u);
	out->uidnext = unpack_u32(u);
	out->messages = unpack_u32(u);
	out->unseen = unpack_u32(u);
	out->bytes = unpack_u64(u);
	return unpack_ok(u);
}

void
control_row_pack(struct buf *b, const struct control_row *r)
{
	pack_u64(b, r->uid);
	pack_u64(b, r->flags);
	pack_span(b, r->keywords);
	pack_date(b, r->date);
	pack_u64(b, r->size);
	pack_u64(b, r->content);
}

bool
control_row_next(struct unpack *u, struct control_row *out)
{
	if (u->rest.n == 0)
		return false;
	out->uid = unpack_u32(u);
	out->flags = unpack_u32(u);
	out->keywords = unpack_span(u);
	out->date = unpack_date(u);
	out->size = unpack_u64(u);
	out->content = unpack_u64(u);
	return unpack_ok(u);
}

void
control_target_pack(struct buf *b, const struct control_target *t)
{
	pack_u64(b, t->mailbox);
	pack_u64(b, t->uidvalidity);
	pack_u64(b, t->uidnext);
}

bool
control_target_next(struct unpack *u, struct control_target *out)
{
	out->mailbox = unpack_u64(u);
	out->uidvalidity = unpack_u32(u);
	out->uidnext = unpack_u32(u);
	return unpack_ok(u);
}

bool
control_keyword(struct span *keywords, struct span *out)
{
	struct unpack u = unpack_over(*keywords);

	if (keywords->n == 0)
		return false;
	*out = unpack_span(&u);
	*keywords = u.rest;
	return unpack_ok(&u);
}
