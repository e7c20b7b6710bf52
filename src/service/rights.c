#include "service/rights.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/log.h"
#include "io/sandbox.h"

#define PATHS_MAX 4

/* In struct config: a path, or a user's name. */
#define PLACE(field) offsetof(struct config, instance.field)
#define NOWHERE      SIZE_MAX

struct right {
	unsigned may;
	size_t user;
	size_t empty_root;
	size_t folder; /* may be read and written */
};

/*
 * A gate sees no file at all.  auth has its directory, mail its store; mail
 * loads what iconv needs for a charset when it first meets it.
 */
static const struct right rights[ROLE_COUNT] = {
	[ROLE_GATE] = { .may = SANDBOX_ACCEPT,
	    .user = PLACE(gate_user),
	    .empty_root = PLACE(empty),
	    .folder = NOWHERE },
	[ROLE_AUTH] = { .may = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_THREADS,
	    .user = PLACE(auth_user),
	    .empty_root = NOWHERE,
	    .folder = PLACE(directory) },
	[ROLE_MAIL] = { .may = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_ACCEPT |
	                       SANDBOX_THREADS | SANDBOX_PLUGINS,
	    .user = PLACE(user),
	    .empty_root = NOWHERE,
	    .folder = PLACE(mail) },
};

static const char *
text_at(const struct config *c, size_t place)
{
	if (place == NOWHERE)
		return NULL;
	return *(const char *const *)((const unsigned char *)c + place);
}

enum status
rights_user(const struct config *c, enum role role, struct rights_user *out)
{
	const struct passwd *pw;

	*out = (struct rights_user){ .name = text_at(c, rights[role].user) };
	pw = getpwnam(out->name);
	if (pw == NULL)
		return ST_NOTFOUND;
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	return ST_OK;
}

enum status
rights_drop(const struct config *c, enum role role)
{
	const struct right *r = &rights[role];
	struct rights_user user = { 0 };
	struct sandbox_path folder = { .path = text_at(c, r->folder),
		.write = true };
	struct sandbox box = {
		.process = role_name(role),
		.may = r->may,
		.empty_root = text_at(c, r->empty_root),
		.paths = &folder,
		.path_count = r->folder == NOWHERE ? 0 : 1,
	};

	if (geteuid() == 0) {
		if (rights_user(c, role, &user) != ST_OK || user.uid == 0) {
			log_event(NULL, LEVEL_ERROR, "rights.user.unknown",
			    LF_STR("user", user.name));
			return ST_IO;
		}
		box.uid = user.uid;
		box.gid = user.gid;
	}
	return sandbox_enter(&box);
}
