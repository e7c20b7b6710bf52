#include "engine/mailbox.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/version_edit.h"
#include "store/store.h"

static enum status
tell_failed(const struct mailbox *mb, uint64_t image, enum status st)
{
	const struct account *a = mb->account;

	if (st != ST_OK)
		log_event(&a->engine->log, LEVEL_ERROR, "mailbox.leaf.failed",
		    LF_U64("account", a->id), LF_U64("mailbox", mb->id),
		    LF_U64("image", image), LF_STR("reason", status_name(st)));
	return st;
}

/* An image that becomes a leaf or a segment, and stays in memory as that. */
struct taking {
	struct leaf *leaf; /* or NULL */
	struct segment *segment;
	enum status st;
};

static bool
take_image(void *ctx, struct span key, struct span value)
{
	struct taking *t = ctx;

	(void)key;
	t->st = t->leaf != NULL ? unpack_leaf(value, t->leaf)
	                        : unpack_segment(value, t->segment);
	return false;
}

static enum status
load_image(const struct mailbox *mb, enum key_kind kind, uint64_t image,
    struct taking *into)
{
	const struct account *a = mb->account;
	struct key key = key_of2(kind, mb->id, image);
	enum status st = store_get_once(a->engine->store, a->id, key_span(&key),
	    take_image, into);

	if (st == ST_OK)
		st = into->st;
	if (st == ST_NOTFOUND)
		st = ST_CORRUPT;
	return tell_failed(mb, image, st);
}

static enum status
load_leaf(void *ctx, uint64_t image, struct leaf *into)
{
	return load_image(ctx, KEY_LEAF, image,
	    &(struct taking){ .leaf = into });
}

struct run {
	struct mailbox *mailbox;
	uint64_t image; /* the next one's */
	struct leaf *const *leaf;
	size_t n;
	enum status st;
};

static bool
take_leaf(void *ctx, struct span key, struct span value)
{
	struct run *r = ctx;
	uint64_t mailbox;
	uint64_t image;

	/* What lies between them is of a checkpoint that didn't end. */
	if (!key_read(key, KEY_LEAF, &mailbox, &image) || image != r->image)
		r->st = ST_CORRUPT;
	else
		r->st = unpack_leaf(value, r->leaf[0]);
	if (r->st != ST_OK)
		return false;
	r->image++;
	r->leaf++;
	return --r->n > 0;
}

static enum status
load_run(void *ctx, uint64_t image, struct leaf *const *into, size_t n)
{
	struct run r = { ctx, image, into, n, ST_OK };
	const struct account *a = r.mailbox->account;
	struct key from = key_of2(KEY_LEAF, r.mailbox->id, image);
	struct key to = key_of2(KEY_LEAF, r.mailbox->id, image + n);
	enum status st = store_read_once(a->engine->store, a->id,
	    key_span(&from), key_span(&to), take_leaf, &r);

	if (st == ST_OK)
		st = r.st;
	if (st == ST_OK && r.n > 0)
		st = ST_CORRUPT;
	return tell_failed(ctx, r.image, st);
}

static enum status
load_segment(void *ctx, uint64_t image, struct segment *into)
{
	return load_image(ctx, KEY_SEGMENT, image,
	    &(struct taking){ .segment = into });
}

struct mailbox *
mailbox_new(struct account *a, uint64_t id)
{
	struct mailbox *mb = MEM_NEW(struct mailbox);

	mb->id = id;
	mb->account = a;
	mb->source = (struct leaf_source){ .load = load_leaf,
		.load_run = load_run,
		.load_segment = load_segment,
		.ctx = mb };
	mb->next_image = 1;
	mb->recent_uid = 1;
	mb->next = a->mailboxes;
	a->mailboxes = mb;
	return mb;
}

void
mailbox_free(struct mailbox **mp)
{
	struct mailbox *mb = TAKE(*mp);

	version_unref(&mb->current);
	version_unref(&mb->head);
	free(mb->images);
	free(mb);
}

struct mailbox *
mailbox_loaded(struct account *a, uint64_t id)
{
	struct mailbox *mb = a->mailboxes;

	while (mb != NULL && mb->id != id)
		mb = mb->next;
	return mb;
}

/* Which images its segments have, for the next checkpoint. */
static void
note_images(struct mailbox *mb, const struct version *v)
{
	mb->images = mem_array(v->segment_count, sizeof(uint64_t));
	mb->image_count = v->segment_count;
	for (size_t s = 0; s < v->segment_count; s++)
		mb->images[s] = v->segment[s]->image;
}

struct replay {
	struct mailbox *mb;
	struct version *v;
	enum status st;
};

static bool
replay_op(void *ctx, struct span key, struct span value)
{
	struct replay *r = ctx;
	uint64_t mailbox;
	uint64_t modseq;

	if (!key_read(key, KEY_OP, &mailbox, &modseq)) {
		r->st = ST_CORRUPT;
		return false;
	}
	r->v->modseq = modseq;
	r->st = op_apply(value, r->v);
	r->mb->ops++;
	r->mb->op_bytes += value.n;
	return r->st == ST_OK;
}

static enum status
load(struct mailbox *mb)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct account *a = mb->account;
	struct store *store = a->engine->store;
	struct key root_key = key_of1(KEY_ROOT, mb->id);
	struct key from;
	struct key to = key_of1(KEY_OP, mb->id + 1);
	struct root root;
	struct replay r = { .mb = mb };
	enum status st;

	st = store_get(store, a->id, key_span(&root_key), &value);
	if (st == ST_OK)
		st = unpack_root(buf_span(&value), &mb->source, &root);
	if (st != ST_OK)
		return st == ST_NOTFOUND ? ST_CORRUPT : st;

	mb->recent_uid = root.recent_uid;
	mb->next_image = root.next_image;
	mb->gone_floor = root.gone_floor;
	mb->root_modseq = root.version->modseq;
	note_images(mb, root.version);
	from = key_of2(KEY_OP, mb->id, mb->root_modseq + 1);
	r.v = version_edit(root.version, root.version->modseq);
	st = store_read(store, a->id, key_span(&from), key_span(&to), replay_op,
	    &r);
	version_unref(&root.version);
	version_seal(r.v);
	mb->current = r.v;
	mb->head = version_ref(r.v);
	return st != ST_OK ? st : r.st;
}

enum status
mailbox_open_head(struct account *a, uint64_t id, struct mailbox **out)
{
	struct mailbox *mb = mailbox_loaded(a, id);
	enum status st;

	if (mb != NULL) {
		*out = mb;
		return ST_OK;
	}
	if (mbox_by_id(a->list, id) == NULL)
		return ST_NOTFOUND;
	mb = mailbox_new(a, id);
	st = load(mb);
	if (st != ST_OK) {
		log_event(&a->engine->log, LEVEL_ERROR, "mailbox.open.failed",
		    LF_U64("account", a->id), LF_U64("mailbox", id),
		    LF_STR("reason", status_name(st)));
		a->mailboxes = mb->next;
		mailbox_free(&mb);
		return st;
	}
	*out = mb;
	return ST_OK;
}

enum status
mailbox_open(struct account *a, uint64_t id, struct mailbox **out)
{
	struct mailbox *mb;
	enum status st = mailbox_open_head(a, id, &mb);

	if (st != ST_OK)
		return st;
	if (mb->current == NULL || mb->gone)
		return ST_NOTFOUND;
	*out = mb;
	return ST_OK;
}

struct vanishing {
	struct uidset *all;
	enum status st;
};

static bool
take_gone(void *ctx, struct span key, struct span value)
{
	struct vanishing *v = ctx;
	struct unpack u = unpack_over(value);

	(void)key;
	v->st = unpack_format(&u);
	if (v->st == ST_OK) {
		unpack_uidset(&u, v->all);
		v->st = unpack_status(&u);
	}
	return v->st == ST_OK;
}

/*
 * What has been expunged since a mod-sequence that is too old to know: all
 * that is not there (RFC 7162 section 3.2.5.2 allows to say too much).
 */
static enum status
all_missing(const struct version *v, struct uidset *out)
{
	struct rows rows = rows_all(v);
	uint32_t next = 1;
	struct row row;
	enum status st;

	while ((st = rows_next(&rows, &row)) == ST_OK) {
		if (row.state->uid > next)
			uidset_add_range(out, next, row.state->uid - 1);
		next = row.state->uid + 1;
	}
	if (next < v->uidnext)
		uidset_add_range(out, next, v->uidnext - 1);
	return st == ST_NOTFOUND ? ST_OK : st;
}

static void
keep_known(const struct uidset *all, const struct uidset *known,
    struct uidset *out)
{
	size_t i = 0;
	size_t k = 0;

	while (i < all->n && k < known->n) {
		uint32_t lo = MAX(all->r[i].lo, known->r[k].lo);
		uint32_t hi = MIN(all->r[i].hi, known->r[k].hi);

		if (lo <= hi)
			uidset_add_range(out, lo, hi);
		if (all->r[i].hi < known->r[k].hi)
			i++;
		else
			k++;
	}
}

enum status
mailbox_vanished(struct mailbox *mb, uint64_t since, const struct version *v,
    const struct uidset *known, struct uidset *out)
{
	CLEANUP(uidset_clear) struct uidset all = { 0 };
	struct key from = key_of2(KEY_GONE, mb->id, since + 1);
	struct key to = key_of2(KEY_GONE, mb->id, v->modseq + 1);
	struct vanishing van = { &all, ST_OK };
	enum status st;

	if (since < mb->gone_floor) {
		st = all_missing(v, &all);
	} else {
		st = store_read(mb->account->engine->store, mb->account->id,
		    key_span(&from), key_span(&to), take_gone, &van);
		if (st == ST_OK)
			st = van.st;
	}
	if (st != ST_OK)
		return st;
	if (known != NULL)
		keep_known(&all, known, out);
	else
		uidset_move(out, &all);
	return ST_OK;
}
