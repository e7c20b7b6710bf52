#include "engine/index_feed.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/format.h"
#include "engine/message_text.h"
#include "mime/collate.h"
#include "store/store.h"

#define BATCH       64
#define BATCH_BYTES ((size_t)1024 * 1024) /* of their parts */

/* Contents that follow one another, and what is kept of them. */
struct feed {
	struct index *ix;
	struct store *store;
	const struct log *log;
	uint64_t account;
	uint64_t content[BATCH];
	size_t begin[BATCH]; /* of its record, in records */
	struct message_parts parts[BATCH];
	enum status st[BATCH]; /* of reading these */
	size_t n;
	size_t at; /* the next whose body comes */
	enum status failed;
	struct buf records;
	struct arena *arena;
	struct buf key;
	struct message_bytes bytes;
};

static bool
take_record(void *ctx, struct span key, struct span value)
{
	struct feed *f = ctx;

	if (!key_read(key, KEY_RECORD, &f->content[f->n], NULL))
		return true;
	f->begin[f->n++] = f->records.n;
	buf_add(&f->records, record_column(value, RECORD_PARTS));
	return f->n < BATCH && f->records.n < BATCH_BYTES;
}

static void
report(const struct feed *f, uint64_t content, enum status st)
{
	log_event(f->log, LEVEL_ERROR, "index.message.failed",
	    LF_U64("account", f->account), LF_U64("content", content),
	    LF_STR("reason", status_name(st)));
}

static void
read_parts(struct feed *f)
{
	for (size_t i = 0; i < f->n; i++) {
		size_t end = i + 1 < f->n ? f->begin[i + 1] : f->records.n;
		struct span column =
		    span_of(f->records.p + f->begin[i], end - f->begin[i]);

		f->parts[i].parts.n = 0;
		f->st[i] = message_parts_read(column, f->arena, &f->parts[i]);
	}
}

static bool
add_piece(void *ctx, struct span utf8)
{
	struct feed *f = ctx;

	buf_reset(&f->key);
	collate_key(&f->key, utf8);
	index_text(f->ix, buf_span(&f->key));
	return false;
}

static bool
add_end(void *ctx)
{
	struct feed *f = ctx;

	index_text_end(f->ix);
	return false;
}

/*
 * What is damaged may have anything, so that SEARCH looks at it and says so.
 * ST_IO: it may be read another time, and is to come again.
 */
static enum status
add_message(struct feed *f, size_t i)
{
	const struct text_sink sink = { add_piece, add_end, f };
	enum status st = f->st[i];

	index_document(f->ix, f->content[i]);
	if (st == ST_OK)
		st = message_texts(&f->bytes, &f->parts[i].parts,
		    TEXTS_HEADER | TEXTS_BODY, &sink);
	index_text_end(f->ix);
	if (st == ST_OK || st == ST_NOTFOUND)
		return ST_OK;
	report(f, f->content[i], st);
	if (st == ST_IO)
		return st;
	index_unknown(f->ix);
	return ST_OK;
}

static bool
take_body(void *ctx, uint64_t content, struct span bytes)
{
	struct feed *f = ctx;

	f->bytes.store = NULL;
	f->bytes.whole = bytes;
	while (f->content[f->at] < content)
		f->at++;
	f->failed = add_message(f, f->at++);
	return f->failed == ST_OK;
}

/* One that is long, or that may be damaged: in pieces. */
static enum status
add_alone(struct feed *f, size_t i)
{
	f->bytes.store = f->store;
	f->bytes.account = f->account;
	f->bytes.content = f->content[i];
	return add_message(f, i);
}

/* Short ones. */
static enum status
add_together(struct feed *f, size_t from, size_t end)
{
	enum status st;

	f->at = from;
	f->failed = ST_OK;
	st = store_bodies(f->store, f->account, f->content + from, end - from,
	    take_body, f);
	if (st == ST_OK)
		st = f->failed;
	if (st != ST_CORRUPT)
		return st;
	/* One of those that have not come is damaged. */
	st = ST_OK;
	for (size_t i = f->at; i < end && st == ST_OK; i++)
		st = add_alone(f, i);
	return st;
}

static bool
is_long(const struct mime_parts *p)
{
	return p->n > 0 && p->p[0].body + p->p[0].body_bytes > STORE_BODY_STEP;
}

/* In order: short ones together, long ones in pieces. */
static enum status
add_messages(struct feed *f)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < f->n && st == ST_OK;) {
		size_t end = i;

		while (end < f->n && !is_long(&f->parts[end].parts))
			end++;
		if (end > i)
			st = add_together(f, i, end);
		if (st == ST_OK && end < f->n)
			st = add_alone(f, end);
		i = end + 1;
	}
	return st;
}

enum status
index_feed(struct index *ix, struct store *s, uint64_t account, uint64_t *next,
    uint64_t end, const struct log *log)
{
	struct feed *f = MEM_NEW(struct feed);
	struct key from = key_of1(KEY_RECORD, *next);
	struct key to = key_of1(KEY_RECORD, end);
	enum status st;

	*f = (struct feed){ .ix = ix,
		.store = s,
		.log = log,
		.account = account,
		.arena = arena_new() };
	st = store_read(s, account, key_span(&from), key_span(&to), take_record,
	    f);
	if (st == ST_OK) {
		bool last = f->n < BATCH && f->records.n < BATCH_BYTES;

		read_parts(f);
		st = add_messages(f);
		*next = last ? end : f->content[f->n - 1] + 1;
	}
	arena_free(&f->arena);
	buf_clear(&f->records);
	buf_clear(&f->key);
	message_bytes_clear(&f->bytes);
	free(f);
	/* It isn't the index that is damaged. */
	return st == ST_CORRUPT ? ST_IO : st;
}
