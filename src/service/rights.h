#ifndef SERVICE_RIGHTS_H
#define SERVICE_RIGHTS_H

#include <sys/types.h>

#include "config/config.h"
#include "service/message.h"

/*
 * What each process may do: the table, and the way to it.
 *
 * Errors   ST_IO, logged: the process must not go on.
 */

/* Who a process of that role is to be, if the master is root. */
struct rights_user {
	const char *name; /* borrows from the config */
	uid_t uid;
	gid_t gid;
};

/* ST_NOTFOUND: there is no such user; name is set all the same. */
enum status rights_user(const struct config *c, enum role role,
    struct rights_user *out);

/* Gives up everything else, for good. */
enum status rights_drop(const struct config *c, enum role role);

#endif
