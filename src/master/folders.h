#ifndef MASTER_FOLDERS_H
#define MASTER_FOLDERS_H

#include "config/config.h"

/*
 * The folders of an instance: data with mail and directory in it, and run
 * with empty in it, each the property of the process that uses it.
 *
 * Errors   ST_BAD: problems has a line for a person for each fault.
 */

/* Makes those that are missing below data, which must be there, and run. */
enum status folders_make(const struct config *c, struct buf *problems);

/* Whether what there is is as it should be; changes nothing. */
enum status folders_check(const struct config *c, struct buf *problems);

#endif
