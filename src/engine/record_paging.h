#ifndef ENGINE_RECORD_PAGING_H
#define ENGINE_RECORD_PAGING_H

#include "engine/account.h"

/*
 * Stores the records of contents a second time, by pages (KEY_PAGE): a page is
 * read ten times as fast as its records one after the other, which is what a
 * client waits for that lists or searches a mailbox for the first time.
 *
 * A page is stored once all its contents have been given to messages, behind
 * their arrival.  When one of them is removed the page goes with it, and is
 * stored again after somebody has wanted to read it.  Nothing depends on it:
 * where there is no page, records are read from their own keys.
 */

/* Stores what may be stored; called when something has changed or was read. */
void record_paging_kick(struct account *a);

/* The pages that have a content go, in the batch that removes it. */
struct batch;
void record_paging_drop(const struct account *a, struct batch *b,
    uint64_t content);

#endif
