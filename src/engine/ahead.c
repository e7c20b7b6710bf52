#include "engine/ahead.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/mailbox.h"
#include "engine/record.h"
#include "engine/record_page.h"
#include "store/store.h"

/* Batches: one that is gone through, the others are read meanwhile. */
#define BATCHES 3

/* What is read at once: this many rows, with this much of bodies. */
#define SMALL_ROWS  4
#define SMALL_BYTES 65536

/* By the bits of enum ahead_need; behind them is the body. */
static const enum record_column columns[] = { RECORD_ENVELOPE, RECORD_STRUCTURE,
	RECORD_PREVIEW, RECORD_PARTS };

#define BODY  COUNT(columns)
#define KINDS (BODY + 1)

/* Where something lies in a batch's bytes; at is from 1, 0 is nowhere. */
struct place {
	size_t at;
	size_t n;
};

struct batch_row {
	struct row row;
	struct place place[KINDS];
};

struct read_batch {
	struct work work; /* the first thing in it */
	struct ahead *ahead;
	bool reading;
	bool in_memory; /* where it is left */
	struct batch_row *row;
	size_t n;
	size_t kind; /* that is being read now */
	struct buf bytes;
};

/* A piece of a body that is too long for a batch. */
struct read_piece {
	struct work work; /* the first thing in it */
	struct ahead *ahead;
	bool reading;
	bool read;
	uint64_t content;
	uint64_t from;
	enum status st;
	struct buf bytes;
};

struct ahead {
	struct session *session; /* NULL: nobody wants it any more */
	struct account *account;
	unsigned needs;
	struct version *version; /* which the threads read rows of */
	struct rows rows;        /* that are in no batch yet */
	enum status st;          /* of rows: ST_NOTFOUND at the end */
	size_t under_way;        /* reads */
	bool waiting;            /* the session is to be woken */
	struct read_batch batch[BATCHES];
	size_t first;  /* the batch that is gone through */
	size_t filled; /* batches that have rows */
	bool quick;    /* the last one was in memory: it is enough */
	size_t at;     /* in it, the row behind the one at hand */
	struct buf column[COUNT(columns)]; /* that were not in the batch */
	bool rested; /* others may have had a turn since */
	struct record_page *page[COUNT(columns)]; /* in memory, or NULL */
	uint64_t number[COUNT(columns)];          /* of each */
	struct read_piece piece;
};

static void work_batch(struct work *work);
static void done_batch(struct work *work);
static void work_piece(struct work *work);
static void done_piece(struct work *work);

struct ahead *
ahead_new(struct session *s, const struct rows *rows, unsigned needs)
{
	struct ahead *a = MEM_NEW(struct ahead);

	a->session = s;
	a->account = s->account;
	a->needs = needs;
	a->version = version_ref(rows->v);
	a->rows = *rows;
	a->piece.ahead = a;
	a->piece.work.run = work_piece;
	a->piece.work.done = done_piece;
	for (size_t i = 0; i < BATCHES; i++) {
		a->batch[i].ahead = a;
		a->batch[i].work.run = work_batch;
		a->batch[i].work.done = done_batch;
	}
	return a;
}

void
ahead_rest(struct ahead *a)
{
	a->rested = true;
	for (size_t i = 0; i < COUNT(columns); i++)
		record_page_unref(&a->page[i]);
}

static void
destroy(struct ahead *a)
{
	for (size_t i = 0; i < BATCHES; i++) {
		buf_clear(&a->batch[i].bytes);
		free(a->batch[i].row);
	}
	for (size_t i = 0; i < COUNT(columns); i++)
		buf_clear(&a->column[i]);
	buf_clear(&a->piece.bytes);
	version_unref(&a->version);
	free(a);
}

void
ahead_free(struct ahead **ap)
{
	struct ahead *a = TAKE(*ap);

	if (a == NULL)
		return;
	a->session = NULL;
	ahead_rest(a);
	if (a->under_way == 0)
		destroy(a);
}

static void
start_work(struct ahead *a, struct work *work)
{
	a->under_way++;
	work_start(a->account, WORK_SHORT, work);
}

static void
end_work(struct ahead *a)
{
	a->under_way--;
	if (a->session == NULL && a->under_way == 0) {
		destroy(a);
	} else if (a->session != NULL && a->waiting) {
		a->waiting = false;
		session_wake(a->session);
	}
}

/* --- Batches -------------------------------------------------------------- */

static struct place
keep(struct read_batch *b, struct span bytes)
{
	struct place p = { b->bytes.n + 1, bytes.n };

	buf_add(&b->bytes, bytes);
	return p;
}

static bool
take_record(void *ctx, size_t i, struct span value)
{
	struct read_batch *b = ctx;

	b->row[i].place[b->kind] = keep(b, value);
	return b->bytes.n < AHEAD_RECORDS;
}

/* From a row on; says how many. */
static size_t
contents_of(const struct read_batch *b, size_t from, uint64_t *out)
{
	for (size_t i = from; i < b->n; i++)
		out[i - from] = b->row[i].row.facts->content;
	return b->n - from;
}

/* What is left out, for whatever reason, is read again when it is due. */
static void
read_records(struct read_batch *b, size_t kind)
{
	uint64_t content[AHEAD_ROWS];
	size_t n = contents_of(b, 0, content);

	b->kind = kind;
	(void)records_read(b->ahead->account, columns[kind], content, n,
	    take_record, b);
}

struct body_reading {
	struct read_batch *batch;
	size_t row[AHEAD_ROWS]; /* of each body that is read */
};

static bool
take_body(void *ctx, size_t i, struct span bytes)
{
	struct body_reading *r = ctx;

	r->batch->row[r->row[i]].place[BODY] = keep(r->batch, bytes);
	return true;
}

static void
read_bodies(struct read_batch *b)
{
	struct body_reading r = { .batch = b };
	uint64_t content[AHEAD_ROWS];
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (b->row[i].row.facts->size > AHEAD_BODIES)
			continue;
		r.row[n] = i;
		content[n++] = b->row[i].row.facts->content;
	}
	(void)bodies_read(b->ahead->account, content, n, take_body, &r);
}

/* In another thread, or in the loop's own. */
static void
read_batch(struct read_batch *b)
{
	unsigned needs = b->ahead->needs;

	buf_reset(&b->bytes);
	for (size_t kind = 0; kind < COUNT(columns); kind++)
		if ((needs & 1U << kind) != 0)
			read_records(b, kind);
	if ((needs & AHEAD_BODY) != 0)
		read_bodies(b);
}

static void
work_batch(struct work *work)
{
	read_batch((struct read_batch *)work);
}

static void
done_batch(struct work *work)
{
	struct read_batch *b = (struct read_batch *)work;

	b->reading = false;
	end_work(b->ahead);
}

/* Once it is worth it, a batch ends with a page, lest two read the same one. */
static bool
is_full(const struct read_batch *b, uint64_t bodies)
{
	uint64_t last;

	if (b->n == AHEAD_ROWS || bodies >= AHEAD_BODIES)
		return true;
	if (b->n < AHEAD_ROWS / 2)
		return false;
	last = b->row[b->n - 1].row.facts->content;
	return last % PAGE_RECORDS == PAGE_RECORDS - 1;
}

/* The next rows, as many as make a batch; the bytes of their bodies. */
static uint64_t
collect(struct ahead *a, struct read_batch *b)
{
	uint64_t bodies = 0;

	if (b->row == NULL)
		b->row = mem_array(AHEAD_ROWS, sizeof(*b->row));
	b->n = 0;
	while (!is_full(b, bodies)) {
		struct batch_row *r = &b->row[b->n];

		a->st = rows_next(&a->rows, &r->row);
		if (a->st != ST_OK)
			break;
		memset(r->place, 0, sizeof(r->place));
		if ((a->needs & AHEAD_BODY) != 0)
			bodies += r->row.facts->size;
		b->n++;
	}
	return bodies;
}

/* All of it from a row on. */
static bool
is_in_memory(const struct ahead *a, const struct read_batch *b, size_t from)
{
	uint64_t content[AHEAD_ROWS];
	size_t n;

	if ((a->needs & AHEAD_BODY) != 0)
		return false;
	n = contents_of(b, from, content);
	for (size_t kind = 0; kind < COUNT(columns); kind++)
		if ((a->needs & 1U << kind) != 0 &&
		    !records_cached(a->account, columns[kind], content, n))
			return false;
	return true;
}

static void
start_batch(struct ahead *a, struct read_batch *b)
{
	b->reading = true;
	start_work(a, &b->work);
}

static void
fill(struct ahead *a)
{
	while (a->filled < (a->quick ? 1 : BATCHES) && a->st == ST_OK) {
		struct read_batch *b =
		    &a->batch[(a->first + a->filled) % BATCHES];
		uint64_t bodies = collect(a, b);

		if (b->n == 0)
			return;
		a->filled++;
		a->quick = true;
		b->in_memory = is_in_memory(a, b, 0);
		if (b->in_memory)
			continue;
		/* Where a thread would cost more than it gives. */
		if (b->n <= SMALL_ROWS && bodies <= SMALL_BYTES) {
			read_batch(b);
			continue;
		}
		a->quick = false;
		start_batch(a, b);
	}
}

/* What was left in memory may have gone while others had a turn. */
static void
look_again(struct ahead *a)
{
	struct read_batch *b = &a->batch[a->first];

	if (a->filled > 0 && b->in_memory && !is_in_memory(a, b, a->at)) {
		b->in_memory = false;
		start_batch(a, b);
	}
	a->rested = false;
}

enum status
ahead_next(struct ahead *a, struct row *out)
{
	struct read_batch *b = &a->batch[a->first];

	if (a->rested)
		look_again(a);
	if (a->filled > 0 && !b->reading && a->at == b->n) {
		a->at = 0;
		a->first = (a->first + 1) % BATCHES;
		a->filled--;
		b = &a->batch[a->first];
	}
	fill(a);
	if (a->filled == 0)
		return a->st;
	if (b->reading) {
		a->waiting = true;
		return ST_AGAIN;
	}
	*out = b->row[a->at++].row;
	return ST_OK;
}

/* --- The row at hand ------------------------------------------------------ */

static const struct msg_facts *
facts(const struct ahead *a)
{
	return a->batch[a->first].row[a->at - 1].row.facts;
}

static bool
in_batch(const struct ahead *a, size_t kind, struct span *out)
{
	const struct read_batch *b = &a->batch[a->first];
	const struct place *p = &b->row[a->at - 1].place[kind];

	if (p->at == 0)
		return false;
	*out = span_head(span_from(buf_span(&b->bytes), p->at - 1), p->n);
	return true;
}

/* Rows that follow one another are mostly of one page. */
static bool
in_page(struct ahead *a, size_t kind, struct span *out)
{
	uint64_t content = facts(a)->content;
	struct record_page **p = &a->page[kind];

	if (!a->batch[a->first].in_memory)
		return false;
	if (*p == NULL || a->number[kind] != content / PAGE_RECORDS) {
		record_page_unref(p);
		*p = record_page_of(a->account, columns[kind], content);
		a->number[kind] = content / PAGE_RECORDS;
	}
	if (*p == NULL)
		return false;
	*out = record_page_get(*p, content);
	return out->n > 0;
}

enum status
ahead_column(struct ahead *a, enum record_column which, struct span *out)
{
	size_t kind = 0;
	enum status st;

	while (columns[kind] != which)
		kind++;
	if (in_batch(a, kind, out) || in_page(a, kind, out))
		return ST_OK;
	buf_reset(&a->column[kind]);
	st =
	    record_read(a->account, which, facts(a)->content, &a->column[kind]);
	*out = buf_span(&a->column[kind]);
	return st;
}

static void
work_piece(struct work *work)
{
	struct read_piece *p = (struct read_piece *)work;
	const struct account *a = p->ahead->account;

	p->st = store_body(a->engine->store, a->id, p->content, p->from,
	    STORE_BODY_STEP, &p->bytes);
}

static void
done_piece(struct work *work)
{
	struct read_piece *p = (struct read_piece *)work;

	p->reading = false;
	p->read = true;
	end_work(p->ahead);
}

static enum status
body_failed(struct ahead *a, enum status st)
{
	log_event(&a->session->log, LEVEL_ERROR, "message.body.failed",
	    LF_U64("mailbox", a->session->mailbox->id),
	    LF_U64("uid", a->batch[a->first].row[a->at - 1].row.state->uid),
	    LF_U64("content", facts(a)->content),
	    LF_STR("reason", status_name(st)));
	return st == ST_NOTFOUND ? ST_CORRUPT : st;
}

static void
read_piece(struct ahead *a, uint64_t from)
{
	struct read_piece *p = &a->piece;

	p->read = false;
	p->reading = true;
	p->content = facts(a)->content;
	p->from = from;
	buf_reset(&p->bytes);
	start_work(a, &p->work);
}

static enum status
bytes_of_piece(struct ahead *a, uint64_t from, uint64_t n, struct span *out)
{
	struct read_piece *p = &a->piece;
	uint64_t start = from / STORE_BODY_STEP * STORE_BODY_STEP;

	if (p->read && p->content == facts(a)->content && p->from == start) {
		if (p->st != ST_OK)
			return body_failed(a, p->st);
		*out = span_head(span_from(buf_span(&p->bytes), from - start),
		    (size_t)MIN(n, (uint64_t)STORE_BODY_STEP));
		return out->n > 0 ? ST_OK : body_failed(a, ST_CORRUPT);
	}
	if (!p->reading)
		read_piece(a, start);
	a->waiting = true;
	return ST_AGAIN;
}

enum status
ahead_bytes(struct ahead *a, uint64_t from, uint64_t n, struct span *out)
{
	struct span all;

	if (!in_batch(a, BODY, &all))
		return bytes_of_piece(a, from, n, out);
	*out = span_head(span_from(all, (size_t)from), (size_t)MIN(n, all.n));
	return out->n > 0 ? ST_OK : body_failed(a, ST_CORRUPT);
}
