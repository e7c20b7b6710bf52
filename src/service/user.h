#ifndef SERVICE_USER_H
#define SERVICE_USER_H

#include <sys/types.h>

#include "config/config.h"
#include "service/message.h"

/* Who a process of a role is, if the master is root. */
struct user {
	const char *name; /* borrows from the config */
	uid_t uid;
	gid_t gid;
};

/* ST_NOTFOUND: there is no such user; the name is set all the same. */
enum status user_find(const struct config *c, enum role role, struct user *out);

#endif
