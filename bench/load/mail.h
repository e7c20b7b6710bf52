#ifndef LOAD_MAIL_H
#define LOAD_MAIL_H

#include "base/buf.h"

/*
 * Made-up mail: message number n is the same bytes on every machine and in
 * every run.  Sizes, threads, subjects, dates, kinds (plain, alternative, with
 * attachment), charsets and encodings are spread as in a person's mailbox:
 * 5 KB on average, one in 700 above 100 KB.
 */

/*
 * Adds message n to out.  size 0 draws a size, else it is about that long; one
 * below MAIL_SMALL has few header fields.
 */
#define MAIL_SMALL 2000
void mail_add(struct buf *out, uint32_t n, size_t size);

/* Its flags as an IMAP list, and its arrival as an IMAP date-time. */
void mail_add_flags(struct buf *out, uint32_t n);
void mail_add_date(struct buf *out, uint32_t n);

/* Adds " (FLAGS) DATE {SIZE+}" and the message: what APPEND takes of it. */
void mail_add_append(struct buf *out, uint32_t n, size_t size);

/*
 * Which of the planted words (words.h) message n has: in its text the rare one
 * or the common one, in its subject the third.
 */
bool mail_has_rare(uint32_t n);   /* 1 in 10,000 */
bool mail_has_common(uint32_t n); /* 1 in 100 */
bool mail_has_subject(uint32_t n);

#endif
