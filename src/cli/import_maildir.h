#ifndef CLI_IMPORT_MAILDIR_H
#define CLI_IMPORT_MAILDIR_H

#include "cli/import.h"

/*
 * Imports a Maildir: all its folders (Maildir++), or only the one at path
 * into a mailbox that is named.  A folder without a name for a mailbox and
 * messages that can't be read are left to importer_skip().
 *
 * ST_NOTFOUND: there is no Maildir, which has been said; and as import.h.
 */
enum status import_maildir(struct importer *im, const char *path,
    struct span mailbox);

#endif
