#include "cli/instance.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/say.h"
#include "service/passage.h"
#include "service/user.h"

/* A file that isn't there keeps its name, for the message about that. */
char *
instance_file(const struct args *a)
{
	CLEANUP(buf_clear) struct buf path = { 0 };
	const char *name = a->config != NULL ? a->config : CONFIG_DEFAULT;
	char *real = realpath(name, NULL);
	char *cwd;

	if (real != NULL)
		return real;
	cwd = name[0] != '/' ? getcwd(NULL, 0) : NULL;
	if (cwd != NULL)
		buf_printf(&path, "%s/", cwd);
	free(cwd);
	buf_str(&path, name);
	buf_byte(&path, '\0');
	return mem_strdup((const char *)path.p);
}

enum status
instance_load(const struct args *a, struct settings **out)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	CLEANUP(mem_free) char *file = instance_file(a);
	enum status st;

	st = settings_load_plain(file, out, &problems);
	say_errors(&problems);
	if (st != ST_OK && a->config == NULL && access(file, F_OK) != 0)
		say_error("-c FILE names another settings file; \"newel init "
			  "DIR\" makes a new instance");
	return st;
}

enum status
instance_as(const struct config *c, enum role role,
    enum status (*fn)(const struct config *c, void *ctx), void *ctx)
{
	enum status st;
	struct user u;

	if (geteuid() != 0)
		return fn(c, ctx);
	if (user_find(c, role, &u) != ST_OK || passage_open(c, &u) != ST_OK ||
	    setgroups(0, NULL) == -1 || setegid(u.gid) == -1 ||
	    seteuid(u.uid) == -1) {
		say_error("can't act as the user \"%s\"", u.name);
		return ST_IO;
	}
	st = fn(c, ctx);
	if (seteuid(0) == -1 || setegid(0) == -1)
		exit(EXIT_FAILED);
	return st;
}

bool
instance_runs(const struct config *c)
{
	const struct config_address *a = &c->instance.control.items[0];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool runs;

	runs = fd != -1 &&
	       (connect(fd, (const struct sockaddr *)&a->addr, a->len) == 0 ||
		   errno == EAGAIN);
	if (fd != -1)
		close(fd);
	return runs;
}
