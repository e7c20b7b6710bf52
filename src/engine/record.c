#include "engine/record.h"

#include <stdlib.h>

#include "engine/record_page.h"
#include "store/store.h"

/* Of a page; if so many are wanted, all of it is read and kept. */
#define DENSE (PAGE_RECORDS / 4)

/* To find a page costs more than to pass so many that nobody wants. */
#define GAP 4

/* Passing over a record costs about this much less than looking one up. */
#define SPARSE 4

/* To begin going through records costs as much as looking up so many. */
#define FEW 3

struct wanted {
	uint64_t content;
	uint32_t index;
};

struct walk {
	enum record_column column;
	const struct wanted *w;
	size_t n;
	size_t at;
	record_fn *fn;
	void *ctx;
	bool ended;
};

static int
by_content(const void *a, const void *b)
{
	const struct wanted *x = a;
	const struct wanted *y = b;

	return (x->content > y->content) - (x->content < y->content);
}

/* Gives a value to all that want it; false if that was enough. */
static bool
visit_content(void *ctx, uint64_t content, struct span value)
{
	struct walk *k = ctx;

	while (k->at < k->n && k->w[k->at].content < content)
		k->at++;
	/* The same content may be wanted for several messages. */
	for (; k->at < k->n && k->w[k->at].content == content; k->at++) {
		if (!k->fn(k->ctx, k->w[k->at].index, value)) {
			k->ended = true;
			return false;
		}
	}
	return k->at < k->n;
}

static bool
visit(void *ctx, struct span key, struct span value)
{
	const struct walk *k = ctx;
	uint64_t content;

	if (!key_read(key, KEY_RECORD, &content, NULL))
		return true;
	return visit_content(ctx, content, record_column(value, k->column));
}

static enum status
read_range(struct account *a, struct walk *k)
{
	struct key from = key_of1(KEY_RECORD, k->w[0].content);
	struct key to = key_of1(KEY_RECORD, k->w[k->n - 1].content + 1);

	return store_read(a->engine->store, a->id, key_span(&from),
	    key_span(&to), visit, k);
}

static enum status
read_each(struct account *a, struct walk *k)
{
	CLEANUP(buf_clear) struct buf value = { 0 };

	while (k->at < k->n && !k->ended) {
		struct key key = key_of1(KEY_RECORD, k->w[k->at].content);
		enum status st;

		buf_reset(&value);
		st = store_get(a->engine->store, a->id, key_span(&key), &value);
		if (st == ST_NOTFOUND)
			k->at++;
		else if (st == ST_OK)
			(void)visit(k, key_span(&key), buf_span(&value));
		else
			return st;
	}
	return ST_OK;
}

/* By content; w has room for all. */
static void
sort_wanted(struct wanted *w, const uint64_t *contents, size_t n)
{
	bool sorted = true;

	for (size_t i = 0; i < n; i++) {
		w[i] = (struct wanted){ contents[i], (uint32_t)i };
		sorted = sorted && (i == 0 || contents[i] >= contents[i - 1]);
	}
	if (!sorted)
		qsort(w, n, sizeof(w[0]), by_content);
}

static enum status
read_uncached(struct account *a, struct walk *k)
{
	if (k->n == 0 || k->ended)
		return ST_OK;
	if (k->n >= FEW &&
	    k->w[k->n - 1].content - k->w[0].content < k->n * SPARSE)
		return read_range(a, k);
	return read_each(a, k);
}

/* --- By pages ------------------------------------------------------------- */

/*
 * If so many are wanted, one that is stored as a page is read: it costs about
 * as much as that many records.
 */
static const size_t worth_a_page[RECORD_COLUMNS] = {
	[RECORD_ENVELOPE] = 2,
	[RECORD_STRUCTURE] = 2,
	[RECORD_PREVIEW] = 2,
	[RECORD_PARTS] = 2,
	[RECORD_LINKS] = 1,
	[RECORD_NAMES] = 1,
	[RECORD_SUBJECT] = 1,
	[RECORD_ADDRESSES] = 1,
};

static struct record_name
name_of(const struct account *a, enum record_column column, uint64_t content)
{
	return (struct record_name){ a->id, content / PAGE_RECORDS, column };
}

struct gathering {
	struct record_draft *draft;
	size_t n;
};

static bool
add_to_pages(void *ctx, struct span key, struct span value)
{
	struct gathering *g = ctx;
	uint64_t content;

	if (!key_read(key, KEY_RECORD, &content, NULL))
		return true;
	for (size_t i = 0; i < g->n; i++)
		record_draft_add(&g->draft[i], content,
		    record_column(value, g->draft[i].name.column));
	return true;
}

enum status
records_gather(struct account *a, struct record_draft *draft, size_t n)
{
	uint64_t first = draft->name.number * PAGE_RECORDS;
	struct key from = key_of1(KEY_RECORD, first);
	struct key to = key_of1(KEY_RECORD, first + PAGE_RECORDS);
	struct gathering g = { draft, n };
	enum status st;

	st = store_read_once(a->engine->store, a->id, key_span(&from),
	    key_span(&to), add_to_pages, &g);
	for (size_t i = 0; i < n; i++)
		record_draft_end(&draft[i]);
	return st;
}

/* One that is stored as a page. */
struct page_reading {
	struct record_cache *cache;
	const struct record_name *name;
	struct record_page *page;
	enum status st;
};

static bool
take_stored(void *ctx, struct span key, struct span value)
{
	struct page_reading *r = ctx;
	struct record_draft d = { 0 };

	(void)key;
	r->st = record_draft_unpack(&d, r->name, value);
	if (r->st == ST_OK)
		r->page = record_cache_put(r->cache, &d);
	return false;
}

/* NULL: there is none that can be read. */
static struct record_page *
read_page(const struct account *a, const struct record_name *name)
{
	struct page_reading r = { a->engine->records, name, NULL, ST_OK };
	struct key key = key_of2(KEY_PAGE, name->column, name->number);
	enum status st = store_get_once(a->engine->store, a->id, key_span(&key),
	    take_stored, &r);

	if (st == ST_OK)
		st = r.st;
	if (st != ST_OK && st != ST_NOTFOUND)
		log_event(&a->engine->log, LEVEL_ERROR, "record.page.damaged",
		    LF_U64("account", a->id), LF_U64("page", name->number),
		    LF_STR("reason", status_name(st)));
	return r.page;
}

/* One that is put together from its records; NULL: it can't be. */
static struct record_page *
gather_page(struct account *a, const struct record_name *name)
{
	struct record_draft d = { 0 };
	struct record_page *p = NULL;

	record_draft_begin(&d, name);
	if (records_gather(a, &d, 1) == ST_OK && !d.too_large) {
		record_cache_worn(a->engine->records, name);
		p = record_cache_put(a->engine->records, &d);
	}
	buf_clear(&d.bytes);
	return p;
}

/* NULL: it can't be, so the records are read as if there were no pages. */
static struct record_page *
load_page(struct account *a, const struct record_name *name, size_t wanted)
{
	struct record_page *p = read_page(a, name);

	return p != NULL || wanted < DENSE ? p : gather_page(a, name);
}

/* --- Pages in a row, which are read together ------------------------------ */

struct page_run {
	const struct account *account;
	struct record_name first;
	uint64_t n;
	size_t wanted; /* of all of them */
};

static bool
take_page(void *ctx, struct span key, struct span value)
{
	const struct page_run *r = ctx;
	struct record_name name = r->first;
	struct record_draft d = { 0 };
	struct record_page *p;
	uint64_t column;

	/* Who reads a damaged one alone is told so. */
	if (!key_read(key, KEY_PAGE, &column, &name.number) ||
	    record_draft_unpack(&d, &name, value) != ST_OK)
		return true;
	p = record_cache_put(r->account->engine->records, &d);
	record_page_unref(&p);
	return true;
}

/* Moves those that are stored into memory, if that is worth it. */
static void
load_run(struct page_run *r)
{
	uint64_t end = r->first.number + r->n;
	struct key from = key_of2(KEY_PAGE, r->first.column, r->first.number);
	struct key to = key_of2(KEY_PAGE, r->first.column, end);

	if (r->n > 1 && r->wanted >= r->n * worth_a_page[r->first.column])
		(void)store_read_once(r->account->engine->store, r->account->id,
		    key_span(&from), key_span(&to), take_page, r);
}

static size_t
lacks(const struct record_page *p, const struct wanted *w, size_t n)
{
	size_t lacking = 0;

	for (size_t i = 0; i < n; i++)
		lacking += record_page_get(p, w[i].content).n == 0;
	return lacking;
}

/* What is wanted is of one page.  NULL: it isn't worth one. */
static struct record_page *
page_for(struct account *a, enum record_column column, const struct wanted *w,
    size_t n)
{
	struct record_name name = name_of(a, column, w->content);
	struct record_page *p = record_cache_find(a->engine->records, &name);

	if (n < worth_a_page[column] || (p != NULL && lacks(p, w, n) < DENSE))
		return p;
	record_page_unref(&p);
	return load_page(a, &name, n);
}

static size_t
same_page(const struct wanted *w, size_t n)
{
	size_t same = 1;

	while (same < n &&
	       w[same].content / PAGE_RECORDS == w->content / PAGE_RECORDS)
		same++;
	return same;
}

/* Gives what the page has of them and moves the others to rest. */
static void
visit_page(struct walk *k, const struct record_page *p, const struct wanted *w,
    size_t n, struct wanted *rest)
{
	for (size_t i = 0; i < n && !k->ended; i++) {
		struct span r = { 0 };

		if (p != NULL)
			r = record_page_get(p, w[i].content);
		if (r.n == 0)
			rest[k->n++] = w[i];
		else
			k->ended = !k->fn(k->ctx, w[i].index, r);
	}
}

struct record_page *
record_page_of(struct account *a, enum record_column column, uint64_t content)
{
	struct record_name name = name_of(a, column, content);

	return record_cache_find(a->engine->records, &name);
}

static bool
in_memory(const struct account *a, const struct record_name *name)
{
	struct record_page *p = record_cache_find(a->engine->records, name);
	bool found = p != NULL;

	record_page_unref(&p);
	return found;
}

/* Of what is wanted, moves pages into memory that follow one another. */
static void
load_runs(const struct account *a, enum record_column column,
    const struct wanted *w, size_t n)
{
	struct page_run r = { .account = a };
	size_t same;

	for (size_t i = 0; i < n; i += same) {
		struct record_name name = name_of(a, column, w[i].content);

		same = same_page(w + i, n - i);
		if (in_memory(a, &name))
			continue;
		if (r.n == 0 || name.number > r.first.number + r.n + GAP) {
			load_run(&r);
			r = (struct page_run){ a, name, 0, 0 };
		}
		r.n = name.number - r.first.number + 1;
		r.wanted += same;
	}
	load_run(&r);
}

enum status
records_read(struct account *a, enum record_column column,
    const uint64_t *contents, size_t n, record_fn *fn, void *ctx)
{
	struct wanted w[RECORDS_MAX];
	/* What no page has takes the place of what one had. */
	struct walk k = { .column = column, .w = w, .fn = fn, .ctx = ctx };
	size_t same;

	sort_wanted(w, contents, n);
	load_runs(a, column, w, n);
	for (size_t i = 0; i < n && !k.ended; i += same) {
		struct record_page *p;

		same = same_page(w + i, n - i);
		p = page_for(a, column, w + i, same);
		visit_page(&k, p, w + i, same, w);
		record_page_unref(&p);
	}
	return read_uncached(a, &k);
}

enum status
record_read(struct account *a, enum record_column column, uint64_t content,
    struct buf *out)
{
	CLEANUP(buf_clear) struct buf record = { 0 };
	struct key key = key_of1(KEY_RECORD, content);
	enum status st =
	    store_get(a->engine->store, a->id, key_span(&key), &record);
	struct span value = record_column(buf_span(&record), column);

	if (st != ST_OK)
		return st;
	buf_add(out, value);
	return value.n > 0 ? ST_OK : ST_CORRUPT;
}

bool
records_cached(struct account *a, enum record_column column,
    const uint64_t *contents, size_t n)
{
	struct record_page *p = NULL;
	uint64_t number = 0;
	bool cached = true;

	for (size_t i = 0; i < n && cached; i++) {
		if (p == NULL || contents[i] / PAGE_RECORDS != number) {
			record_page_unref(&p);
			p = record_page_of(a, column, contents[i]);
			number = contents[i] / PAGE_RECORDS;
		}
		cached = p != NULL && record_page_get(p, contents[i]).n > 0;
	}
	record_page_unref(&p);
	return cached;
}

enum status
bodies_read(struct account *a, const uint64_t *contents, size_t n,
    record_fn *fn, void *ctx)
{
	struct wanted w[RECORDS_MAX];
	struct walk k = { .w = w, .n = n, .fn = fn, .ctx = ctx };
	uint64_t once[RECORDS_MAX];
	size_t ids = 0;

	sort_wanted(w, contents, n);
	for (size_t i = 0; i < n; i++)
		if (ids == 0 || once[ids - 1] != w[i].content)
			once[ids++] = w[i].content;
	return store_bodies(a->engine->store, a->id, once, ids, visit_content,
	    &k);
}
