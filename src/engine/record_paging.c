#include "engine/record_paging.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/change_in.h"
#include "engine/mailbox.h"
#include "engine/record.h"
#include "engine/record_page.h"
#include "store/store.h"

/* Pages of one commit: about a megabyte. */
#define PAGES 8

/*
 * Pages that are not put off any longer: much mail that comes at once has the
 * processors for itself.
 */
#define DUE 64

/* One with fewer records isn't worth it. */
#define FEW (PAGE_RECORDS / 4)

struct paging {
	struct work work; /* the first thing in it */
	struct account *account;
	uint64_t first; /* page */
	size_t n;
	uint32_t collected; /* the account's, when it began */
	enum status st;
	struct buf value[PAGES][RECORD_COLUMNS]; /* empty: it isn't stored */
};

/* After an error no more of them are stored before the next open. */
static void
paging_end(struct paging *p, enum status st)
{
	struct account *a = p->account;

	for (size_t i = 0; i < PAGES; i++)
		for (size_t k = 0; k < RECORD_COLUMNS; k++)
			buf_clear(&p->value[i][k]);
	free(p);
	a->paging = st != ST_OK && st != ST_AGAIN;
	account_leave_work(a);
}

/* All columns. */
static enum status
pack_pages(struct paging *p, struct record_draft *d, size_t i)
{
	struct record_name name = { p->account->id, p->first + i, 0 };
	enum status st;

	for (unsigned k = 0; k < RECORD_COLUMNS; k++) {
		name.column = (enum record_column)k;
		record_draft_begin(&d[k], &name);
	}
	st = records_gather(p->account, d, RECORD_COLUMNS);
	for (unsigned k = 0; k < RECORD_COLUMNS && st == ST_OK; k++)
		if (!d[k].too_large && record_draft_count(&d[k]) >= FEW)
			record_draft_pack(&p->value[i][k], &d[k]);
	return st;
}

/* In another thread. */
static void
pack(struct work *work)
{
	struct paging *p = (struct paging *)work;
	struct record_draft *d = mem_array(RECORD_COLUMNS, sizeof(*d));

	for (size_t i = 0; i < p->n && p->st == ST_OK; i++)
		p->st = pack_pages(p, d, i);
	for (size_t k = 0; k < RECORD_COLUMNS; k++)
		buf_clear(&d[k].bytes);
	free(d);
}

static void
committed(void *ctx, enum status st)
{
	struct paging *p = ctx;
	struct account *a = account_ref(p->account);

	paging_end(p, st);
	record_paging_when_left(a);
	account_release(&a);
}

static void
write_pages(const struct paging *p, struct batch *b)
{
	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < RECORD_COLUMNS; k++) {
			struct key key = key_of2(KEY_PAGE, k, p->first + i);

			if (p->value[i][k].n > 0)
				batch_put(b, key_span(&key),
				    buf_span(&p->value[i][k]));
		}
	}
}

static void
packed(struct work *work)
{
	struct paging *p = (struct paging *)work;
	struct account *a = p->account;
	struct change *c = NULL;

	/* What was removed meanwhile may still be in a page. */
	if (p->st == ST_OK && p->collected != a->collected)
		p->st = ST_AGAIN;
	if (p->st == ST_OK)
		p->st = change_begin(a, &c);
	if (p->st != ST_OK) {
		paging_end(p, p->st);
		return;
	}
	write_pages(p, change_batch(c));
	c->state.paged = MAX(c->state.paged, p->first + p->n);
	change_submit(&c, committed, p);
}

static void
start(struct account *a, uint64_t first, size_t n)
{
	struct paging *p = MEM_NEW(struct paging);

	a->paging = true;
	account_enter_work(a);
	p->work.run = pack;
	p->work.done = packed;
	p->account = a;
	p->first = first;
	p->n = n;
	p->collected = a->collected;
	work_start(a, WORK_SHORT, &p->work);
}

/* Pages that are full and were not stored yet. */
static uint64_t
backlog(const struct account *a)
{
	uint64_t full = a->current.content / PAGE_RECORDS;

	return full > a->head.paged ? full - a->head.paged : 0;
}

void
record_paging_when_left(struct account *a)
{
	uint64_t n = backlog(a);
	uint64_t paged = a->head.paged;
	uint64_t worn;

	if (a->paging || a->failing)
		return;
	if (n > 0) {
		start(a, paged, (size_t)MIN(n, (uint64_t)PAGES));
		return;
	}
	while (record_cache_take_worn(a->engine->records, a->id, &worn)) {
		if (worn < paged) {
			start(a, worn, 1);
			return;
		}
	}
}

void
record_paging_if_due(struct account *a)
{
	if (backlog(a) >= DUE)
		record_paging_when_left(a);
}

void
record_paging_drop(const struct account *a, struct batch *b, uint64_t content)
{
	uint64_t page = content / PAGE_RECORDS;

	for (size_t k = 0; k < RECORD_COLUMNS && page < a->head.paged; k++) {
		struct key key = key_of2(KEY_PAGE, k, page);

		batch_delete(b, key_span(&key));
	}
}
