#ifndef CLI_EXPORT_MAILDIR_H
#define CLI_EXPORT_MAILDIR_H

#include "cli/export.h"

/*
 * Exports mailboxes into a Maildir (Maildir++), with what Dovecot keeps in
 * one.  Messages that are there from an export before stay, and get the flags
 * that they have now; nothing is deleted.
 *
 * root is the folder's descriptor, path its name for messages.
 */
enum status export_maildir(struct exporter *e, int root, const char *path,
    const struct control_mailbox *m);

/* The file with the mailboxes that are subscribed to. */
void export_subscriptions(struct exporter *e, int root, const char *path,
    const struct control_mailbox *m, size_t n);

#endif
