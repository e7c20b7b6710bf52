#ifndef MAIL_DELIVERY_H
#define MAIL_DELIVERY_H

#include "mail/deposit.h"
#include "mail/lookup.h"

/*
 * A message on its way to all its recipients, who are gathered first, then
 * its octets, and then each account is given it once, on its own worker's
 * thread (deposit.h).
 *
 * Threads    All calls come from the thread of the worker that it is made
 *            for, and so do the answers.
 * Ownership  Spans are copied.  It counts as that worker's work while it
 *            runs.
 */
struct delivery;

struct delivery *delivery_new(struct worker *w, const struct mail *m);

/*
 * Nobody wants to know any more.  What has not been started goes; what has
 * been is finished, but no answer comes.  NULL is allowed.
 */
void delivery_forget(struct delivery **d);

void delivery_add(struct delivery *d, const struct lookup_answer *who,
    const struct deposit_to *to);

/* Octets of the message.  ST_IO: they can't be kept. */
enum status delivery_data(struct delivery *d, struct span octets);

/*
 * answer() is called for each recipient, counted from 0 in the order in which
 * they were added; never from within a call made here.
 */
typedef void delivery_fn(void *ctx, uint32_t recipient, enum lmtp_verdict v);
void delivery_start(struct delivery *d, const struct delivery_way *way,
    delivery_fn *answer, void *ctx);

#endif
