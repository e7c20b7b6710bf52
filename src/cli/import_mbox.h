#ifndef CLI_IMPORT_MBOX_H
#define CLI_IMPORT_MBOX_H

#include "cli/import.h"

/*
 * Imports the messages of a file in mbox format into a mailbox.
 * ST_BAD, ST_NOTFOUND: it is none, or isn't there, which has been said; and
 * as import.h.
 */
enum status import_mbox(struct importer *im, const char *path,
    struct span mailbox);

#endif
