#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli/mail_link.h"

/*
 * Messages on their way into an account: gathered and sent in requests of a
 * good size, with a bar on a terminal and a line for each mailbox.
 *
 * What can't be read is named, counted and passed over; a server that can't
 * take what it is given ends the import.
 *
 * Errors  ST_IO and others: it is of no use to go on; that has been said.
 */
struct importer;

struct importer *importer_new(struct mail_link *l);
void importer_free(struct importer **im);

/*
 * What follows goes into this mailbox.  uidvalidity is 0 or that of the
 * messages' UIDs; these are only kept if the mailbox takes it.  total is what
 * importer_progress() comes up to.
 *
 * ST_BAD, ST_LIMIT: there can't be such a mailbox; it was counted, and others
 * may go on.
 */
struct import_mailbox {
	struct span name;
	unsigned use;
	bool subscribed;
	uint32_t uidvalidity;
	uint64_t total;
};
enum status importer_begin(struct importer *im, const struct import_mailbox *m);
enum status importer_add(struct importer *im, const struct control_item *i);
void importer_progress(struct importer *im, uint64_t done);
/* uidnext: 0, or what it was where the messages come from. */
enum status importer_end(struct importer *im, uint32_t uidnext);

/* Something that can't be read. */
void importer_skip(struct importer *im, const char *what, const char *why);

/* Says the sum; whether nothing was left out. */
bool importer_done(struct importer *im);

#endif
