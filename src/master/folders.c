#include "master/folders.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/passage.h"
#include "service/user.h"

struct folder {
	const char *path;
	mode_t mode;
	enum role role; /* whose it is; ROLE_MASTER: our own */
	bool must_be;   /* else it is made when it is missing */
};

struct folders {
	struct folder all[5];
	struct user users[ROLE_COUNT];
};

/*
 * Who the processes will be.  Started by root, they are the users of the
 * settings; else all are whoever we are.
 */
static void
find_users(const struct config *c, struct folders *f, struct buf *problems)
{
	const struct user ourselves = { "?", geteuid(), getegid() };
	static const enum role roles[] = { ROLE_GATE, ROLE_AUTH, ROLE_MAIL };

	for (size_t i = 0; i < COUNT(roles); i++) {
		struct user *u = &f->users[roles[i]];

		if (geteuid() != 0) {
			*u = ourselves;
			continue;
		}
		if (user_find(c, roles[i], u) != ST_OK)
			buf_printf(problems,
			    "instance.user: there is no user \"%s\": make it "
			    "with \"adduser --system --group "
			    "--no-create-home %s\", or name another one\n",
			    u->name, u->name);
		else if (u->uid == 0)
			buf_printf(problems,
			    "instance.user: \"%s\" is root: name a user "
			    "without rights, such as newel\n",
			    u->name);
	}
	f->users[ROLE_MASTER] = ourselves;
}

static struct folders
folders_of(const struct config *c)
{
	const struct config_instance *i = &c->instance;

	return (struct folders){ .all = {
				     { i->data, 0755, ROLE_MASTER, true },
				     { i->mail, 0700, ROLE_MAIL, false },
				     { i->directory, 0700, ROLE_AUTH, false },
				     { i->run, 0755, ROLE_MASTER, false },
				     { i->empty, 0555, ROLE_MASTER, false },
				 } };
}

static void
make(const struct folder *f, const struct user *u, struct buf *problems)
{
	if (mkdir(f->path, f->mode) == 0) {
		if (chmod(f->path, f->mode) == 0 &&
		    (geteuid() != 0 || chown(f->path, u->uid, u->gid) == 0))
			return;
	} else if (errno == EEXIST) {
		return;
	}
	buf_printf(problems, "%s: the folder can't be made: %s\n", f->path,
	    strerror(errno));
}

/* Every folder above must let the user through, or be hidden from him. */
static void
check_way(const char *path, const struct user *u, struct buf *problems)
{
	char block[LIMIT_PATH];

	if (!passage_blocked(path, u, block) || passage_possible())
		return;
	buf_printf(problems,
	    "%s: the user \"%s\" can't reach it through %s: \"chmod a+x %s\", "
	    "or choose another folder\n",
	    path, u->name, block, block);
}

static void
check(const struct folder *f, const struct user *u, struct buf *problems)
{
	struct stat st;

	if (stat(f->path, &st) == -1) {
		if (errno == ENOENT && !f->must_be)
			return;
		buf_printf(problems, "%s: %s\n", f->path, strerror(errno));
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		buf_printf(problems, "%s: is not a folder\n", f->path);
		return;
	}
	if (f->role != ROLE_MASTER)
		check_way(f->path, u, problems);
	if (f->role == ROLE_MASTER && geteuid() == 0)
		return;
	if (st.st_uid != u->uid)
		buf_printf(problems,
		    "%s: belongs to another user: \"chown -R %u:%u %s\"\n",
		    f->path, u->uid, u->gid, f->path);
	else if ((st.st_mode & f->mode & S_IRWXU) != (f->mode & S_IRWXU))
		buf_printf(problems,
		    "%s: its owner may not use it: \"chmod u+rwx %s\"\n",
		    f->path, f->path);
}

enum status
folders_check(const struct config *c, struct buf *problems)
{
	struct folders f = folders_of(c);
	size_t before = problems->n;

	find_users(c, &f, problems);
	if (problems->n > before)
		return ST_BAD;
	for (size_t i = 0; i < COUNT(f.all); i++)
		check(&f.all[i], &f.users[f.all[i].role], problems);
	return problems->n == before ? ST_OK : ST_BAD;
}

enum status
folders_make(const struct config *c, struct buf *problems)
{
	struct folders f = folders_of(c);
	size_t before = problems->n;

	find_users(c, &f, problems);
	if (access(c->instance.data, F_OK) != 0)
		buf_printf(problems,
		    "%s: there is no such folder: \"newel init\" makes a new "
		    "instance; instance.data says where it is\n",
		    c->instance.data);
	if (problems->n > before)
		return ST_BAD;
	for (size_t i = 0; i < COUNT(f.all); i++)
		make(&f.all[i], &f.users[f.all[i].role], problems);
	return problems->n == before ? folders_check(c, problems) : ST_BAD;
}
