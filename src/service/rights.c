#include "service/rights.h"

#include <unistd.h>

#include "base/log.h"
#include "io/sandbox.h"
#include "service/passage.h"
#include "service/user.h"

/* In struct config: a path. */
#define PLACE(field) offsetof(struct config, instance.field)
#define NOWHERE      SIZE_MAX

struct right {
	unsigned may;
	size_t empty_root;
	size_t folder; /* may be read and written */
};

/*
 * A gate sees no file at all.  auth has its directory, mail its store; mail
 * loads what iconv needs for a charset when it first meets it.
 */
static const struct right rights[ROLE_COUNT] = {
	[ROLE_GATE] = { .may = SANDBOX_ACCEPT,
	    .empty_root = PLACE(empty),
	    .folder = NOWHERE },
	[ROLE_AUTH] = { .may = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_THREADS,
	    .empty_root = NOWHERE,
	    .folder = PLACE(directory) },
	[ROLE_MAIL] = { .may = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_ACCEPT |
	                       SANDBOX_THREADS | SANDBOX_PLUGINS,
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
rights_drop(const struct config *c, enum role role)
{
	const struct right *r = &rights[role];
	struct user user = { 0 };
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
		if (user_find(c, role, &user) != ST_OK || user.uid == 0) {
			log_event(NULL, LEVEL_ERROR, "rights.user.unknown",
			    LF_STR("user", user.name));
			return ST_IO;
		}
		if (r->folder != NOWHERE && passage_open(c, &user) != ST_OK)
			return ST_IO;
		box.uid = user.uid;
		box.gid = user.gid;
	}
	return CONFINE ? sandbox_enter(&box) : ST_OK;
}
