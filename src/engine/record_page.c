#include "engine/record_page.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

/* A chain for each so many bytes of pages: that many have a small page. */
#define CHAIN_BYTES 16384

/* Most pages don't outgrow it; what they don't need is given back. */
#define PAGE_EXPECTED ((size_t)64 * 1024)

struct record_cache {
	pthread_mutex_t lock;
	size_t most;
	size_t bytes;
	struct record_page *newest;
	struct record_page *oldest;
	size_t chains;
	struct record_page **chain;
	struct record_name worn[RECORD_WORN]; /* account 0: none */
	size_t worn_at;                       /* that is written over next */
};

struct record_page *
record_page_new(const struct record_name *name)
{
	struct record_page *p = MEM_NEW(struct record_page);

	p->refs = REFS_ONE;
	p->name = *name;
	(void)buf_room(&p->bytes, PAGE_EXPECTED);
	return p;
}

void
record_page_unref(struct record_page **pp)
{
	struct record_page *p = TAKE(*pp);

	if (p == NULL || !refs_drop(&p->refs))
		return;
	buf_clear(&p->bytes);
	free(p);
}

bool
record_page_add(struct record_page *p, uint64_t content, struct span r)
{
	size_t i = content % PAGE_RECORDS;

	if (p->bytes.n + r.n > PAGE_BYTES)
		return false;
	buf_add(&p->bytes, r);
	p->end[i] = (uint32_t)p->bytes.n;
	return true;
}

/* Gives back what it doesn't need. */
static void
fit(struct record_page *p)
{
	p->bytes.p = mem_resize(p->bytes.p, p->bytes.n);
	p->bytes.cap = p->bytes.n;
}

void
record_page_end(struct record_page *p)
{
	uint32_t end = 0;

	for (size_t i = 0; i < PAGE_RECORDS; i++)
		p->end[i] = end = MAX(end, p->end[i]);
	fit(p);
}

void
record_page_pack(struct buf *b, const struct record_page *p)
{
	uint32_t from = p->from;

	pack_format(b);
	for (size_t i = 0; i < PAGE_RECORDS; i++) {
		pack_u64(b, p->end[i] - from);
		from = p->end[i];
	}
	buf_add(b, span_from(buf_span(&p->bytes), p->from));
}

enum status
record_page_unpack(struct record_page *p)
{
	struct unpack u = unpack_over(buf_span(&p->bytes));
	enum status st = unpack_format(&u);
	uint64_t length[PAGE_RECORDS];
	uint64_t all = 0;

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < PAGE_RECORDS; i++) {
		length[i] = unpack_u64(&u);
		all += MIN(length[i], (uint64_t)PAGE_BYTES + 1);
	}
	if (!unpack_ok(&u) || u.rest.n > PAGE_BYTES || u.rest.n != all)
		return ST_CORRUPT;
	p->from = (uint32_t)(p->bytes.n - u.rest.n);
	for (size_t i = 0; i < PAGE_RECORDS; i++)
		p->end[i] =
		    (uint32_t)length[i] + (i == 0 ? p->from : p->end[i - 1]);
	fit(p);
	return ST_OK;
}

size_t
record_page_count(const struct record_page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < PAGE_RECORDS; i++)
		n += p->end[i] != (i == 0 ? p->from : p->end[i - 1]);
	return n;
}

struct span
record_page_get(const struct record_page *p, uint64_t content)
{
	size_t i = content % PAGE_RECORDS;
	uint32_t from = i == 0 ? p->from : p->end[i - 1];

	if (p->end[i] == from)
		return (struct span){ 0 };
	return span_of(p->bytes.p + from, p->end[i] - from);
}

/* --- The cache ------------------------------------------------------------ */

struct record_cache *
record_cache_new(size_t bytes)
{
	struct record_cache *c = MEM_NEW(struct record_cache);

	pthread_mutex_init(&c->lock, NULL);
	c->most = bytes;
	c->chains = bytes / CHAIN_BYTES + 1;
	c->chain = mem_array(c->chains, sizeof(struct record_page *));
	return c;
}

static size_t
size_of(const struct record_page *p)
{
	return sizeof(*p) + p->bytes.cap;
}

/* Nobody can choose these numbers. */
static struct record_page **
chain_of(struct record_cache *c, const struct record_name *n)
{
	uint64_t h = (n->account * 31 + (uint64_t)n->kind) * 0x9e3779b97f4a7c15;

	return &c->chain[(h + n->number) % c->chains];
}

static bool
same_name(const struct record_name *a, const struct record_name *b)
{
	return a->account == b->account && a->number == b->number &&
	       a->kind == b->kind;
}

/* NULL: it isn't there. */
static struct record_page *
look_up(struct record_cache *c, const struct record_name *name)
{
	struct record_page *p = *chain_of(c, name);

	while (p != NULL && !same_name(&p->name, name))
		p = p->chain;
	return p;
}

static void
link_newest(struct record_cache *c, struct record_page *p)
{
	p->newer = NULL;
	p->older = c->newest;
	if (c->newest != NULL)
		c->newest->newer = p;
	else
		c->oldest = p;
	c->newest = p;
}

static void
unlink_page(struct record_cache *c, struct record_page *p)
{
	*(p->newer != NULL ? &p->newer->older : &c->newest) = p->older;
	*(p->older != NULL ? &p->older->newer : &c->oldest) = p->newer;
}

static void
drop(struct record_cache *c, struct record_page *p)
{
	struct record_page **at = chain_of(c, &p->name);

	while (*at != p) {
		assert(*at != NULL);
		at = &(*at)->chain;
	}
	*at = p->chain;
	unlink_page(c, p);
	c->bytes -= size_of(p);
	record_page_unref(&p);
}

static void
drop_oldest(struct record_cache *c)
{
	assert(c->oldest->older == NULL);
	drop(c, c->oldest);
}

void
record_cache_free(struct record_cache **cp)
{
	struct record_cache *c = TAKE(*cp);

	if (c == NULL)
		return;
	while (c->oldest != NULL)
		drop_oldest(c);
	pthread_mutex_destroy(&c->lock);
	mem_free(&c->chain);
	mem_free(&c);
}

struct record_page *
record_cache_find(struct record_cache *c, const struct record_name *name)
{
	struct record_page *p;

	pthread_mutex_lock(&c->lock);
	p = look_up(c, name);
	if (p != NULL) {
		refs_add(&p->refs);
		unlink_page(c, p);
		link_newest(c, p);
	}
	pthread_mutex_unlock(&c->lock);
	return p;
}

void
record_cache_put(struct record_cache *c, struct record_page *p)
{
	struct record_page **chain = chain_of(c, &p->name);
	struct record_page *before;

	if (size_of(p) > c->most)
		return;
	pthread_mutex_lock(&c->lock);
	before = look_up(c, &p->name);
	if (before != NULL)
		drop(c, before);
	while (c->oldest != NULL && c->bytes + size_of(p) > c->most)
		drop_oldest(c);
	refs_add(&p->refs);
	p->chain = *chain;
	*chain = p;
	link_newest(c, p);
	c->bytes += size_of(p);
	pthread_mutex_unlock(&c->lock);
}

void
record_cache_worn(struct record_cache *c, const struct record_name *name)
{
	bool known = false;

	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < RECORD_WORN && !known; i++)
		known = c->worn[i].account == name->account &&
		        c->worn[i].number == name->number;
	if (!known) {
		c->worn[c->worn_at] = *name;
		c->worn_at = (c->worn_at + 1) % RECORD_WORN;
	}
	pthread_mutex_unlock(&c->lock);
}

bool
record_cache_take_worn(struct record_cache *c, uint64_t account,
    uint64_t *out_number)
{
	size_t i = 0;

	pthread_mutex_lock(&c->lock);
	while (i < RECORD_WORN && c->worn[i].account != account)
		i++;
	if (i < RECORD_WORN) {
		*out_number = c->worn[i].number;
		c->worn[i] = (struct record_name){ 0 };
	}
	pthread_mutex_unlock(&c->lock);
	return i < RECORD_WORN;
}
