#include "engine/share.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/store.h"

struct share {
	uint64_t page;
	bool dirty;
	uint32_t used; /* counts that are not 0 */
	uint16_t count[SHARE_PAGE];
	struct share *next;
};

static enum status
unpack_page(struct span value, struct share *s)
{
	struct unpack u = unpack_over(value);
	enum status st = unpack_format(&u);

	while (st == ST_OK && u.rest.n > 0) {
		uint64_t at = unpack_u64(&u);
		uint64_t count = unpack_u64(&u);

		if (at >= SHARE_PAGE || count == 0 || count > UINT16_MAX)
			return ST_CORRUPT;
		s->used += s->count[at] == 0;
		s->count[at] = (uint16_t)count;
	}
	return st == ST_OK ? unpack_status(&u) : st;
}

static void
pack_page(struct buf *b, const struct share *s)
{
	pack_format(b);
	for (size_t i = 0; i < SHARE_PAGE; i++) {
		if (s->count[i] == 0)
			continue;
		pack_u64(b, i);
		pack_u64(b, s->count[i]);
	}
}

static enum status
load_page(struct account *a, uint64_t page, struct share **out)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of1(KEY_SHARED, page);
	struct share *s;
	enum status st;

	st = store_get(a->engine->store, a->id, key_span(&key), &value);
	if (st != ST_OK && st != ST_NOTFOUND)
		return st;
	s = MEM_NEW(struct share);
	s->page = page;
	if (st == ST_OK)
		st = unpack_page(buf_span(&value), s);
	if (st != ST_OK && st != ST_NOTFOUND) {
		free(s);
		return st;
	}
	s->next = a->shares;
	a->shares = s;
	*out = s;
	return ST_OK;
}

static enum status
page_of(struct account *a, uint64_t content, struct share **out)
{
	uint64_t page = content / SHARE_PAGE;
	struct share *s = a->shares;

	while (s != NULL && s->page != page)
		s = s->next;
	if (s == NULL)
		return load_page(a, page, out);
	*out = s;
	return ST_OK;
}

enum status
share_add(struct account *a, uint64_t content)
{
	struct share *s;
	enum status st = page_of(a, content, &s);
	uint16_t *count;

	if (st != ST_OK)
		return st;
	count = &s->count[content % SHARE_PAGE];
	if (*count == UINT16_MAX)
		return ST_LIMIT;
	s->used += *count == 0;
	(*count)++;
	s->dirty = true;
	return ST_OK;
}

enum status
share_drop(struct account *a, uint64_t content, bool *last)
{
	struct share *s;
	enum status st = page_of(a, content, &s);
	uint16_t *count;

	if (st != ST_OK)
		return st;
	count = &s->count[content % SHARE_PAGE];
	*last = *count == 0;
	if (*last)
		return ST_OK;
	(*count)--;
	s->used -= *count == 0;
	s->dirty = true;
	return ST_OK;
}

void
share_write(struct account *a, struct batch *b)
{
	for (struct share *s = a->shares; s != NULL; s = s->next) {
		CLEANUP(buf_clear) struct buf value = { 0 };
		struct key key = key_of1(KEY_SHARED, s->page);

		if (!s->dirty)
			continue;
		s->dirty = false;
		if (s->used == 0) {
			batch_delete(b, key_span(&key));
			continue;
		}
		pack_page(&value, s);
		batch_put(b, key_span(&key), buf_span(&value));
	}
}

void
share_free(struct account *a)
{
	while (a->shares != NULL) {
		struct share *s = a->shares;

		a->shares = s->next;
		free(s);
	}
}
