#include "service/user.h"

#include <pwd.h>

enum status
user_find(const struct config *c, enum role role, struct user *out)
{
	const struct passwd *pw;
	struct user u = { .name = c->instance.user };

	if (role == ROLE_GATE)
		u.name = c->instance.gate_user;
	else if (role == ROLE_AUTH)
		u.name = c->instance.auth_user;
	pw = getpwnam(u.name);
	if (pw != NULL) {
		u.uid = pw->pw_uid;
		u.gid = pw->pw_gid;
	}
	*out = u;
	return pw != NULL ? ST_OK : ST_NOTFOUND;
}
