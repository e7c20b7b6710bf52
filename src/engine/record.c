#include "engine/record.h"

#include <stdlib.h>

#include "store/store.h"

/* Passing over a record costs about this much less than looking one up. */
#define SPARSE 4

struct wanted {
	uint64_t content;
	uint32_t index;
};

struct walk {
	enum key_kind kind;
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

	if (!key_read(key, k->kind, &content, NULL))
		return true;
	return visit_content(ctx, content, value);
}

static enum status
read_range(struct account *a, struct walk *k)
{
	struct key from = key_of1(k->kind, k->w[0].content);
	struct key to = key_of1(k->kind, k->w[k->n - 1].content + 1);

	return store_read(a->engine->store, a->id, key_span(&from),
	    key_span(&to), visit, k);
}

static enum status
read_each(struct account *a, struct walk *k)
{
	CLEANUP(buf_clear) struct buf value = { 0 };

	while (k->at < k->n && !k->ended) {
		struct key key = key_of1(k->kind, k->w[k->at].content);
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

enum status
records_read(struct account *a, enum key_kind kind, const uint64_t *contents,
    size_t n, record_fn *fn, void *ctx)
{
	struct wanted w[RECORDS_MAX];
	struct walk k = { .kind = kind, .w = w, .n = n, .fn = fn, .ctx = ctx };

	if (n == 0)
		return ST_OK;
	sort_wanted(w, contents, n);
	if (w[n - 1].content - w[0].content < n * SPARSE)
		return read_range(a, &k);
	return read_each(a, &k);
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
