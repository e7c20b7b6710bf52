#include "base/log.h"
#include "base/pack.h"
#include "store/batch.h"
#include "store/rocks/walk.h"

/*
 * A range of up to so many keys is deleted key by key.  RocksDB's own range
 * tombstones make each read that follows a commit sort all of them anew, so
 * they are for what is rare and long.
 */
#define RANGE_KEYS 10000

/*
 * A group's memory is kept for the next: up to so much always, more as long as
 * groups are large, so that a row of large ones doesn't ask the system for
 * pages each time.
 */
#define GROUP_BYTES     ((size_t)1024 * 1024)
#define GROUP_BYTES_MAX ((size_t)8 * 1024 * 1024)

#define SMALL_BYTES 16384

/* The group that is being gathered. */
struct group {
	struct rocks *r;
	rocksdb_writebatch_t *wb; /* r's */
	const struct driver_group *of;
	bool told;
	size_t at;   /* the batch that is being added */
	bool erases; /* it has a range tombstone over some account's bodies */
	bool broken; /* a piece could not be written */
	bool full;   /* for want of room */
};

static void
put(struct group *g, enum family family, const struct key *k, struct span value)
{
	rocksdb_writebatch_put_cf(g->wb, g->r->families[family],
	    (const char *)k->p, k->n, (const char *)value.p, value.n);
}

static void
delete_key(struct group *g, enum family family, struct span key)
{
	rocksdb_writebatch_delete_cf(g->wb, g->r->families[family],
	    (const char *)key.p, key.n);
}

static void
delete_all(struct group *g, enum family family, struct span from,
    struct span to)
{
	rocksdb_writebatch_delete_range_cf(g->wb, g->r->families[family],
	    (const char *)from.p, from.n, (const char *)to.p, to.n);
}

/* What is in the database. */
static enum status
delete_stored(struct group *g, const struct key *from, const struct key *to)
{
	struct walk_range range = {
		.family = RECORDS,
		.from = *from,
		.to = *to,
	};
	struct walk w;
	int n = 0;

	for (walk_begin(&w, g->r, &range); walk_on(&w); walk_next(&w)) {
		if (++n > RANGE_KEYS) {
			delete_all(g, RECORDS, walk_key(&w), key_span(to));
			break;
		}
		delete_key(g, RECORDS, walk_key(&w));
	}
	return walk_end(&w);
}

/* What the first n operations of a batch put there. */
static void
delete_put(struct group *g, const struct batch *b, size_t n,
    const struct batch_op *range)
{
	for (size_t i = 0; i < n; i++) {
		const struct batch_op *op = &b->ops[i];
		struct key k;

		if (op->kind != BATCH_PUT ||
		    span_cmp(op->key, range->key) < 0 ||
		    (range->value.n > 0 &&
			span_cmp(op->key, range->value) >= 0))
			continue;
		k = key_record(b->account, op->key);
		delete_key(g, RECORDS, key_span(&k));
	}
}

/* The range is operation n of the batch at hand. */
static enum status
delete_range(struct group *g, size_t n)
{
	const struct batch *b = g->of->b[g->at];
	const struct batch_op *op = &b->ops[n];
	struct key from = key_record(b->account, op->key);
	struct key to = key_record_end(b->account, op->value);

	for (size_t i = 0; i < g->at; i++)
		if (g->of->b[i]->account == b->account &&
		    g->of->results[i] == ST_OK)
			delete_put(g, g->of->b[i], g->of->b[i]->n, op);
	delete_put(g, b, n, op);
	return delete_stored(g, &from, &to);
}

/* Whether the pieces of the batch at hand are there already (ahead.c). */
static bool
was_prepared(const struct group *g)
{
	return g->of->b[g->at]->ahead == g->r->era && !g->erases;
}

/*
 * Pieces are written ahead of the group, so that a group's memory is bounded:
 * no one sees them before piece 0 is there.  Left behind by a crash or a
 * failure, they wait for a body of the same id to replace them.  An erase in
 * the group would delete what was written ahead of it: then they go into the
 * group.
 */
static enum status
put_pieces(struct group *g, uint64_t account, const struct batch_op *op)
{
	struct span rest = op->value;
	enum status st = ST_OK;

	if (g->erases) {
		rocks_add_pieces(g->r, g->wb, account, op->body, 1, rest);
		return ST_OK;
	}
	for (uint32_t piece = 1; rest.n > 0 && st == ST_OK;
	     piece += STEP_PIECES) {
		struct span step = span_head(rest, STEP_BYTES);

		st = rocks_put_pieces(g->r, account, op->body, piece, step);
		rest = span_from(rest, step.n);
	}
	g->broken = st != ST_OK;
	g->full = st == ST_FULL;
	return st;
}

static void
put_head(struct group *g, uint64_t account, uint64_t body, struct span head)
{
	struct key k = key_body(account, body, 0);

	put(g, BODIES, &k, head);
}

static enum status
put_long_body(struct group *g, uint64_t account, const struct batch_op *op)
{
	CLEANUP(buf_clear) struct buf head = { 0 };

	body_pack(op->value, &head);
	put_head(g, account, op->body, buf_span(&head));
	return was_prepared(g) ? ST_OK : put_pieces(g, account, op);
}

/* A look at the filters, mostly: few bodies have more than piece 0. */
static bool
may_have_piece(struct group *g, const struct key *k)
{
	return rocksdb_key_may_exist_cf(g->r->db, g->r->tuning->get,
	    g->r->families[BODIES], (const char *)k->p, k->n, NULL, NULL, NULL,
	    0, NULL);
}

static bool
has_piece(struct group *g, const struct key *k)
{
	rocksdb_pinnableslice_t *p = NULL;

	if (!may_have_piece(g, k) || rocks_pin(g->r, BODIES, k, &p) != ST_OK)
		return false;
	rocksdb_pinnableslice_destroy(p);
	return true;
}

static uint64_t
pieces_of(struct group *g, uint64_t account, uint64_t body)
{
	rocksdb_pinnableslice_t *pin = NULL;
	struct body_head head;

	if (rocks_get_head(g->r, account, body, &head, &pin) != ST_OK)
		return 0;
	rocksdb_pinnableslice_destroy(pin);
	if (!body_is_long(head.size))
		return 0;
	return (head.size + STORE_BODY_STEP - 1) / STORE_BODY_STEP;
}

/*
 * Without piece 0 there is no body.  Behind its own pieces there may be those
 * of a longer one that came to nothing.  What can't be read stays: it is
 * garbage, and no reason to refuse.
 */
static void
drop_body(struct group *g, uint64_t account, uint64_t body)
{
	struct key k = key_body(account, body, 0);
	uint32_t piece = 1;
	uint64_t pieces;

	delete_key(g, BODIES, key_span(&k));
	k = key_body(account, body, piece);
	if (!may_have_piece(g, &k))
		return;
	pieces = pieces_of(g, account, body);
	while (piece <= pieces || has_piece(g, &k)) {
		delete_key(g, BODIES, key_span(&k));
		k = key_body(account, body, ++piece);
	}
}

static void
erase(struct group *g, uint64_t account)
{
	struct key from = key_account(account);
	struct key to = key_account(account + 1);

	delete_key(g, VERSIONS, key_span(&from));
	delete_all(g, RECORDS, key_span(&from), key_span(&to));
	delete_all(g, BODIES, key_span(&from), key_span(&to));
	g->erases = true;
}

/* Operation n of the batch at hand. */
static enum status
add_op(struct group *g, size_t n)
{
	const struct batch *b = g->of->b[g->at];
	const struct batch_op *op = &b->ops[n];
	struct key k = key_record(b->account, op->key);

	switch (op->kind) {
	case BATCH_PUT:
		put(g, RECORDS, &k, op->value);
		break;
	case BATCH_DELETE:
		delete_key(g, RECORDS, key_span(&k));
		break;
	case BATCH_DELETE_RANGE:
		return delete_range(g, n);
	case BATCH_BODY:
		put_head(g, b->account, op->body, op->value);
		break;
	case BATCH_LONG_BODY:
		return put_long_body(g, b->account, op);
	case BATCH_BODY_DROP:
		drop_body(g, b->account, op->body);
		break;
	case BATCH_ERASE:
		erase(g, b->account);
		break;
	}
	return ST_OK;
}

static void
put_version(struct group *g, uint64_t account, uint64_t version)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key k = key_account(account);

	pack_u64(&value, version);
	put(g, VERSIONS, &k, buf_span(&value));
}

static enum status
current_version(struct rocks *r, uint64_t account, uint64_t *out)
{
	enum status st;

	if (versions_get(&r->versions, account, out))
		return ST_OK;
	st = rocks_get_version(r, account, out);
	if (st == ST_OK)
		versions_set(&r->versions, account, *out);
	return st;
}

static bool
erases(const struct batch *b)
{
	return b->n > 0 && b->ops[b->n - 1].kind == BATCH_ERASE;
}

static enum status
add_batch(struct group *g)
{
	const struct batch *b = g->of->b[g->at];
	char *error = NULL;
	uint64_t version;

	if (current_version(g->r, b->account, &version) != ST_OK)
		return ST_IO;
	if (version != b->base)
		return ST_AGAIN;

	rocksdb_writebatch_set_save_point(g->wb);
	put_version(g, b->account, b->base + 1);
	for (size_t i = 0; i < b->n; i++) {
		if (add_op(g, i) == ST_OK)
			continue;
		rocksdb_writebatch_rollback_to_save_point(g->wb, &error);
		(void)rocks_error(g->r, "store.commit.failed", error);
		return ST_IO;
	}
	versions_set(&g->r->versions, b->account, erases(b) ? 0 : b->base + 1);
	return ST_OK;
}

/*
 * Small enough to be told before it can be read.  With larger ones, those who
 * read would have to wait for long.
 */
static bool
is_small(const struct group *g)
{
	size_t n;

	(void)rocksdb_writebatch_data(g->wb, &n);
	return n <= SMALL_BYTES;
}

/* What it would be refused for is known before it is told. */
static bool
takes_writes(struct rocks *r)
{
	char *error = NULL;

	rocksdb_write(r->db, r->tuning->write, r->nothing, &error);
	if (error == NULL)
		return true;
	rocksdb_free(error);
	return false;
}

static void
tell(struct group *g)
{
	g->told = true;
	g->of->told(g->of->ctx);
}

/* Added, and told if it may be, it becomes readable. */
static enum status
show_group(struct group *g)
{
	struct rocks *r = g->r;
	enum status st;

	if (!is_small(g) || !takes_writes(r))
		return writer_apply(r, g->wb, false);
	rocks_hold_readers(r, true);
	tell(g);
	st = writer_apply(r, g->wb, true);
	if (st != ST_OK)
		rocks_restart(r);
	rocks_hold_readers(r, false);
	return ST_OK;
}

static enum status
write_group(struct group *g)
{
	enum status st;

	if (g->broken)
		return g->full ? ST_FULL : ST_IO;
	if (rocksdb_writebatch_count(g->wb) == 0)
		return ST_OK;
	st = writer_add(g->r, g->wb);
	return st == ST_OK ? show_group(g) : st;
}

/* What the memory has held at most is about its size. */
static rocksdb_writebatch_t *
empty_batch(struct rocks *r)
{
	size_t n = 0;

	if (r->group != NULL)
		(void)rocksdb_writebatch_data(r->group, &n);
	r->group_bytes = MAX(r->group_bytes, n);
	if (r->group != NULL &&
	    (r->group_bytes <= GROUP_BYTES ||
		(n > GROUP_BYTES && r->group_bytes <= GROUP_BYTES_MAX))) {
		rocksdb_writebatch_clear(r->group);
		return r->group;
	}
	if (r->group != NULL)
		rocksdb_writebatch_destroy(r->group);
	r->group = rocksdb_writebatch_create();
	r->group_bytes = 0;
	return r->group;
}

/* What of a group could have been written is refused with the rest. */
static void
refuse(const struct rocks *r, const struct driver_group *g)
{
	enum status st = r->full || r->waiting ? ST_FULL : ST_IO;

	for (size_t i = 0; i < g->n; i++)
		if (g->results[i] == ST_OK || g->results[i] == ST_IO)
			g->results[i] = st;
}

static void
commit_group(struct group *g)
{
	struct rocks *r = g->r;
	enum status st;

	rocks_count_nothing();
	versions_trim(&r->versions);
	g->wb = empty_batch(r);
	for (; g->at < g->of->n && !g->broken; g->at++)
		g->of->results[g->at] = add_batch(g);
	st = write_group(g);
	if (g->erases)
		r->era++;
	if (g->told)
		return;
	r->full = st == ST_FULL;
	if (st != ST_OK) {
		rocks_fail(r);
		refuse(r, g->of);
	}
}

void
rocks_commit(struct store *s, const struct driver_group *of)
{
	struct rocks *r = rocks_of(s);
	struct group g = { .r = r, .of = of };

	for (size_t i = 0; i < of->n; i++)
		of->results[i] = ST_IO;
	if (r->writable || rocks_recover(r) == ST_OK)
		commit_group(&g);
	else
		refuse(r, of);
	if (!g.told)
		tell(&g);
}
