#ifndef ENGINE_RECORD_PAGING_H
#define ENGINE_RECORD_PAGING_H

#include "engine/account.h"

/*
 * Stores the records of contents a second time, column by column in pages
 * (KEY_PAGE): a page is read ten times as fast as its records one after the
 * other, which is what a client waits for that lists or searches a mailbox for
 * the first time, and mostly of one column.
 *
 * A page is stored once all its contents have been given to messages, when
 * there is time for it.  When one of them is removed the page goes with it,
 * and is stored again after somebody has wanted to read it.  Nothing depends
 * on it: where there is no page, records are read from their own keys.
 */

/* Something has changed: stores what may be stored if there is much of it. */
void record_paging_if_due(struct account *a);

/* A session has left a mailbox, or the last user the account. */
void record_paging_when_left(struct account *a);

/* The pages that have a content go, in the batch that removes it. */
struct batch;
void record_paging_drop(const struct account *a, struct batch *b,
    uint64_t content);

#endif
