#include "cli/mail_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/accounts.h"
#include "cli/instance.h"
#include "cli/say.h"
#include "mail/control.h"

#define READ_STEP 262144

/* How the process of our own ends if another has the store. */
#define EXIT_IN_USE 3

struct mail_link {
	struct settings *settings;
	struct account account;
	int fd;
	pid_t child; /* 0: a server answers */
	struct buf out;
	struct buf in;
	size_t taken; /* of in, by the last answer */
};

struct finding {
	const char *user;
	struct account account;
};

static enum status
find(const struct config *c, void *ctx)
{
	struct finding *f = ctx;
	struct accounts accounts;
	enum status st = accounts_open(c, false, &accounts);

	if (st != ST_OK)
		return st;
	st = accounts_find(&accounts, span_str(f->user), &f->account);
	accounts_close(&accounts);
	return st;
}

/*
 * In a process of its own, since the way to the accounts may hide other files
 * (service/passage.h), which are to be read and written afterwards.
 */
static enum status
find_account(struct mail_link *l, const char *user)
{
	const struct config *c = settings_config(l->settings);
	struct finding f = { .user = user };
	ssize_t n;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) == -1 || (pid = fork()) == -1) {
		say_error("no process: %s", strerror(errno));
		return ST_IO;
	}
	if (pid == 0) {
		if (instance_as(c, ROLE_AUTH, find, &f) != ST_OK)
			_exit(EXIT_FAILED);
		n = write(fds[1], &f.account, sizeof(f.account));
		_exit(n == sizeof(f.account) ? EXIT_DONE : EXIT_FAILED);
	}
	close(fds[1]);
	n = read(fds[0], &l->account, sizeof(l->account));
	close(fds[0]);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	return n == sizeof(l->account) ? ST_OK : ST_IO;
}

struct serving {
	int fd;
	enum status st;
};

static enum status
serve(const struct config *c, void *ctx)
{
	struct serving *s = ctx;

	s->st = control_offline(c, s->fd);
	return ST_OK;
}

/* The mail process of our own, as the user that it would be. */
static NORETURN void
child(const struct config *c, int fd)
{
	struct serving s = { fd, ST_IO };

	log_set_process("mail");
	log_set_level(LEVEL_WARN);
	if (instance_as(c, ROLE_MAIL, serve, &s) != ST_OK)
		_exit(EXIT_FAILED);
	if (s.st == ST_DENIED)
		_exit(EXIT_IN_USE);
	_exit(s.st == ST_OK ? EXIT_DONE : EXIT_FAILED);
}

static enum status
start_child(struct mail_link *l)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1) {
		say_error("no socket: %s", strerror(errno));
		return ST_IO;
	}
	l->child = fork();
	if (l->child == 0) {
		close(fds[0]);
		child(settings_config(l->settings), fds[1]);
	}
	close(fds[1]);
	l->fd = fds[0];
	if (l->child > 0)
		return ST_OK;
	l->child = 0;
	say_error("no process: %s", strerror(errno));
	return ST_IO;
}

static enum status
connect_server(struct mail_link *l)
{
	const struct config *c = settings_config(l->settings);
	const struct config_address *a = &c->instance.control.items[0];

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd != -1 &&
	    connect(l->fd, (const struct sockaddr *)&a->addr, a->len) == 0)
		return ST_OK;
	if (l->fd != -1 && (errno == ENOENT || errno == ECONNREFUSED)) {
		close(l->fd);
		l->fd = -1;
		return start_child(l);
	}
	say_error("%s: %s", a->text, strerror(errno));
	if (errno == EACCES)
		say_error("only root and the user of the instance may do this");
	return ST_IO;
}

static enum status
greet(struct mail_link *l)
{
	struct control_request r = { .op = CONTROL_HELLO,
		.version = CONTROL_VERSION,
		.account = l->account.id };
	struct control_reply reply;

	return mail_link_do(l, &r, l->account.name, &reply);
}

enum status
mail_link_open(const struct args *a, const char *user, struct mail_link **out)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;
	struct settings *settings;
	enum status st = instance_load(a, &settings);

	if (st != ST_OK)
		return st;
	l = MEM_NEW(struct mail_link);
	l->settings = settings;
	l->fd = -1;
	st = find_account(l, user);
	if (st == ST_OK)
		st = connect_server(l);
	if (st == ST_OK)
		st = greet(l);
	if (st == ST_OK)
		*out = TAKE(l);
	return st;
}

/* How the process of our own has ended; -1 if there is none. */
static int
reap(struct mail_link *l)
{
	int status = 0;
	pid_t pid = l->child;

	if (pid == 0)
		return -1;
	l->child = 0;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
mail_link_close(struct mail_link **lp)
{
	struct mail_link *l = TAKE(*lp);

	if (l == NULL)
		return;
	if (l->fd != -1)
		close(l->fd);
	(void)reap(l);
	settings_free(&l->settings);
	buf_clear(&l->out);
	buf_clear(&l->in);
	free(l);
}

const struct account *
mail_link_account(const struct mail_link *l)
{
	return &l->account;
}

const struct config *
mail_link_config(const struct mail_link *l)
{
	return settings_config(l->settings);
}

/* The connection has ended. */
static enum status
gone(struct mail_link *l)
{
	close(l->fd);
	l->fd = -1;
	if (l->child == 0)
		say_error("the server has ended the connection");
	else if (reap(l) == EXIT_IN_USE)
		say_error("the mail is in use: the server is starting, or "
			  "another command is at work; try again");
	else
		say_error("the mail can't be opened");
	return ST_IO;
}

static bool
send_all(struct mail_link *l)
{
	struct span rest = buf_span(&l->out);

	while (rest.n > 0) {
		ssize_t n = send(l->fd, rest.p, rest.n, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		rest = span_from(rest, (size_t)n);
	}
	return true;
}

/* More of an answer. */
static bool
receive(struct mail_link *l)
{
	unsigned char *room = buf_room(&l->in, READ_STEP);
	ssize_t n;

	do {
		n = recv(l->fd, room, READ_STEP, 0);
	} while (n == -1 && errno == EINTR);
	if (n <= 0)
		return false;
	buf_added(&l->in, (size_t)n);
	return true;
}

enum status
mail_link_ask(struct mail_link *l, const struct control_request *r,
    struct control_reply *out)
{
	struct span fields;
	enum status st;

	*out = (struct control_reply){ .st = ST_IO };
	if (l->fd == -1)
		return ST_IO;
	buf_reset(&l->out);
	control_ask(&l->out, r);
	buf_drop(&l->in, l->taken);
	l->taken = 0;
	if (!send_all(l))
		return gone(l);
	while ((st = control_frame(buf_span(&l->in), &fields, &l->taken)) ==
	       ST_AGAIN)
		if (!receive(l))
			return gone(l);
	if (st == ST_OK)
		st = control_reply_read(fields, out);
	if (st == ST_OK)
		return out->st;
	say_error("the server answers something else");
	*out = (struct control_reply){ .st = ST_IO };
	return ST_IO;
}

enum status
mail_link_do(struct mail_link *l, const struct control_request *r,
    const char *what, struct control_reply *out)
{
	enum status st = mail_link_ask(l, r, out);

	if (st != ST_OK && out->text.n > 0)
		say_error("%s: %.*s", what, SPAN_ARG(out->text));
	return st;
}
