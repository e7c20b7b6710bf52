#include "engine/index_build.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/index_feed.h"
#include "engine/indexer.h"
#include "store/store.h"

#define DEAD_MIN   256 /* an index with so few deleted ones is fine */
#define LOG_LARGE  ((uint64_t)1024 * 1024)
#define DEAD_SHARE 2 /* more documents than this for each message: not */

void
build_clear(struct build *b)
{
	index_close(&b->ix);
}

void
build_progress(const struct build *b, uint64_t *done, uint64_t *all)
{
	*done = b->ix == NULL ? 0 : index_state(b->ix).covered;
	*all = b->state.content > 0 ? b->state.content - 1 : 0;
}

/* ST_NOTFOUND: there is no such account any more. */
static enum status
read_state(struct build *b)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of(KEY_STATE);
	uint64_t version;
	enum status st;

	/* The version last: it is that of no earlier state. */
	st = store_get(b->store, b->account, key_span(&key), &value);
	if (st == ST_OK)
		st = unpack_state(buf_span(&value), &b->state);
	if (st == ST_OK)
		st = store_version(b->store, b->account, &version);
	if (st == ST_OK)
		b->state.version = version;
	return st;
}

static enum status
begin_anew(struct build *b, const char *why)
{
	b->why = why;
	b->began_ms = clock_now_ms();
	index_close(&b->ix);
	return indexer_open(b->indexer, b->path, INDEX_REBUILD, &b->ix);
}

static enum status
begin(struct build *b)
{
	enum status st;

	if (b->work == BUILD_REPAIR)
		return ST_CORRUPT;
	if (b->work == BUILD_ANEW)
		return begin_anew(b, "asked for");
	st = indexer_open(b->indexer, b->path, INDEX_WRITE, &b->ix);
	/* The store was put back to an earlier day. */
	if (st == ST_OK && (index_state(b->ix).version > b->state.version ||
			       index_state(b->ix).covered >= b->state.content))
		return begin_anew(b, "newer than the mail");
	return st;
}

/* ST_AGAIN: there are more. */
static enum status
add_some(struct build *b)
{
	uint64_t next = index_state(b->ix).covered + 1;
	uint64_t most = next + BUILD_STEP;
	enum status st = ST_OK;

	while (st == ST_OK && next < b->state.content && next < most)
		st = index_feed(b->ix, b->store, b->account, &next,
		    b->state.content, b->log);
	if (st == ST_OK && next > index_state(b->ix).covered + 1)
		st = index_commit(b->ix, next - 1, b->state.version);
	return st == ST_OK && next < b->state.content ? ST_AGAIN : st;
}

static bool
count_one(void *ctx, struct span key, struct span value)
{
	uint64_t *n = ctx;

	(void)key;
	(void)value;
	++*n;
	return true;
}

/*
 * Most of what is in it has been deleted.  Messages may have gone long before
 * their contents do, with which building it anew has to wait.
 */
static bool
is_mostly_dead(const struct build *b)
{
	struct key from = key_of1(KEY_RECORD, 0);
	struct key to = key_of1(KEY_RECORD, b->state.content);
	uint64_t documents = index_state(b->ix).documents;
	uint64_t n = 0;

	return documents > b->state.messages * DEAD_SHARE + DEAD_MIN &&
	       store_read(b->store, b->account, key_span(&from), key_span(&to),
		   count_one, &n) == ST_OK &&
	       documents > n * DEAD_SHARE + DEAD_MIN;
}

/* All is in it. */
static enum status
finish(struct build *b)
{
	enum status st;

	if (b->why == NULL) {
		if (!is_mostly_dead(b))
			return index_checkpoint(b->ix, LOG_LARGE);
		st = begin_anew(b, "mostly deleted");
		return st == ST_OK ? ST_AGAIN : st;
	}
	st = index_serve(b->ix);
	if (st == ST_OK)
		st = index_checkpoint(b->ix, LOG_LARGE);
	if (st == ST_OK)
		log_event(b->log, LEVEL_INFO, "index.rebuild.done",
		    LF_U64("account", b->account), LF_STR("why", b->why),
		    LF_U64("messages", index_state(b->ix).documents),
		    LF_U64("ms", (uint64_t)(clock_now_ms() - b->began_ms)));
	return st;
}

static enum status
remove_all(struct build *b)
{
	index_close(&b->ix);
	indexer_remove(b->indexer, b->account, b->path);
	return ST_OK;
}

static enum status
repair(struct build *b)
{
	enum status st;

	b->repaired = true;
	(void)(remove_all(b) == ST_OK);
	st = begin_anew(b, "damaged");
	return st == ST_OK ? ST_AGAIN : st;
}

enum status
build_step(struct build *b)
{
	enum status st = b->work == BUILD_FORGET ? ST_NOTFOUND : read_state(b);

	if (st == ST_NOTFOUND)
		return remove_all(b);
	if (st == ST_OK && b->ix == NULL)
		st = begin(b);
	if (st == ST_OK)
		st = add_some(b);
	if (st == ST_OK)
		st = finish(b);
	if ((st == ST_CORRUPT || st == ST_BAD) && !b->repaired)
		st = repair(b);
	if (st != ST_OK && st != ST_AGAIN)
		log_event(b->log, LEVEL_ERROR, "index.update.failed",
		    LF_U64("account", b->account),
		    LF_STR("reason", status_name(st)));
	return st;
}
