#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli/mail_link.h"

/*
 * Messages on their way out of an account: read from the server and counted,
 * with a bar on a terminal and a line for each mailbox.
 *
 * Errors  ST_IO and others: it is of no use to go on; that has been said.
 */
struct exporter;

struct exporter *exporter_new(struct mail_link *l);
void exporter_free(struct exporter **e);

/* All mailboxes, and names that are only subscribed to; borrowed. */
enum status exporter_mailboxes(struct exporter *e,
    const struct control_mailbox **out, size_t *out_n);

/* Begins a mailbox and calls fn for each of its messages, by their UIDs. */
typedef enum status export_fn(void *ctx, const struct control_row *row);
enum status exporter_each(struct exporter *e, const struct control_mailbox *m,
    export_fn *fn, void *ctx);

/*
 * A message's text with LF as the end of its lines, in place of what out
 * holds.  ST_NOTFOUND: it isn't there any more, or can't be read, which was
 * named and counted.
 */
enum status exporter_text(struct exporter *e, const struct control_row *row,
    struct buf *out);

/* For the sums: a message is written, or was written before. */
void exporter_count(struct exporter *e, bool before);
/* Something that can't be read or written. */
void exporter_skip(struct exporter *e, const char *what, const char *why);
/* Says the sum of a mailbox. */
void exporter_end(struct exporter *e);
/* Says that of all; whether nothing was left out. */
bool exporter_done(struct exporter *e);

#endif
