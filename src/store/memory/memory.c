/*
 * The memory driver, for tests: three ordered maps with the keys that the
 * rocks driver uses too; of a body its head, with all bytes of a long one
 * behind it.  Nothing outlives the close.
 */
#include <assert.h>
#include <pthread.h>

#include "base/mem.h"
#include "base/pack.h"
#include "store/batch.h"
#include "store/body.h"
#include "store/driver.h"
#include "store/key.h"
#include "store/memory/omap.h"

struct memory {
	struct store store;
	bool read_only;
	pthread_rwlock_t lock;
	struct omap *versions; /* of each account, as a uint64_t */
	struct omap *records;
	struct omap *bodies;
};

static struct memory *
memory_of(struct store *s)
{
	return (struct memory *)s;
}

static enum status
memory_open(const struct store_options *o, struct store **out)
{
	struct memory *m = MEM_NEW(struct memory);

	m->store.driver = &memory_driver;
	m->read_only = o->read_only;
	pthread_rwlock_init(&m->lock, NULL);
	m->versions = omap_new();
	m->records = omap_new();
	m->bodies = omap_new();
	*out = &m->store;
	return ST_OK;
}

static void
memory_close(struct store *s)
{
	struct memory *m = memory_of(s);

	omap_free(&m->versions);
	omap_free(&m->records);
	omap_free(&m->bodies);
	pthread_rwlock_destroy(&m->lock);
	mem_free(&m);
}

static uint64_t
version_of(const struct memory *m, uint64_t account)
{
	struct key k = key_account(account);
	const struct omap_entry *e = omap_get(m->versions, key_span(&k));
	uint64_t v = 0;

	if (e != NULL)
		memcpy(&v, e->value.p, sizeof(v));
	return v;
}

static enum status
memory_version(struct store *s, uint64_t account, uint64_t *out)
{
	struct memory *m = memory_of(s);

	pthread_rwlock_rdlock(&m->lock);
	*out = version_of(m, account);
	pthread_rwlock_unlock(&m->lock);
	return ST_OK;
}

static enum status
memory_read(struct store *s, uint64_t account, const struct driver_range *range,
    store_visit_fn *fn, void *ctx)
{
	struct memory *m = memory_of(s);
	struct key first = key_record(account, range->from);
	struct key end = key_record_end(account, range->to);
	const struct omap_entry *e;

	pthread_rwlock_rdlock(&m->lock);
	for (e = omap_seek(m->records, key_span(&first));
	     e != NULL && span_cmp(e->key, key_span(&end)) < 0;
	     e = omap_next(e))
		if (!fn(ctx, span_from(e->key, KEY_ACCOUNT_BYTES), e->value))
			break;
	pthread_rwlock_unlock(&m->lock);
	return ST_OK;
}

static enum status
memory_get(struct store *s, uint64_t account, struct span key, bool once,
    store_visit_fn *fn, void *ctx)
{
	struct memory *m = memory_of(s);
	struct key k = key_record(account, key);
	const struct omap_entry *e;

	(void)once;
	pthread_rwlock_rdlock(&m->lock);
	e = omap_get(m->records, key_span(&k));
	if (e != NULL)
		(void)fn(ctx, key, e->value);
	pthread_rwlock_unlock(&m->lock);
	return e != NULL ? ST_OK : ST_NOTFOUND;
}

/* What was packed here is good. */
static void
add_part(struct span value, uint64_t offset, size_t n, struct buf *out)
{
	struct unpack u = unpack_over(value);
	uint64_t size = unpack_u64(&u);
	bool good = true;

	if (body_is_long(size))
		buf_add(out, span_head(span_from(u.rest, offset), n));
	else
		good = piece_unpack(u.rest,
		    (struct piece_part){ (size_t)size, offset, n }, out);
	assert(good);
}

static enum status
memory_body(struct store *s, uint64_t account, uint64_t body, uint64_t offset,
    size_t n, struct buf *out)
{
	struct memory *m = memory_of(s);
	struct key k = key_body(account, body, 0);
	const struct omap_entry *e;

	pthread_rwlock_rdlock(&m->lock);
	e = omap_get(m->bodies, key_span(&k));
	if (e != NULL)
		add_part(e->value, offset, n, out);
	pthread_rwlock_unlock(&m->lock);
	return e != NULL ? ST_OK : ST_NOTFOUND;
}

static enum status
memory_bodies(struct store *s, uint64_t account, const uint64_t *ids, size_t n,
    store_body_fn *fn, void *ctx)
{
	CLEANUP(buf_clear) struct buf bytes = { 0 };
	struct memory *m = memory_of(s);

	pthread_rwlock_rdlock(&m->lock);
	for (size_t i = 0; i < n; i++) {
		struct key k = key_body(account, ids[i], 0);
		const struct omap_entry *e = omap_get(m->bodies, key_span(&k));

		if (e == NULL)
			continue;
		buf_reset(&bytes);
		add_part(e->value, 0, SIZE_MAX, &bytes);
		if (!body_is_long(bytes.n) &&
		    !fn(ctx, ids[i], buf_span(&bytes)))
			break;
	}
	pthread_rwlock_unlock(&m->lock);
	return ST_OK;
}

static enum status
memory_accounts(struct store *s, store_account_fn *fn, void *ctx)
{
	struct memory *m = memory_of(s);
	const struct omap_entry *e;
	uint64_t account;

	pthread_rwlock_rdlock(&m->lock);
	for (e = omap_seek(m->versions, SPAN("")); e != NULL; e = omap_next(e))
		if (key_read_account(e->key, &account) && !fn(ctx, account))
			break;
	pthread_rwlock_unlock(&m->lock);
	return ST_OK;
}

static void
set_version(struct memory *m, uint64_t account, uint64_t version)
{
	struct key k = key_account(account);

	omap_put(m->versions, key_span(&k), span_of(&version, sizeof(version)));
}

static void
erase(struct memory *m, uint64_t account)
{
	struct key from = key_account(account);
	struct key to = key_account(account + 1);

	omap_delete(m->versions, key_span(&from));
	omap_delete_range(m->records, key_span(&from), key_span(&to));
	omap_delete_range(m->bodies, key_span(&from), key_span(&to));
}

static void
put_body(struct memory *m, uint64_t account, const struct batch_op *op)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key k = key_body(account, op->body, 0);

	if (op->kind == BATCH_LONG_BODY)
		body_pack(op->value, &value);
	buf_add(&value, op->value);
	omap_put(m->bodies, key_span(&k), buf_span(&value));
}

static void
apply(struct memory *m, uint64_t account, const struct batch_op *op)
{
	struct key k = key_record(account, op->key);
	struct key other;

	switch (op->kind) {
	case BATCH_PUT:
		omap_put(m->records, key_span(&k), op->value);
		break;
	case BATCH_DELETE:
		omap_delete(m->records, key_span(&k));
		break;
	case BATCH_DELETE_RANGE:
		other = key_record_end(account, op->value);
		omap_delete_range(m->records, key_span(&k), key_span(&other));
		break;
	case BATCH_BODY:
	case BATCH_LONG_BODY:
		put_body(m, account, op);
		break;
	case BATCH_BODY_DROP:
		other = key_body(account, op->body, 0);
		omap_delete(m->bodies, key_span(&other));
		break;
	case BATCH_ERASE:
		erase(m, account);
		break;
	}
}

static enum status
commit_one(struct memory *m, const struct batch *b)
{
	if (version_of(m, b->account) != b->base)
		return ST_AGAIN;
	set_version(m, b->account, b->base + 1);
	for (size_t i = 0; i < b->n; i++)
		apply(m, b->account, &b->ops[i]);
	return ST_OK;
}

static void
memory_commit(struct store *s, const struct driver_group *g)
{
	struct memory *m = memory_of(s);

	pthread_rwlock_wrlock(&m->lock);
	for (size_t i = 0; i < g->n; i++)
		g->results[i] = m->read_only ? ST_IO : commit_one(m, g->b[i]);
	pthread_rwlock_unlock(&m->lock);
	g->told(g->ctx);
}

/* Memory has no checksums to fail. */
static enum status
memory_check(struct store *s, void (*problem)(void *ctx, const char *line),
    void *ctx)
{
	(void)s;
	(void)problem;
	(void)ctx;
	return ST_OK;
}

static uint64_t
memory_disk_bytes(struct store *s)
{
	(void)s;
	return 0;
}

const struct driver memory_driver = {
	.name = "memory",
	.open = memory_open,
	.close = memory_close,
	.version = memory_version,
	.read = memory_read,
	.get = memory_get,
	.body = memory_body,
	.bodies = memory_bodies,
	.accounts = memory_accounts,
	.commit = memory_commit,
	.check = memory_check,
	.disk_bytes = memory_disk_bytes,
};
