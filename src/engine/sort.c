#include "engine/sort.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/radix.h"

/*
 * Messages that are alike so far form a run, which is sorted by 64 bits more
 * at a time: a number, or seven octets of a string and how many octets there
 * are from there on.  Where these are equal, shorter runs remain.
 */
#define CHUNK      7
#define CHUNK_MORE 8 /* stands for any number above CHUNK */

struct run {
	uint32_t lo;
	uint32_t n;
	uint32_t column;
	uint32_t depth; /* in octets of a string */
};

struct sort {
	const struct sort_column *columns;
	uint32_t column_count;
	uint32_t n;
	struct radix_item *items;
	struct radix_item *spare;
	struct run *runs; /* still to be sorted; the one at hand is `run` */
	size_t run_count;
	size_t run_cap;
	struct run run;
	uint32_t at; /* in the run */
	uint32_t equal_from;
	enum {
		SORT_NUMBER, /* the messages, once */
		SORT_NEXT,   /* run of those that remain */
		SORT_LOAD,
		SORT_ORDER,
		SORT_SPLIT,
	} state;
	struct radix radix;
};

static void
push(struct sort *s, struct run run)
{
	if (run.n < 2 || run.column == s->column_count)
		return;
	s->runs = mem_grow(s->runs, s->run_count, &s->run_cap, sizeof(run));
	s->runs[s->run_count++] = run;
}

struct sort *
sort_new(const struct sort_column *columns, uint32_t column_count,
    uint32_t message_count)
{
	struct sort *s = MEM_NEW(struct sort);

	s->columns = columns;
	s->column_count = column_count;
	s->n = message_count;
	/* Neither is read before it is written. */
	s->items = mem_resize(NULL, message_count * sizeof(*s->items));
	s->spare = mem_resize(NULL, message_count * sizeof(*s->spare));
	push(s, (struct run){ .n = message_count });
	s->run.n = message_count;
	s->state = message_count > 0 ? SORT_NUMBER : SORT_NEXT;
	return s;
}

void
sort_free(struct sort **s)
{
	if (*s == NULL)
		return;
	free((*s)->items);
	free((*s)->spare);
	free((*s)->runs);
	free(*s);
	*s = NULL;
}

static void
number(struct sort *s, uint32_t until)
{
	for (uint32_t i = s->at; i < until; i++)
		s->items[i].index = i;
}

static uint64_t
string_key(struct span s, uint32_t depth)
{
	struct span rest = span_from(s, depth);
	uint64_t key = 0;
	size_t n = MIN(rest.n, (size_t)CHUNK);

	if (rest.n > CHUNK) {
		memcpy(&key, rest.p, sizeof(key));
		return (be64toh(key) & ~UINT64_C(0xff)) | CHUNK_MORE;
	}
	for (size_t i = 0; i < n; i++)
		key |= (uint64_t)rest.p[i] << (56 - 8 * i);
	return key | n;
}

static void
load(struct sort *s, uint32_t until)
{
	const struct sort_column *c = &s->columns[s->run.column];
	uint64_t flip = c->reverse ? UINT64_MAX : 0;

	for (uint32_t i = s->at; i < until; i++) {
		struct radix_item *item = &s->items[s->run.lo + i];

		if (c->numbers != NULL)
			item->key = radix_key(c->numbers[item->index]) ^ flip;
		else
			item->key =
			    string_key(c->strings[item->index], s->run.depth) ^
			    flip;
	}
}

/* What comes after this much of the run at hand, all with this key. */
static void
push_equal(struct sort *s, uint32_t lo, uint32_t n, uint64_t key)
{
	const struct sort_column *c = &s->columns[s->run.column];
	struct run next = { s->run.lo + lo, n, s->run.column + 1, 0 };

	key = c->reverse ? ~key : key;
	if (c->strings != NULL && (key & 0xff) == CHUNK_MORE) {
		next.column = s->run.column;
		next.depth = s->run.depth + CHUNK;
	}
	push(s, next);
}

static void
split(struct sort *s, uint32_t until)
{
	const struct radix_item *items = s->items + s->run.lo;

	for (uint32_t i = s->at; i < until; i++) {
		if (i + 1 < s->run.n && items[i + 1].key == items[i].key)
			continue;
		push_equal(s, s->equal_from, i + 1 - s->equal_from,
		    items[i].key);
		s->equal_from = i + 1;
	}
}

/* Goes over as much of the run as there is work; true at its end. */
static bool
pass(struct sort *s, void (*over)(struct sort *, uint32_t), size_t *work)
{
	uint32_t some = (uint32_t)MIN((size_t)(s->run.n - s->at), *work);

	over(s, s->at + some);
	s->at += some;
	*work -= some;
	if (s->at < s->run.n)
		return false;
	s->at = 0;
	return true;
}

static void
advance(struct sort *s, size_t *work)
{
	switch (s->state) {
	case SORT_NUMBER:
		if (pass(s, number, work))
			s->state = SORT_NEXT;
		break;
	case SORT_NEXT:
		s->run = s->runs[--s->run_count];
		s->equal_from = 0;
		s->state = SORT_LOAD;
		break;
	case SORT_LOAD:
		if (!pass(s, load, work))
			break;
		radix_start(&s->radix, s->items + s->run.lo,
		    s->spare + s->run.lo, s->run.n);
		s->state = SORT_ORDER;
		break;
	case SORT_ORDER:
		if (radix_step(&s->radix, work))
			s->state = SORT_SPLIT;
		break;
	case SORT_SPLIT:
		if (pass(s, split, work))
			s->state = SORT_NEXT;
		break;
	}
}

static bool
finished(const struct sort *s)
{
	return s->state == SORT_NEXT && s->run_count == 0;
}

bool
sort_step(struct sort *s, size_t work)
{
	while (!finished(s) && work > 0)
		advance(s, &work);
	return finished(s);
}

uint32_t
sort_at(const struct sort *s, uint32_t rank)
{
	assert(finished(s) && rank < s->n);
	return s->items[rank].index;
}
