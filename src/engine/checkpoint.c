#include "engine/checkpoint.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/change.h"
#include "engine/leaf.h"
#include "engine/mailbox.h"
#include "store/store.h"

/* Operations that a mailbox may have before it is written anew. */
#define DUE_OPS   200
#define DUE_BYTES ((size_t)128 * 1024)

/*
 * Whoever opens it next must do them again.  An operation can be a few bytes
 * and touch every leaf, so it is also written when a session leaves it with
 * so many changed leaves: a millisecond for the next one to open it.
 */
#define DUE_LEAVES 16

/* Leaves of one commit: half a megabyte, so that others are not held up. */
#define PIECE 64

/* Expunges that are remembered for QRESYNC: the last of them. */
#define GONE_KEPT 10000

struct checkpoint {
	struct work work; /* the first thing in it */
	struct mailbox *mailbox;
	struct version *version;
	uint32_t ops; /* what the mailbox had when it began */
	size_t op_bytes;
	uint64_t first_image;  /* that it gives to a leaf */
	struct leaf **written; /* leaves that have got an image number */
	size_t written_count;
	size_t committed; /* of these, or on their way to the disk */
	uint64_t *images; /* of all its leaves */
	size_t image_count;
	uint64_t gone_floor;
	struct buf root;
	struct buf *leaf; /* one for each that was written */
};

static void
checkpoint_free(struct checkpoint *cp)
{
	for (size_t i = 0; i < cp->written_count; i++)
		buf_clear(&cp->leaf[i]);
	version_unref(&cp->version);
	buf_clear(&cp->root);
	free(cp->leaf);
	free(cp->written);
	free(cp->images);
	free(cp);
}

/* Gives a leaf that has none an image number. */
static void
number_leaf(struct checkpoint *cp, struct leaf *l)
{
	if (l->image == 0) {
		l->image = cp->mailbox->next_image++;
		cp->written[cp->written_count++] = l;
	}
	cp->images[cp->image_count++] = l->image;
}

static void
number_leaves(struct checkpoint *cp)
{
	const struct version *v = cp->version;
	size_t leaves = 0;

	for (size_t s = 0; s < v->segment_count; s++)
		leaves += v->segment[s]->n;
	cp->first_image = cp->mailbox->next_image;
	cp->images = mem_array(leaves, sizeof(*cp->images));
	cp->written = mem_array(leaves, sizeof(struct leaf *));
	for (size_t s = 0; s < v->segment_count; s++) {
		for (uint32_t i = 0; i < v->segment[s]->n; i++)
			number_leaf(cp, v->segment[s]->leaf[i]);
		v->segment[s]->unsaved = 0;
	}
	cp->leaf = mem_array(cp->written_count, sizeof(*cp->leaf));
}

/* In another thread: leaves without an image are always loaded. */
static void
pack(struct work *work)
{
	struct checkpoint *cp = (struct checkpoint *)work;

	for (size_t i = 0; i < cp->written_count; i++)
		pack_leaf(&cp->leaf[i], cp->written[i]);
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x;
	uint64_t y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* Deletes the images that the root before had and this one has not. */
static void
drop_old_images(const struct checkpoint *cp, struct batch *b)
{
	const struct mailbox *mb = cp->mailbox;
	uint64_t *now = mem_array(cp->image_count, sizeof(*now));

	memcpy(now, cp->images, cp->image_count * sizeof(*now));
	qsort(now, cp->image_count, sizeof(*now), by_value);
	for (size_t i = 0; i < mb->image_count; i++) {
		struct key key = key_of2(KEY_LEAF, mb->id, mb->images[i]);

		if (bsearch(&mb->images[i], now, cp->image_count, sizeof(*now),
			by_value) == NULL)
			batch_delete(b, key_span(&key));
	}
	free(now);
}

struct pruning {
	uint64_t *modseqs;
	size_t n;
	size_t cap;
};

static bool
take_modseq(void *ctx, struct span key, struct span value)
{
	struct pruning *p = ctx;
	uint64_t mailbox;
	uint64_t modseq;

	(void)value;
	if (key_read(key, KEY_GONE, &mailbox, &modseq)) {
		p->modseqs =
		    mem_grow(p->modseqs, p->n, &p->cap, sizeof(*p->modseqs));
		p->modseqs[p->n++] = modseq;
	}
	return true;
}

/* Forgets the oldest expunges. */
static enum status
prune_gone(struct checkpoint *cp, struct batch *b)
{
	struct mailbox *mb = cp->mailbox;
	struct account *a = mb->account;
	struct key from = key_of1(KEY_GONE, mb->id);
	struct key to = key_of1(KEY_GONE, mb->id + 1);
	struct pruning p = { 0 };
	enum status st;

	st = store_read(a->engine->store, a->id, key_span(&from), key_span(&to),
	    take_modseq, &p);
	cp->gone_floor = mb->gone_floor;
	if (st == ST_OK && p.n > GONE_KEPT) {
		cp->gone_floor = p.modseqs[p.n - GONE_KEPT - 1];
		to = key_of2(KEY_GONE, mb->id, cp->gone_floor + 1);
		batch_delete_range(b, key_span(&from), key_span(&to));
		/* From now on, lest someone reads what is left of them. */
		mb->gone_floor = cp->gone_floor;
	}
	free(p.modseqs);
	return st;
}

static void
take_numbers_back(struct checkpoint *cp)
{
	const struct version *v = cp->version;

	/* Images that no root names are written over by the next one. */
	cp->mailbox->next_image = cp->first_image;
	for (size_t i = 0; i < cp->written_count; i++)
		cp->written[i]->image = 0;
	for (size_t s = 0; s < v->segment_count; s++)
		for (uint32_t i = 0; i < v->segment[s]->n; i++)
			v->segment[s]->unsaved +=
			    v->segment[s]->leaf[i]->image == 0;
}

static void
committed(void *ctx, enum status st)
{
	struct checkpoint *cp = ctx;
	struct mailbox *mb = cp->mailbox;
	struct account *a = mb->account;

	mb->checkpointing = false;
	if (st == ST_OK) {
		mb->ops -= cp->ops;
		mb->op_bytes -= cp->op_bytes;
		free(mb->images);
		mb->images = TAKE(cp->images);
		mb->image_count = cp->image_count;
	} else {
		take_numbers_back(cp);
	}
	checkpoint_free(cp);
	account_leave_work(a);
}

static void
write_root(struct checkpoint *cp, struct batch *b)
{
	struct mailbox *mb = cp->mailbox;
	struct key root_key = key_of1(KEY_ROOT, mb->id);
	struct key from = key_of1(KEY_OP, mb->id);
	struct key to = key_of2(KEY_OP, mb->id, cp->version->modseq + 1);
	struct root root = { .version = cp->version,
		.recent_uid = mb->recent_uid,
		.next_image = mb->next_image,
		.gone_floor = cp->gone_floor };

	drop_old_images(cp, b);
	pack_root(&cp->root, &root);
	batch_put(b, key_span(&root_key), buf_span(&cp->root));
	batch_delete_range(b, key_span(&from), key_span(&to));
}

static void
write_leaves(struct checkpoint *cp, struct batch *b, size_t end)
{
	for (; cp->committed < end; cp->committed++) {
		size_t i = cp->committed;
		struct key key =
		    key_of2(KEY_LEAF, cp->mailbox->id, cp->written[i]->image);

		batch_put(b, key_span(&key), buf_span(&cp->leaf[i]));
	}
}

/*
 * The next leaves; with the last of them the root, without which the others
 * mean nothing.
 */
static void
write_piece(void *ctx, enum status st)
{
	struct checkpoint *cp = ctx;
	size_t end = MIN(cp->committed + PIECE, cp->written_count);
	bool last = end == cp->written_count;
	struct change *c = NULL;

	if (st == ST_OK && cp->mailbox->deleting)
		st = ST_NOTFOUND;
	if (st == ST_OK)
		st = change_begin(cp->mailbox->account, &c);
	if (st == ST_OK && last)
		st = prune_gone(cp, change_batch(c));
	if (st != ST_OK) {
		change_abort(&c);
		committed(cp, st);
		return;
	}
	write_leaves(cp, change_batch(c), end);
	if (last)
		write_root(cp, change_batch(c));
	change_submit(&c, last ? committed : write_piece, cp);
}

static void
packed(struct work *work)
{
	write_piece(work, ST_OK);
}

static void
start(struct mailbox *mb)
{
	struct checkpoint *cp;

	if (mb->checkpointing || mb->gone)
		return;
	cp = MEM_NEW(struct checkpoint);
	mb->checkpointing = true;
	account_enter_work(mb->account);
	cp->work.run = pack;
	cp->work.done = packed;
	cp->mailbox = mb;
	cp->version = version_ref(mb->current);
	cp->ops = mb->ops;
	cp->op_bytes = mb->op_bytes;
	number_leaves(cp);
	work_start(mb->account, WORK_LONG, &cp->work);
}

void
checkpoint_if_due(struct mailbox *mb)
{
	if (mb->ops >= DUE_OPS || mb->op_bytes >= DUE_BYTES)
		start(mb);
}

void
checkpoint_when_left(struct mailbox *mb)
{
	if (version_unsaved(mb->current) >= DUE_LEAVES)
		start(mb);
}
