#ifndef SERVICE_PASSAGE_H
#define SERVICE_PASSAGE_H

#include "config/config.h"
#include "service/user.h"

/*
 * The way to the data folder, for a user who may not pass one of the folders
 * above it: root's home, or one that "mktemp -d" made.
 *
 * Where the kernel lets us, this process gets a view of its own in which all
 * that is hidden stays so but for the data folder, at the same path.  On disk
 * nothing changes.
 */

/*
 * The first folder above path that the user may not pass; false if there is
 * none.  out has LIMIT_PATH bytes.
 */
bool passage_blocked(const char *path, const struct user *u, char *out);

/* Whether passage_open() can help: root with CAP_SYS_ADMIN, in no chroot. */
bool passage_possible(void);

/* To be called as root, before becoming u.  ST_IO, logged. */
enum status passage_open(const struct config *c, const struct user *u);

#endif
