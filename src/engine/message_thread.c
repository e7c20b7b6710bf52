#include "engine/message_thread.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/message.h"
#include "store/store.h"

/* Of a long list of references only the nearest are looked up. */
#define LOOKED_UP 20
#define BUCKETS   256

struct known {
	uint64_t id;
	uint64_t thread;
	struct known *next;
};

struct thread_memo {
	struct known *bucket[BUCKETS];
};

void
thread_memo_free(struct thread_memo **mp)
{
	struct thread_memo *m = TAKE(*mp);

	if (m == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (m->bucket[i] != NULL) {
			struct known *k = m->bucket[i];

			m->bucket[i] = k->next;
			free(k);
		}
	}
	free(m);
}

void
thread_memo_reset(struct account *a)
{
	thread_memo_free(&a->memo);
}

static const struct known *
find_in_memo(const struct account *a, uint64_t id)
{
	const struct known *k =
	    a->memo == NULL ? NULL : a->memo->bucket[id % BUCKETS];

	while (k != NULL && k->id != id)
		k = k->next;
	return k;
}

static enum status
find(struct account *a, uint64_t id, uint64_t *out)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of1(KEY_THREAD, id);
	const struct known *k = find_in_memo(a, id);
	struct unpack u;
	enum status st;

	if (k != NULL) {
		*out = k->thread;
		return ST_OK;
	}
	st = store_get(a->engine->store, a->id, key_span(&key), &value);
	if (st != ST_OK)
		return st;
	u = unpack_over(buf_span(&value));
	st = unpack_format(&u);
	*out = unpack_u64(&u);
	return st == ST_OK ? unpack_status(&u) : st;
}

static void
learn(struct change *c, struct account *a, uint64_t id, uint64_t thread)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of1(KEY_THREAD, id);
	struct known *k = MEM_NEW(struct known);

	if (a->memo == NULL)
		a->memo = MEM_NEW(struct thread_memo);
	*k = (struct known){ id, thread, a->memo->bucket[id % BUCKETS] };
	a->memo->bucket[id % BUCKETS] = k;
	pack_format(&value);
	pack_u64(&value, thread);
	batch_put(change_batch(c), key_span(&key), buf_span(&value));
}

enum status
message_thread(struct change *c, const struct message *m, uint64_t content,
    uint64_t *out)
{
	struct account *a = change_account(c);
	uint32_t first =
	    m->reference_count > LOOKED_UP ? m->reference_count - LOOKED_UP : 0;
	bool own_known = false;
	uint64_t unknown[LOOKED_UP];
	size_t n = 0;
	enum status st = ST_NOTFOUND;

	*out = content;
	if (m->message_id != 0) {
		st = find(a, m->message_id, out);
		own_known = st == ST_OK;
	}
	for (uint32_t i = m->reference_count; i > first; i--) {
		if (st != ST_NOTFOUND)
			break;
		st = find(a, m->references[i - 1], out);
		if (st == ST_NOTFOUND)
			unknown[n++] = m->references[i - 1];
	}
	if (st != ST_OK && st != ST_NOTFOUND)
		return st;
	if (m->message_id != 0 && !own_known)
		learn(c, a, m->message_id, *out);
	while (n > 0)
		learn(c, a, unknown[--n], *out);
	return ST_OK;
}
