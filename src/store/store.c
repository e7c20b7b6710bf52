#include "store/store.h"

#include "base/log.h"
#include "store/batch.h"
#include "store/driver.h"

static const struct driver *const drivers[] = {
	&rocks_driver,
	&memory_driver,
};

enum status
store_open(const struct store_options *o, struct store **out)
{
	for (size_t i = 0; i < COUNT(drivers); i++)
		if (strcmp(drivers[i]->name, o->driver) == 0)
			return drivers[i]->open(o, out);

	log_event(o->log, LEVEL_ERROR, "store.driver.unknown",
	    LF_STR("driver", o->driver));
	return ST_NOTFOUND;
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	(*s)->driver->close(*s);
	*s = NULL;
}

enum status
store_version(struct store *s, uint64_t account, uint64_t *out)
{
	return s->driver->version(s, account, out);
}

enum status
store_read(struct store *s, uint64_t account, struct span from, struct span to,
    store_visit_fn *fn, void *ctx)
{
	struct driver_range range = { from, to, false };

	return s->driver->read(s, account, &range, fn, ctx);
}

enum status
store_read_once(struct store *s, uint64_t account, struct span from,
    struct span to, store_visit_fn *fn, void *ctx)
{
	struct driver_range range = { from, to, true };

	return s->driver->read(s, account, &range, fn, ctx);
}

static bool
append(void *ctx, struct span key, struct span value)
{
	struct buf *out = ctx;

	(void)key;
	buf_add(out, value);
	return false;
}

enum status
store_get(struct store *s, uint64_t account, struct span key, struct buf *out)
{
	return s->driver->get(s, account, key, false, append, out);
}

enum status
store_get_once(struct store *s, uint64_t account, struct span key,
    store_visit_fn *fn, void *ctx)
{
	return s->driver->get(s, account, key, true, fn, ctx);
}

enum status
store_body(struct store *s, uint64_t account, uint64_t body, uint64_t offset,
    size_t n, struct buf *out)
{
	return s->driver->body(s, account, body, offset, n, out);
}

enum status
store_bodies(struct store *s, uint64_t account, const uint64_t *ids, size_t n,
    store_body_fn *fn, void *ctx)
{
	return s->driver->bodies(s, account, ids, n, fn, ctx);
}

enum status
store_accounts(struct store *s, store_account_fn *fn, void *ctx)
{
	return s->driver->accounts(s, fn, ctx);
}

void
store_prepare(struct store *s, struct batch *b)
{
	if (b->large && s->driver->prepare != NULL)
		s->driver->prepare(s, b);
}

static void
tell_nobody(void *ctx)
{
	(void)ctx;
}

void
store_commit(struct store *s, struct batch *const *b, size_t n,
    enum status *results)
{
	store_commit_telling(s, b, n, results, tell_nobody, NULL);
}

void
store_commit_telling(struct store *s, struct batch *const *b, size_t n,
    enum status *results, store_told_fn *told, void *ctx)
{
	struct driver_group g = { .b = b, .n = n, .told = told, .ctx = ctx };

	g.results = results;
	s->driver->commit(s, &g);
}

bool
store_is_well(const struct store *s)
{
	return s->driver->is_well == NULL || s->driver->is_well(s);
}

enum status
store_check(struct store *s, void (*problem)(void *ctx, const char *line),
    void *ctx)
{
	return s->driver->check(s, problem, ctx);
}

uint64_t
store_disk_bytes(struct store *s)
{
	return s->driver->disk_bytes(s);
}
