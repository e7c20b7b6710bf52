#include "base/log.h"
#include "base/pack.h"
#include "store/rocks/walk.h"

struct span
rocks_pinned(const rocksdb_pinnableslice_t *p)
{
	size_t n;
	const char *bytes = rocksdb_pinnableslice_value(p, &n);

	return span_of(bytes, n);
}

static enum status
pin(const struct rocks *r, const rocksdb_readoptions_t *options,
    enum family family, const struct key *k, rocksdb_pinnableslice_t **out)
{
	char *error = NULL;
	rocksdb_pinnableslice_t *p = rocksdb_get_pinned_cf(r->db, options,
	    r->families[family], (const char *)k->p, k->n, &error);

	if (error != NULL)
		return rocks_error(r, "store.read.failed", error);
	if (p == NULL)
		return ST_NOTFOUND;
	*out = p;
	return ST_OK;
}

enum status
rocks_pin(const struct rocks *r, enum family family, const struct key *k,
    rocksdb_pinnableslice_t **out)
{
	return pin(r, family == BODIES ? r->tuning->get_body : r->tuning->get,
	    family, k, out);
}

/* A stored value that says something else than its key allows. */
static enum status
malformed(const struct rocks *r, uint64_t account, const char *what)
{
	log_event(r->log, LEVEL_ERROR, "store.value.malformed",
	    LF_U64("account", account), LF_STR("what", what));
	return ST_CORRUPT;
}

enum status
rocks_get_version(const struct rocks *r, uint64_t account, uint64_t *out)
{
	struct key k = key_account(account);
	rocksdb_pinnableslice_t *p = NULL;
	enum status st = rocks_pin(r, VERSIONS, &k, &p);
	struct unpack u;
	uint64_t version;

	if (st == ST_NOTFOUND) {
		*out = 0;
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	u = unpack_over(rocks_pinned(p));
	version = unpack_u64(&u);
	if (unpack_end(&u))
		*out = version;
	else
		st = malformed(r, account, "version");
	rocksdb_pinnableslice_destroy(p);
	return st;
}

enum status
rocks_version(struct store *s, uint64_t account, uint64_t *out)
{
	struct rocks *r = rocks_of(s);
	enum status st;

	if (!rocks_enter(r))
		return ST_IO;
	st = rocks_get_version(r, account, out);
	rocks_leave(r);
	return st;
}

enum status
rocks_get(struct store *s, uint64_t account, struct span key, bool once,
    store_visit_fn *fn, void *ctx)
{
	struct rocks *r = rocks_of(s);
	struct key k = key_record(account, key);
	rocksdb_pinnableslice_t *p = NULL;
	enum status st;

	if (!rocks_enter(r))
		return ST_IO;
	st = pin(r, once ? r->tuning->get_once : r->tuning->get, RECORDS, &k,
	    &p);
	if (st == ST_OK) {
		(void)fn(ctx, key, rocks_pinned(p));
		rocksdb_pinnableslice_destroy(p);
	}
	rocks_leave(r);
	return st;
}

static enum status
visit_records(struct walk *w, store_visit_fn *fn, void *ctx)
{
	for (; walk_on(w); walk_next(w))
		if (!fn(ctx, span_from(walk_key(w), KEY_ACCOUNT_BYTES),
			walk_value(w)))
			break;
	return walk_end(w);
}

enum status
rocks_read(struct store *s, uint64_t account, const struct driver_range *range,
    store_visit_fn *fn, void *ctx)
{
	struct rocks *r = rocks_of(s);
	struct walk_range stored = {
		.family = RECORDS,
		.kind = range->once ? WALK_ONCE : WALK,
		.from = key_record(account, range->from),
		.to = key_record_end(account, range->to),
	};
	enum status st;
	struct walk w;

	if (!rocks_enter(r))
		return ST_IO;
	walk_begin(&w, r, &stored);
	st = visit_records(&w, fn, ctx);
	rocks_leave(r);
	return st;
}

enum status
rocks_accounts(struct store *s, store_account_fn *fn, void *ctx)
{
	struct rocks *r = rocks_of(s);
	struct walk_range all = {
		.family = VERSIONS,
		.from = key_account(0),
		.to = key_account(UINT64_MAX),
	};
	enum status st;
	struct walk w;

	if (!rocks_enter(r))
		return ST_IO;
	for (walk_begin(&w, r, &all); walk_on(&w); walk_next(&w)) {
		uint64_t account;

		if (key_read_account(walk_key(&w), &account) &&
		    !fn(ctx, account))
			break;
	}
	st = walk_end(&w);
	rocks_leave(r);
	return st;
}

enum status
rocks_get_head(const struct rocks *r, uint64_t account, uint64_t body,
    struct body_head *out, rocksdb_pinnableslice_t **pin)
{
	struct key k = key_body(account, body, 0);
	rocksdb_pinnableslice_t *p = NULL;
	enum status st = rocks_pin(r, BODIES, &k, &p);

	if (st != ST_OK)
		return st;
	if (body_unpack(rocks_pinned(p), out)) {
		*pin = p;
		return ST_OK;
	}
	rocksdb_pinnableslice_destroy(p);
	return malformed(r, account, "body");
}

/* What is wanted of a long body. */
struct stretch {
	uint64_t account;
	uint64_t body;
	uint64_t size; /* of all of it */
	uint64_t from;
	uint64_t end;
};

/* One that isn't there was dropped since its head was read, or lost. */
static enum status
missing(const struct rocks *r, const struct stretch *w)
{
	rocksdb_pinnableslice_t *pin = NULL;
	struct body_head head;
	enum status st = rocks_get_head(r, w->account, w->body, &head, &pin);

	if (st != ST_OK)
		return st;
	rocksdb_pinnableslice_destroy(pin);
	return malformed(r, w->account, "body piece");
}

/* Appends what is in the piece that the stretch begins in. */
static enum status
add_piece(const struct rocks *r, const struct stretch *w, struct buf *out)
{
	uint64_t piece = w->from / STORE_BODY_STEP;
	uint64_t begin = piece * STORE_BODY_STEP;
	struct key k = key_body(w->account, w->body, (uint32_t)piece + 1);
	struct piece_part part = {
		.size = (size_t)MIN(w->size - begin, (uint64_t)STORE_BODY_STEP),
		.from = (size_t)(w->from - begin),
		.n = (size_t)(w->end - w->from),
	};
	rocksdb_pinnableslice_t *p = NULL;
	enum status st = rocks_pin(r, BODIES, &k, &p);
	bool good;

	if (st == ST_NOTFOUND)
		return missing(r, w);
	if (st != ST_OK)
		return st;
	good = piece_unpack(rocks_pinned(p), part, out);
	rocksdb_pinnableslice_destroy(p);
	return good ? ST_OK : malformed(r, w->account, "body piece");
}

static enum status
add_pieces(const struct rocks *r, struct stretch w, struct buf *out)
{
	enum status st = ST_OK;

	while (w.from < w.end && st == ST_OK) {
		st = add_piece(r, &w, out);
		w.from += STORE_BODY_STEP - w.from % STORE_BODY_STEP;
	}
	return st;
}

/* Up to n bytes of it; of a short one out of its head. */
static enum status
add_part(const struct rocks *r, const struct stretch *body,
    const struct body_head *head, struct buf *out)
{
	struct piece_part part = {
		.size = (size_t)head->size,
		.from = (size_t)body->from,
		.n = (size_t)(body->end - body->from),
	};

	if (body_is_long(head->size))
		return add_pieces(r, *body, out);
	return piece_unpack(head->piece, part, out)
	           ? ST_OK
	           : malformed(r, body->account, "body");
}

static enum status
add_body(const struct rocks *r, uint64_t account, uint64_t body,
    uint64_t offset, size_t n, struct buf *out)
{
	rocksdb_pinnableslice_t *pin = NULL;
	struct stretch w = { .account = account, .body = body };
	struct body_head head;
	enum status st = rocks_get_head(r, account, body, &head, &pin);
	size_t before = out->n;

	if (st != ST_OK)
		return st;
	w.size = head.size;
	w.from = MIN(offset, w.size);
	w.end = w.from + MIN(w.size - w.from, n);
	st = add_part(r, &w, &head, out);
	rocksdb_pinnableslice_destroy(pin);
	if (st != ST_OK)
		out->n = before;
	return st;
}

enum status
rocks_body(struct store *s, uint64_t account, uint64_t body, uint64_t offset,
    size_t n, struct buf *out)
{
	struct rocks *r = rocks_of(s);
	enum status st;

	if (!rocks_enter(r))
		return ST_IO;
	st = add_body(r, account, body, offset, n, out);
	rocks_leave(r);
	return st;
}

static bool
is_before(const struct walk *w, const struct key *k)
{
	return walk_on(w) && span_cmp(walk_key(w), key_span(k)) < 0;
}

/*
 * Moves on to a body; false if it isn't there.  Being at a key means that its
 * value has been read, so a step is one to a key that is wanted, or a seek;
 * between the two there may be pieces that nobody has committed.
 */
static bool
walk_to_body(struct walk *w, uint64_t account, uint64_t body, bool is_next)
{
	struct key k = key_body(account, body, 0);

	if (is_next && is_before(w, &k))
		walk_next(w);
	if (is_before(w, &k))
		walk_seek(w, &k);
	return walk_on(w) && span_eq(walk_key(w), key_span(&k));
}

/* Who wants short bodies, by their ids. */
struct visit {
	const struct rocks *r;
	uint64_t account;
	const uint64_t *ids;
	size_t n;
	store_body_fn *fn;
	void *ctx;
	struct buf room; /* for one that is compressed */
};

/* ST_NOTFOUND: that is all that is wanted. */
static enum status
give(struct visit *v, uint64_t id, const struct body_head *head)
{
	struct span bytes;

	if (body_is_long(head->size))
		return ST_OK;
	if (!piece_view(head->piece, (size_t)head->size, &v->room, &bytes))
		return malformed(v->r, v->account, "body");
	return v->fn(v->ctx, id, bytes) ? ST_OK : ST_NOTFOUND;
}

/* To begin a walk costs several times as much. */
static enum status
visit_one(struct visit *v)
{
	rocksdb_pinnableslice_t *pin = NULL;
	struct body_head head;
	enum status st =
	    rocks_get_head(v->r, v->account, v->ids[0], &head, &pin);

	if (st != ST_OK)
		return st;
	st = give(v, v->ids[0], &head);
	rocksdb_pinnableslice_destroy(pin);
	return st;
}

static enum status
walk_through(struct visit *v, struct walk *w)
{
	bool is_short = false; /* the last one: it has no pieces */
	enum status st = ST_OK;

	for (size_t i = 0; i < v->n && st == ST_OK; i++) {
		bool is_next = is_short && v->ids[i] == v->ids[i - 1] + 1;
		struct body_head head;

		if (!walk_to_body(w, v->account, v->ids[i], is_next))
			continue;
		if (!body_unpack(walk_value(w), &head))
			return malformed(v->r, v->account, "body");
		is_short = !body_is_long(head.size);
		st = give(v, v->ids[i], &head);
	}
	return st;
}

static enum status
visit_in_a_row(struct visit *v)
{
	struct walk_range range = {
		.family = BODIES,
		.from = key_body(v->account, v->ids[0], 0),
		.to = key_account(v->account + 1),
	};
	enum status visited;
	enum status st;
	struct walk w;

	walk_begin(&w, v->r, &range);
	visited = walk_through(v, &w);
	st = walk_end(&w);
	return visited == ST_OK || visited == ST_NOTFOUND ? st : visited;
}

enum status
rocks_bodies(struct store *s, uint64_t account, const uint64_t *ids, size_t n,
    store_body_fn *fn, void *ctx)
{
	struct rocks *r = rocks_of(s);
	struct visit v = { r, account, ids, n, fn, ctx, { 0 } };
	enum status st;

	if (n == 0)
		return ST_OK;
	if (!rocks_enter(r))
		return ST_IO;
	st = n == 1 ? visit_one(&v) : visit_in_a_row(&v);
	rocks_leave(r);
	buf_clear(&v.room);
	return st == ST_NOTFOUND ? ST_OK : st;
}
