#include <stdlib.h>

#include "base/mem.h"
#include "engine/message.h"
#include "mail/control_inside.h"
#include "store/store.h"

/*
 * Adds messages that the command line reads from somewhere else, all of a
 * request in one change.  Each leaves a record of what it was called there
 * (KEY_IMPORT), so that an import may be begun again.  A quota doesn't hold
 * for it.
 */
struct import {
	struct work work; /* the first thing in it */
	struct control *control;
	size_t n;
	struct control_item *item; /* borrow from the request */
	struct message **message;
	bool *taken;
};

/*
 * Two hashes of a source: the key, and what its value must be, lest another
 * message be taken for it.
 */
static const struct hash_key of_key = { 0x4e6577656c20696d, 1 };
static const struct hash_key of_value = { 0x4e6577656c20696d, 2 };

static void
import_free(struct import *im)
{
	for (size_t i = 0; i < im->n; i++)
		message_free(&im->message[i]);
	free(im->item);
	free(im->message);
	free(im->taken);
	free(im);
}

static void
source_value(struct buf *b, struct span source)
{
	pack_format(b);
	pack_be64(b, hash_sip(&of_value, source));
}

/* Whether it was imported before. */
static enum status
is_known(struct account *a, const struct key *key, struct span value, bool *out)
{
	CLEANUP(buf_clear) struct buf old = { 0 };
	enum status st =
	    store_get(a->engine->store, a->id, key_span(key), &old);

	if (st == ST_OK || st == ST_NOTFOUND)
		*out = st == ST_OK && span_eq(buf_span(&old), value);
	return st == ST_NOTFOUND ? ST_OK : st;
}

static bool
is_repeated(const struct import *im, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (im->taken[j] &&
		    span_eq(im->item[j].source, im->item[i].source))
			return true;
	return false;
}

/* A mailbox that has as many keywords as it may takes no more. */
static enum status
add_keywords(struct change *ch, struct mailbox *mb, struct span keywords,
    struct flags *f)
{
	struct span name;

	while (control_keyword(&keywords, &name)) {
		unsigned bit;
		enum status st;

		if (!flag_is_keyword(name))
			continue;
		st = change_keyword(ch, mb, name, &bit);
		if (st == ST_OK)
			flags_set_bit(f, bit);
		else if (st != ST_LIMIT)
			return st;
	}
	return ST_OK;
}

static enum status
add_one(struct import *im, struct change *ch, struct mailbox *mb, size_t i)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	const struct control_item *item = &im->item[i];
	struct key key =
	    key_of2(KEY_IMPORT, mb->id, hash_sip(&of_key, item->source));
	struct arrival a = { .message = im->message[i],
		.flags = { { item->flags & FLAGS_SYSTEM, 0 } },
		.internal = item->date,
		.uid = item->uid };
	bool known = false;
	uint32_t uid;
	enum status st;

	source_value(&value, item->source);
	st = is_known(change_account(ch), &key, buf_span(&value), &known);
	if (st != ST_OK || known || is_repeated(im, i))
		return st;
	if (a.uid < change_version(ch, mb)->uidnext)
		a.uid = 0;
	st = add_keywords(ch, mb, item->keywords, &a.flags);
	if (st == ST_OK)
		st = change_append(ch, mb, &a, &uid);
	if (st != ST_OK)
		return st;
	batch_put(change_batch(ch), key_span(&key), buf_span(&value));
	im->taken[i] = true;
	return ST_OK;
}

static enum status
add_all(struct import *im, struct change *ch)
{
	struct control *c = im->control;
	struct account *a = c->account;
	uint64_t quota_bytes = a->quota_bytes;
	uint64_t quota_messages = a->quota_messages;
	struct mailbox *mb;
	enum status st = mailbox_open(a, c->request.mailbox, &mb);

	a->quota_bytes = 0;
	a->quota_messages = 0;
	for (size_t i = 0; i < im->n && st == ST_OK; i++)
		st = add_one(im, ch, mb, i);
	a->quota_bytes = quota_bytes;
	a->quota_messages = quota_messages;
	return st;
}

static void
committed(void *ctx, enum status st)
{
	struct import *im = ctx;
	struct control *c = im->control;
	struct buf *b;
	size_t begun;

	if (st == ST_OK) {
		b = control_answer(c, &begun);
		for (size_t i = 0; i < im->n; i++)
			pack_u64(b, im->taken[i]);
	}
	import_free(im);
	if (st == ST_OK)
		control_answered(c, begun);
	else
		control_finish(c, st);
}

/* In another thread. */
static void
prepare(struct work *work)
{
	struct import *im = (struct import *)work;
	const struct engine *e = im->control->account->engine;

	for (size_t i = 0; i < im->n; i++)
		im->message[i] = message_new(im->item[i].bytes, &e->mime);
}

static void
prepared(struct work *work)
{
	struct import *im = (struct import *)work;
	struct change *ch = NULL;
	enum status st = change_begin(im->control->account, &ch);

	if (st == ST_OK)
		st = add_all(im, ch);
	if (st == ST_OK) {
		change_submit(&ch, committed, im);
		return;
	}
	change_abort(&ch);
	committed(im, st);
}

/* ST_BAD; ST_LIMIT. */
static enum status
read_items(struct import *im, struct span items)
{
	struct unpack u = unpack_over(items);
	struct control_item item;
	size_t cap = 0;

	while (control_item_next(&u, &item)) {
		if (im->n == LIMIT_CONTROL_ITEMS ||
		    item.bytes.n > LIMIT_IMPORT_MESSAGE)
			return ST_LIMIT;
		im->item = mem_grow(im->item, im->n, &cap, sizeof(item));
		im->item[im->n++] = item;
	}
	return unpack_end(&u) ? ST_OK : ST_BAD;
}

void
control_import(struct control *c)
{
	struct import *im = MEM_NEW(struct import);
	enum status st;

	im->control = c;
	im->work.run = prepare;
	im->work.done = prepared;
	st = read_items(im, c->request.items);
	im->message = mem_array(MAX(im->n, 1), sizeof(struct message *));
	im->taken = mem_array(MAX(im->n, 1), sizeof(bool));
	if (st != ST_OK) {
		import_free(im);
		control_finish(c, st);
		return;
	}
	work_start(c->account, WORK_LONG, &im->work);
}
