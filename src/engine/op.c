#include "engine/mailbox.h"
#include "engine/version_edit.h"

/* The steps of an operation; what each holds is in its function. */
enum step_kind {
	STEP_APPEND = 'a',
	STEP_FLAGS = 'f',
	STEP_EXPUNGE = 'x',
	STEP_KEYWORD = 'k',
	STEP_UIDNEXT = 'n',
};

static void
begin(struct buf *op, enum step_kind kind)
{
	if (op->n == 0)
		pack_format(op);
	buf_byte(op, (unsigned char)kind);
}

void
op_append(struct buf *op, const struct msg_state *s, const struct msg_facts *f)
{
	begin(op, STEP_APPEND);
	pack_row(op, s, f);
}

static enum status
apply_append(struct unpack *u, struct version *v)
{
	struct msg_state s;
	struct msg_facts f;

	unpack_row(u, &s, &f);
	if (!unpack_ok(u) || s.uid < v->uidnext || s.uid == UINT32_MAX)
		return ST_CORRUPT;
	return version_append(v, &s, &f);
}

void
op_flags(struct buf *op, enum flag_op how, struct flags mask,
    const struct uidset *changed)
{
	begin(op, STEP_FLAGS);
	pack_u64(op, how);
	pack_u64(op, mask.w[0]);
	pack_u64(op, mask.w[1]);
	pack_uidset(op, changed);
}

static enum status
apply_flags(struct unpack *u, struct version *v)
{
	CLEANUP(uidset_clear) struct uidset uids = { 0 };
	uint64_t how = unpack_u64(u);
	struct flags mask;

	mask.w[0] = unpack_u64(u);
	mask.w[1] = unpack_u64(u);
	unpack_uidset(u, &uids);
	if (!unpack_ok(u) || how > FLAGS_REMOVE)
		return ST_CORRUPT;
	return version_set_flags(v, &uids, (enum flag_op)how, mask, NULL);
}

void
op_expunge(struct buf *op, const struct uidset *gone)
{
	begin(op, STEP_EXPUNGE);
	pack_uidset(op, gone);
}

static void
ignore_row(void *ctx, const struct row *row)
{
	(void)ctx;
	(void)row;
}

static enum status
apply_expunge(struct unpack *u, struct version *v)
{
	CLEANUP(uidset_clear) struct uidset uids = { 0 };

	unpack_uidset(u, &uids);
	if (!unpack_ok(u))
		return ST_CORRUPT;
	return version_expunge(v, &uids, ignore_row, NULL);
}

void
op_keyword(struct buf *op, struct span name)
{
	begin(op, STEP_KEYWORD);
	pack_span(op, name);
}

static enum status
apply_keyword(struct unpack *u, struct version *v)
{
	const struct keywords *more;
	struct span name = unpack_span(u);

	if (!unpack_ok(u) || keywords_with(v->keywords, name, &more) != ST_OK)
		return ST_CORRUPT;
	version_set_keywords(v, more);
	return ST_OK;
}

void
op_uidnext(struct buf *op, uint32_t uidnext)
{
	begin(op, STEP_UIDNEXT);
	pack_u64(op, uidnext);
}

static enum status
apply_uidnext(struct unpack *u, struct version *v)
{
	uint32_t uidnext = unpack_u32(u);

	if (!unpack_ok(u) || uidnext < v->uidnext)
		return ST_CORRUPT;
	v->uidnext = uidnext;
	return ST_OK;
}

enum status
op_apply(struct span op, struct version *v)
{
	struct unpack u = unpack_over(op);
	enum status st = unpack_format(&u);

	while (st == ST_OK && u.rest.n > 0) {
		unsigned char kind = u.rest.p[0];

		u.rest = span_from(u.rest, 1);
		if (kind == STEP_APPEND)
			st = apply_append(&u, v);
		else if (kind == STEP_FLAGS)
			st = apply_flags(&u, v);
		else if (kind == STEP_EXPUNGE)
			st = apply_expunge(&u, v);
		else if (kind == STEP_KEYWORD)
			st = apply_keyword(&u, v);
		else if (kind == STEP_UIDNEXT)
			st = apply_uidnext(&u, v);
		else
			st = ST_CORRUPT;
	}
	return st;
}
