#ifndef CLI_EXPORT_MBOX_H
#define CLI_EXPORT_MBOX_H

#include "cli/export.h"

/*
 * Exports a mailbox into a file in mbox format, "Work.2024.mbox" in a folder,
 * in place of one that may be there.  root is the folder's descriptor, path
 * its name for messages.
 */
enum status export_mbox(struct exporter *e, int root, const char *path,
    const struct control_mailbox *m);

#endif
