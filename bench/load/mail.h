#ifndef LOAD_MAIL_H
#define LOAD_MAIL_H

#include "base/buf.h"

/*
 * Made-up mail: message number n is the same bytes on every machine and in
 * every run.  Sizes, threads, subjects, dates and kinds (plain, alternative,
 * with attachment) are spread as in a person's mailbox: 4.5 KB on average.
 */

/* Adds message n to out.  size 0 draws a size, else it is about that long. */
void mail_add(struct buf *out, uint32_t n, size_t size);

/* Its flags as an IMAP list, and its arrival as an IMAP date-time. */
void mail_add_flags(struct buf *out, uint32_t n);
void mail_add_date(struct buf *out, uint32_t n);

/* Adds " (FLAGS) DATE {SIZE+}" and the message: what APPEND takes of it. */
void mail_add_append(struct buf *out, uint32_t n, size_t size);

/* A small generator of numbers (splitmix64). */
uint64_t rng_next(uint64_t *state);
uint32_t rng_below(uint64_t *state, uint32_t n);

#endif
