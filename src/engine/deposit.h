#ifndef ENGINE_DEPOSIT_H
#define ENGINE_DEPOSIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * Contents that are stored before the change that adds their messages: of a
 * long APPEND most is on disk already when its end comes.
 *
 * As long as no message has them they are listed as garbage (collect.h).  So
 * whoever gives up, and a crash, leave nothing behind.
 *
 * Threads  The account's loop.
 */
struct account;
struct change;
struct deposit;
struct message;

/*
 * Takes over n messages, none of which is long (message.h); they stay where
 * they are.  ST_AGAIN: not now, and they are still the caller's.
 */
enum status deposit_new(struct account *a, struct message *const *m, size_t n,
    struct deposit **out);

/* What no change has used goes. */
void deposit_free(struct deposit **d);

/* What is stored of its i-th message. */
uint64_t deposit_content(const struct deposit *d, size_t i);

/* ST_IO, ST_FULL: the disk has refused them. */
enum status deposit_status(const struct deposit *d);

/* Then not: the change has added all of its messages and is submitted next. */
void deposit_use(struct deposit *d, struct change *c);

#endif
