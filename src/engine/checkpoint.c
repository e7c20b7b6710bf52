#include "engine/checkpoint.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/uint64_list.h"
#include "engine/change.h"
#include "engine/leaf.h"
#include "engine/mailbox.h"
#include "store/store.h"

/* Operations that a mailbox may have before it is written anew. */
#define DUE_OPS   200
#define DUE_BYTES ((size_t)128 * 1024)

/*
 * Whoever opens it next must do them again.  So it is also written when a
 * session leaves it with so much to do: a part of a millisecond.  An operation
 * can be a few bytes and touch every leaf.
 */
#define DUE_LEAVES     16
#define DUE_LEFT_BYTES ((size_t)16 * 1024)

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
	size_t written_cap;
	size_t committed;      /* of these, or on their way to the disk */
	struct buf *leaf;      /* one for each of them */
	struct segment **made; /* segments that have got one */
	size_t made_count;
	struct buf *segment;
	struct uint64_list old;     /* of segments that the root before had */
	struct uint64_list now;     /* and this one has */
	struct uint64_list dropped; /* leaves that no segment has any more */
	enum status st;
	uint64_t gone_floor;
	struct buf root;
};

static void
checkpoint_free(struct checkpoint *cp)
{
	for (size_t i = 0; i < cp->written_count; i++)
		buf_clear(&cp->leaf[i]);
	for (size_t i = 0; i < cp->made_count; i++)
		buf_clear(&cp->segment[i]);
	version_unref(&cp->version);
	buf_clear(&cp->root);
	free(cp->leaf);
	free(cp->written);
	free(cp->segment);
	free(cp->made);
	uint64_list_clear(&cp->old);
	uint64_list_clear(&cp->now);
	uint64_list_clear(&cp->dropped);
	free(cp);
}

/* Gives leaves of a changed segment that have none an image number. */
static void
number_leaves(struct checkpoint *cp, struct segment *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct leaf *l = s->leaf[i];

		if (l->image != 0)
			continue;
		l->image = cp->mailbox->next_image++;
		cp->written = mem_grow(cp->written, cp->written_count,
		    &cp->written_cap, sizeof(struct leaf *));
		cp->written[cp->written_count++] = l;
	}
	s->unsaved = 0;
}

static void
number(struct checkpoint *cp)
{
	const struct version *v = cp->version;

	cp->first_image = cp->mailbox->next_image;
	cp->made = mem_array(v->segment_count, sizeof(struct segment *));
	for (size_t i = 0; i < v->segment_count; i++) {
		struct segment *s = v->segment[i];

		if (s->image == 0) {
			number_leaves(cp, s);
			s->image = cp->mailbox->next_image++;
			cp->made[cp->made_count++] = s;
		}
		uint64_list_add(&cp->now, s->image);
	}
	uint64_list_sort(&cp->now);
	for (size_t i = 0; i < cp->mailbox->image_count; i++)
		uint64_list_add(&cp->old, cp->mailbox->images[i]);
	cp->leaf = mem_array(cp->written_count, sizeof(*cp->leaf));
	cp->segment = mem_array(cp->made_count, sizeof(*cp->segment));
}

/* Leaves of an old segment that are in none of the new ones. */
static enum status
find_dropped(struct checkpoint *cp, uint64_t image,
    const struct uint64_list *kept)
{
	const struct leaf_source *source = &cp->mailbox->source;
	struct segment *s = segment_new();
	enum status st = source->load_segment(source->ctx, image, s);

	for (uint32_t i = 0; i < s->n; i++)
		if (!uint64_list_has(kept, s->leaf[i]->image))
			uint64_list_add(&cp->dropped, s->leaf[i]->image);
	segment_unref(&s);
	return st;
}

/*
 * A leaf goes from one segment to another only by a change of both, so those
 * of new segments are all that an old one may still have.
 */
static enum status
find_all_dropped(struct checkpoint *cp)
{
	struct uint64_list kept = { 0 };
	enum status st = ST_OK;

	for (size_t i = 0; i < cp->made_count; i++)
		for (uint32_t k = 0; k < cp->made[i]->n; k++)
			uint64_list_add(&kept, cp->made[i]->leaf[k]->image);
	uint64_list_sort(&kept);
	for (size_t i = 0; i < cp->old.n && st == ST_OK; i++)
		if (!uint64_list_has(&cp->now, cp->old.v[i]))
			st = find_dropped(cp, cp->old.v[i], &kept);
	uint64_list_clear(&kept);
	return st;
}

/* In another thread: what has no image is always loaded. */
static void
pack(struct work *work)
{
	struct checkpoint *cp = (struct checkpoint *)work;

	for (size_t i = 0; i < cp->written_count; i++)
		pack_leaf(&cp->leaf[i], cp->written[i]);
	for (size_t i = 0; i < cp->made_count; i++)
		pack_segment(&cp->segment[i], cp->made[i]);
	cp->st = find_all_dropped(cp);
}

/* Deletes the images that the root before had and this one has not. */
static void
drop_old_images(const struct checkpoint *cp, struct batch *b)
{
	uint64_t id = cp->mailbox->id;

	for (size_t i = 0; i < cp->dropped.n; i++) {
		struct key key = key_of2(KEY_LEAF, id, cp->dropped.v[i]);

		batch_delete(b, key_span(&key));
	}
	for (size_t i = 0; i < cp->old.n; i++) {
		struct key key = key_of2(KEY_SEGMENT, id, cp->old.v[i]);

		if (!uint64_list_has(&cp->now, cp->old.v[i]))
			batch_delete(b, key_span(&key));
	}
}

static bool
take_modseq(void *ctx, struct span key, struct span value)
{
	struct uint64_list *modseqs = ctx;
	uint64_t mailbox;
	uint64_t modseq;

	(void)value;
	if (key_read(key, KEY_GONE, &mailbox, &modseq))
		uint64_list_add(modseqs, modseq);
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
	struct uint64_list all = { 0 };
	enum status st;

	st = store_read(a->engine->store, a->id, key_span(&from), key_span(&to),
	    take_modseq, &all);
	cp->gone_floor = mb->gone_floor;
	if (st == ST_OK && all.n > GONE_KEPT) {
		cp->gone_floor = all.v[all.n - GONE_KEPT - 1];
		to = key_of2(KEY_GONE, mb->id, cp->gone_floor + 1);
		batch_delete_range(b, key_span(&from), key_span(&to));
		/* From now on, lest someone reads what is left of them. */
		mb->gone_floor = cp->gone_floor;
	}
	uint64_list_clear(&all);
	return st;
}

static void
take_numbers_back(struct checkpoint *cp)
{
	/* Images that no root names are written over by the next one. */
	cp->mailbox->next_image = cp->first_image;
	for (size_t i = 0; i < cp->written_count; i++)
		cp->written[i]->image = 0;
	for (size_t i = 0; i < cp->made_count; i++) {
		struct segment *s = cp->made[i];

		s->image = 0;
		for (uint32_t k = 0; k < s->n; k++)
			s->unsaved += s->leaf[k]->image == 0;
	}
}

static void
committed(void *ctx, enum status st)
{
	struct checkpoint *cp = ctx;
	struct mailbox *mb = cp->mailbox;
	struct account *a = mb->account;

	mb->checkpointing = false;
	if (st == ST_OK) {
		mb->root_modseq = cp->version->modseq;
		mb->ops -= cp->ops;
		mb->op_bytes -= cp->op_bytes;
		free(mb->images);
		mb->images = TAKE(cp->now.v);
		mb->image_count = cp->now.n;
	} else {
		take_numbers_back(cp);
	}
	checkpoint_free(cp);
	account_leave_work(a);
}

/*
 * Operations before the last checkpoint are gone, but the store would have to
 * go over what is left of them.
 */
static void
write_root(struct checkpoint *cp, struct batch *b)
{
	struct mailbox *mb = cp->mailbox;
	struct key root_key = key_of1(KEY_ROOT, mb->id);
	struct key from = key_of2(KEY_OP, mb->id, mb->root_modseq + 1);
	struct key to = key_of2(KEY_OP, mb->id, cp->version->modseq + 1);
	struct root root = { .version = cp->version,
		.recent_uid = mb->recent_uid,
		.next_image = mb->next_image,
		.gone_floor = cp->gone_floor };

	for (size_t i = 0; i < cp->made_count; i++) {
		struct key key =
		    key_of2(KEY_SEGMENT, mb->id, cp->made[i]->image);

		batch_put(b, key_span(&key), buf_span(&cp->segment[i]));
	}
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
	write_piece(work, ((struct checkpoint *)work)->st);
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
	number(cp);
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
	if (version_unsaved(mb->current) >= DUE_LEAVES ||
	    mb->op_bytes >= DUE_LEFT_BYTES)
		start(mb);
}
