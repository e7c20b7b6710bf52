#include "store/batch.h"

#include <assert.h>

#include "base/arena.h"
#include "base/mem.h"
#include "store/body.h"

/* About what an operation costs beside its bytes. */
#define OP_BYTES 24

struct batch *
batch_new(uint64_t account, uint64_t base)
{
	struct batch *b = MEM_NEW(struct batch);

	assert(account != UINT64_MAX);
	b->account = account;
	b->base = base;
	b->arena = arena_new();
	return b;
}

void
batch_free(struct batch **b)
{
	if (*b == NULL)
		return;
	arena_free(&(*b)->arena);
	mem_free(&(*b)->ops);
	mem_free(b);
}

static void
add(struct batch *b, struct batch_op op)
{
	assert(b->n == 0 || b->ops[b->n - 1].kind != BATCH_ERASE);
	b->ops = mem_grow(b->ops, b->n, &b->cap, sizeof(*b->ops));
	b->ops[b->n++] = op;
	b->bytes += OP_BYTES + op.key.n + op.value.n;
}

static struct span
copy_key(struct batch *b, struct span key)
{
	assert(key.n > 0 && key.n <= STORE_KEY_MAX);
	return arena_dup(b->arena, key);
}

void
batch_put(struct batch *b, struct span key, struct span value)
{
	add(b, (struct batch_op){ .kind = BATCH_PUT,
		   .key = copy_key(b, key),
		   .value = arena_dup(b->arena, value) });
}

void
batch_delete(struct batch *b, struct span key)
{
	add(b,
	    (struct batch_op){ .kind = BATCH_DELETE, .key = copy_key(b, key) });
}

void
batch_delete_range(struct batch *b, struct span from, struct span to)
{
	assert(from.n <= STORE_KEY_MAX && to.n <= STORE_KEY_MAX);
	add(b, (struct batch_op){ .kind = BATCH_DELETE_RANGE,
		   .key = arena_dup(b->arena, from),
		   .value = arena_dup(b->arena, to) });
}

void
batch_body(struct batch *b, uint64_t body, struct span bytes)
{
	CLEANUP(buf_clear) struct buf head = { 0 };

	if (body_is_long(bytes.n)) {
		add(b, (struct batch_op){ .kind = BATCH_LONG_BODY,
			   .body = body,
			   .value = bytes });
		b->large = true;
		return;
	}
	body_pack(bytes, &head);
	batch_packed_body(b, body, arena_dup(b->arena, buf_span(&head)));
}

void
batch_packed_body(struct batch *b, uint64_t body, struct span packed)
{
	add(b, (struct batch_op){ .kind = BATCH_BODY,
		   .body = body,
		   .value = packed });
}

void
batch_body_drop(struct batch *b, uint64_t body)
{
	add(b, (struct batch_op){ .kind = BATCH_BODY_DROP, .body = body });
}

void
batch_erase(struct batch *b)
{
	add(b, (struct batch_op){ .kind = BATCH_ERASE });
}

uint64_t
batch_account(const struct batch *b)
{
	return b->account;
}

size_t
batch_bytes(const struct batch *b)
{
	return b->bytes;
}

bool
batch_is_large(const struct batch *b)
{
	return b->large;
}
