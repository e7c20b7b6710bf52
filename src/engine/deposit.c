#include "engine/deposit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/change.h"
#include "engine/collect.h"
#include "engine/message.h"
#include "store/store.h"

struct deposit {
	struct account *account;
	uint64_t modseq;          /* what they are listed by */
	uint64_t content;         /* of the first; the others follow */
	struct message **message; /* what is stored of them goes */
	size_t n;
	enum status st;
	bool in_flight;
	bool used;
	bool unwanted; /* it was given back while it was in flight */
};

static void
give_back(struct deposit *d)
{
	struct uint64_list contents = { 0 };

	if (d->st == ST_OK && !d->used) {
		for (size_t i = 0; i < d->n; i++)
			uint64_list_add(&contents, d->content + i);
		collect_unseen(d->account, d->modseq, &contents);
	}
	for (size_t i = 0; i < d->n; i++)
		message_free(&d->message[i]);
	account_release(&d->account);
	free(d->message);
	free(d);
}

static void
stored(void *ctx, enum status st)
{
	struct deposit *d = ctx;

	d->in_flight = false;
	d->st = st;
	for (size_t i = 0; i < d->n; i++)
		message_is_stored(d->message[i]);
	if (d->unwanted)
		give_back(d);
}

enum status
deposit_new(struct account *a, struct message *const *m, size_t n,
    struct deposit **out)
{
	struct deposit *d;
	struct change *c;
	enum status st = change_begin(a, &c);

	if (st != ST_OK)
		return st;
	d = MEM_NEW(struct deposit);
	d->account = account_ref(a);
	d->modseq = change_modseq(c);
	d->message = mem_array(n, sizeof(struct message *));
	d->n = n;
	for (size_t i = 0; i < n; i++) {
		uint64_t content = change_deposit(c, m[i]);

		d->message[i] = m[i];
		if (i == 0)
			d->content = content;
	}
	d->in_flight = true;
	*out = d;
	change_submit(&c, stored, d);
	return ST_OK;
}

void
deposit_free(struct deposit **dp)
{
	struct deposit *d = TAKE(*dp);

	if (d == NULL)
		return;
	d->unwanted = true;
	if (!d->in_flight)
		give_back(d);
}

uint64_t
deposit_content(const struct deposit *d, size_t i)
{
	return d->content + i;
}

enum status
deposit_status(const struct deposit *d)
{
	return d->st;
}

/*
 * If the disk refuses them afterwards, it refuses the change as well.  If it
 * refuses only that, they are found at the next open.
 */
void
deposit_use(struct deposit *d, struct change *c)
{
	struct key key = key_of1(KEY_GARBAGE, d->modseq);

	batch_delete(change_batch(c), key_span(&key));
	d->used = true;
}
