#include "engine/record_page.h"

#include <pthread.h>

#include "base/hash.h"
#include "base/mem.h"

/* A hash chain for each so many bytes of pages: that many have a small page. */
#define CHAIN_BYTES 16384

/*
 * Pages lie in chunks, one behind the other, and the oldest chunk makes way for
 * a new one.  A chunk is a huge page: so the system makes memory for what is
 * read once for all its pages, which else costs more than reading them.
 */
#define CHUNK_BYTES MEM_HUGE
#define CHUNKS_MIN  4

struct chunk {
	struct refs refs; /* the cache's, and of each page that is used */
	bool gone;        /* from the cache */
	size_t size;
	size_t used;
	struct record_page *pages;
	struct chunk *newer;
};

struct record_page {
	struct refs refs;
	struct record_name name;
	struct chunk *chunk;
	uint32_t end[PAGE_RECORDS];

	/* What follows is the cache's. */
	struct record_page *in_chunk;
	struct record_page *chain;

	unsigned char bytes[];
};

struct record_cache {
	pthread_mutex_t lock;
	size_t chunk_bytes;
	size_t most; /* chunks */
	size_t n;
	struct chunk *oldest;
	struct chunk *newest;
	size_t chains;
	struct record_page **chain;
	struct record_name worn[RECORD_WORN]; /* account 0: none */
	size_t worn_at;                       /* that is written over next */
};

static struct chunk *
chunk_new(size_t size)
{
	struct chunk *k = mem_huge(size);

	*k = (struct chunk){ .refs = REFS_ONE,
		.size = size,
		.used = sizeof(*k) };
	return k;
}

static void
chunk_unref(struct chunk *k)
{
	if (refs_drop(&k->refs))
		mem_free(&k);
}

void
record_page_unref(struct record_page **pp)
{
	struct record_page *p = TAKE(*pp);

	if (p != NULL && refs_drop(&p->refs))
		chunk_unref(p->chunk);
}

struct span
record_page_get(const struct record_page *p, uint64_t content)
{
	size_t i = content % PAGE_RECORDS;
	uint32_t from = i == 0 ? 0 : p->end[i - 1];

	if (p->end[i] == from)
		return (struct span){ 0 };
	return span_of(p->bytes + from, p->end[i] - from);
}

/* --- The cache ------------------------------------------------------------ */

struct record_cache *
record_cache_new(size_t bytes)
{
	struct record_cache *c = MEM_NEW(struct record_cache);

	pthread_mutex_init(&c->lock, NULL);
	c->chunk_bytes = MIN(bytes / CHUNKS_MIN, CHUNK_BYTES);
	c->most = c->chunk_bytes == 0 ? 0 : bytes / c->chunk_bytes;
	c->chains = bytes / CHAIN_BYTES + 1;
	c->chain = mem_array(c->chains, sizeof(struct record_page *));
	return c;
}

/* Nobody can choose these numbers. */
static struct record_page **
chain_of(struct record_cache *c, const struct record_name *n)
{
	uint64_t h =
	    (n->account * 31 + (uint64_t)n->column) * 0x9e3779b97f4a7c15;

	return &c->chain[(h + n->number) % c->chains];
}

static bool
same_name(const struct record_name *a, const struct record_name *b)
{
	return a->account == b->account && a->number == b->number &&
	       a->column == b->column;
}

/* Where it is linked, or the end of the chain it would be in. */
static struct record_page **
look_up(struct record_cache *c, const struct record_name *name)
{
	struct record_page **at = chain_of(c, name);

	while (*at != NULL && !same_name(&(*at)->name, name))
		at = &(*at)->chain;
	return at;
}

/* Takes a page that is there out; its bytes stay until its chunk goes. */
static void
drop(struct record_page **at)
{
	struct record_page *p = *at;

	*at = p->chain;
	record_page_unref(&p);
}

static void
drop_oldest(struct record_cache *c)
{
	struct chunk *k = c->oldest;
	struct record_page *next;

	for (struct record_page *p = k->pages; p != NULL; p = next) {
		struct record_page **at = look_up(c, &p->name);

		next = p->in_chunk;
		/* A newer one may have taken its place. */
		if (*at == p)
			drop(at);
	}
	c->oldest = k->newer;
	if (c->oldest == NULL)
		c->newest = NULL;
	c->n--;
	k->gone = true;
	chunk_unref(k);
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
	p = *look_up(c, name);
	if (p != NULL)
		refs_add(&p->refs);
	pthread_mutex_unlock(&c->lock);
	return p;
}

static void
add_chunk(struct record_cache *c)
{
	struct chunk *k;

	while (c->n >= c->most)
		drop_oldest(c);
	k = chunk_new(c->chunk_bytes);
	if (c->newest != NULL)
		c->newest->newer = k;
	else
		c->oldest = k;
	c->newest = k;
	c->n++;
}

static struct record_page *
place_in(struct chunk *k, size_t size)
{
	struct record_page *p = (void *)((unsigned char *)k + k->used);

	k->used += size;
	refs_add(&k->refs);
	p->chunk = k;
	return p;
}

/* Room for a page of so many bytes in all. */
static struct record_page *
make_room(struct record_cache *c, size_t size)
{
	struct record_page *p;
	struct chunk *own;

	if (c->most == 0 || sizeof(struct chunk) + size > c->chunk_bytes) {
		own = chunk_new(sizeof(struct chunk) + size);
		own->gone = true;
		p = place_in(own, size);
		chunk_unref(own);
		return p;
	}
	pthread_mutex_lock(&c->lock);
	if (c->newest == NULL || c->newest->size - c->newest->used < size)
		add_chunk(c);
	p = place_in(c->newest, size);
	pthread_mutex_unlock(&c->lock);
	return p;
}

static void
link_page(struct record_cache *c, struct record_page *p)
{
	struct record_page **at;

	pthread_mutex_lock(&c->lock);
	if (!p->chunk->gone) {
		at = look_up(c, &p->name);
		if (*at != NULL)
			drop(at);
		at = chain_of(c, &p->name);
		p->chain = *at;
		*at = p;
		p->in_chunk = p->chunk->pages;
		p->chunk->pages = p;
		refs_add(&p->refs);
	}
	pthread_mutex_unlock(&c->lock);
}

struct record_page *
record_cache_put(struct record_cache *c, const struct record_draft *d)
{
	size_t align = _Alignof(struct record_page);
	size_t size = sizeof(struct record_page) + d->all.n;
	struct record_page *p =
	    make_room(c, (size + align - 1) / align * align);

	p->refs = REFS_ONE;
	p->name = d->name;
	memcpy(p->end, d->end, sizeof(p->end));
	if (d->all.n > 0)
		memcpy(p->bytes, d->all.p, d->all.n);
	link_page(c, p);
	return p;
}

/* --- What might be stored as pages ---------------------------------------- */

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
