#include "master/listener.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "master/holder.h"

/* The kernel cuts it down to net.core.somaxconn. */
#define BACKLOG 4096

static const struct sockaddr *
socket_address(const struct config_address *a)
{
	return (const struct sockaddr *)&a->addr;
}

static uint16_t
port_of(const struct config_address *a)
{
	struct sockaddr_in6 ip6;
	struct sockaddr_in ip4;

	if (a->addr.ss_family == AF_INET) {
		memcpy(&ip4, &a->addr, sizeof(ip4));
		return ntohs(ip4.sin_port);
	}
	memcpy(&ip6, &a->addr, sizeof(ip6));
	return ntohs(ip6.sin6_port);
}

const char *
listener_setting(enum listen_kind k)
{
	static const char *const names[LISTEN_KINDS] = {
		[LISTEN_IMAP] = "listen.imap",
		[LISTEN_IMAPS] = "listen.imaps",
		[LISTEN_LMTP] = "listen.lmtp",
		[LISTEN_CONTROL] = "instance.run",
	};

	return names[k];
}

/* Why an address can't be had, and what to do about it. */
static void
say_failure(const struct config_address *a, const char *setting, int error,
    struct buf *out)
{
	bool tcp = a->addr.ss_family != AF_UNIX;

	buf_printf(out, "%s %s: ", setting, a->text);
	if (error == EADDRINUSE && tcp) {
		buf_str(out, "the port is taken");
		BUF_LIT(out, " by ");
		if (!holder_find(port_of(a), out))
			BUF_LIT(out, "another process");
		BUF_LIT(out, ": stop that, or choose another port\n");
	} else if (error == EADDRINUSE) {
		BUF_LIT(out, "another process listens there: stop it, or "
			     "choose another path\n");
	} else if (error == EACCES && tcp) {
		buf_printf(out,
		    "only root may listen on ports below 1024: start newel "
		    "as root (it gives that up), or choose a port such as "
		    "%u\n",
		    port_of(a) + 1000U);
	} else if (error == EADDRNOTAVAIL) {
		BUF_LIT(out, "this machine doesn't have that address: \"ip "
			     "addr\" shows those it has\n");
	} else {
		buf_printf(out, "%s\n", strerror(error));
	}
}

/* -1 and errno. */
static int
tcp_socket(const struct config_address *a, bool share)
{
	const int on = 1;
	int fd;
	int error;

	fd = socket(a->addr.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (!share || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
			   sizeof(on)) == 0) &&
	    (a->addr.ss_family != AF_INET6 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) ==
		    0) &&
	    bind(fd, socket_address(a), a->len) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static const char *
path_of(const struct config_address *a)
{
	return ((const struct sockaddr_un *)&a->addr)->sun_path;
}

/*
 * Whether a socket could be bound there.  One that nobody listens on any
 * more, such as one that was left behind when the machine lost its power, is
 * in the way of nobody; it is removed if asked for.  -1 and errno.
 */
static int
path_free(const struct config_address *a, bool remove)
{
	struct stat st;
	int error;
	int fd;

	if (lstat(path_of(a), &st) == -1)
		return errno == ENOENT ? 0 : -1;
	fd = S_ISSOCK(st.st_mode) ? unix_socket() : -1;
	if (fd == -1) {
		errno = EEXIST;
		return -1;
	}
	if (connect(fd, socket_address(a), a->len) == 0 || errno == EAGAIN)
		error = EADDRINUSE;
	else if (errno == ECONNREFUSED && (!remove || unlink(path_of(a)) == 0))
		error = 0;
	else
		error = errno;
	close(fd);
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Nobody can connect before mode and group are as they should be. */
static int
unix_listen(const struct config_address *a, mode_t mode, gid_t gid)
{
	mode_t mask;
	int bound;
	int error;
	int fd;

	if (path_free(a, true) == -1)
		return -1;
	fd = unix_socket();
	if (fd == -1)
		return -1;
	mask = umask(0777);
	bound = bind(fd, socket_address(a), a->len);
	umask(mask);
	if (bound == 0 &&
	    (gid == (gid_t)-1 || chown(path_of(a), (uid_t)-1, gid) == 0) &&
	    chmod(path_of(a), mode) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/*
 * A socket of its own without SO_REUSEPORT fails if anyone listens there;
 * with it, a second newel of the same user would quietly take a share of the
 * first one's connections.
 */
enum status
listener_try(const struct config_address *a, const char *setting,
    struct buf *problems)
{
	int fd;

	if (a->addr.ss_family == AF_UNIX) {
		if (path_free(a, false) == 0)
			return ST_OK;
	} else {
		fd = tcp_socket(a, false);
		if (fd != -1) {
			close(fd);
			return ST_OK;
		}
		if (a->optional &&
		    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
			return ST_NOTFOUND;
	}
	say_failure(a, setting, errno, problems);
	return ST_IO;
}

static enum status
open_tcp(struct listener *l, struct buf *problems)
{
	enum status st;

	st = listener_try(l->address, listener_setting(l->kind), problems);
	if (st == ST_NOTFOUND) {
		l->n = 0;
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < l->n; i++) {
		l->fds[i] = tcp_socket(l->address, true);
		if (l->fds[i] == -1) {
			say_failure(l->address, listener_setting(l->kind),
			    errno, problems);
			return ST_IO;
		}
	}
	return ST_OK;
}

enum status
listener_group(const struct config *c, gid_t *out, struct buf *problems)
{
	const char *name = c->listen.lmtp_group;
	const struct group *gr;

	*out = (gid_t)-1;
	if (*name == '\0')
		return ST_OK;
	gr = getgrnam(name);
	if (gr == NULL) {
		buf_printf(problems,
		    "listen.lmtp-group: there is no group \"%s\"\n", name);
		return ST_IO;
	}
	*out = gr->gr_gid;
	return ST_OK;
}

static enum status
open_unix(struct listener *l, const struct config *c, struct buf *problems)
{
	mode_t mode = 0600;
	gid_t gid = (gid_t)-1;

	if (l->kind == LISTEN_LMTP) {
		mode = (mode_t)c->listen.lmtp_mode;
		if (listener_group(c, &gid, problems) != ST_OK)
			return ST_IO;
	}
	l->fds[0] = unix_listen(l->address, mode, gid);
	if (l->fds[0] != -1)
		return ST_OK;
	say_failure(l->address, listener_setting(l->kind), errno, problems);
	return ST_IO;
}

static enum status
add(struct listeners *ls, const struct config *c, enum listen_kind kind,
    const struct config_address *a, size_t n, struct buf *problems)
{
	struct listener *l = &ls->items[ls->n++];

	*l = (struct listener){ .kind = kind,
		.address = a,
		.n = n,
		.fds = mem_array(n, sizeof(int)) };
	for (size_t i = 0; i < n; i++)
		l->fds[i] = -1;
	return a->addr.ss_family == AF_UNIX ? open_unix(l, c, problems)
	                                    : open_tcp(l, problems);
}

enum status
listeners_open(const struct config *c, size_t gates, struct listeners *out,
    struct buf *problems)
{
	const struct {
		enum listen_kind kind;
		const struct config_addresses *addresses;
		size_t n;
	} kinds[] = {
		{ LISTEN_IMAP, &c->listen.imap, gates },
		{ LISTEN_IMAPS, &c->listen.imaps, gates },
		{ LISTEN_LMTP, &c->listen.lmtp, 1 },
		{ LISTEN_CONTROL, &c->instance.control, 1 },
	};
	size_t before = problems->n;
	size_t count = 0;

	for (size_t k = 0; k < COUNT(kinds); k++)
		count += kinds[k].addresses->n;
	*out = (struct listeners){ .config = config_ref(c) };
	out->items = mem_array(count, sizeof(struct listener));
	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t i = 0; i < kinds[k].addresses->n; i++)
			(void)!add(out, c, kinds[k].kind,
			    &kinds[k].addresses->items[i], kinds[k].n,
			    problems);
	if (problems->n == before)
		return ST_OK;
	listeners_close(out);
	return ST_IO;
}

void
listeners_close(struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++) {
		struct listener *l = &ls->items[i];

		for (size_t k = 0; k < l->n; k++) {
			if (l->fds[k] == -1)
				continue;
			close(l->fds[k]);
			if (l->address->addr.ss_family == AF_UNIX)
				(void)unlink(path_of(l->address));
		}
		mem_free(&l->fds);
	}
	mem_free(&ls->items);
	ls->n = 0;
	config_unref(&ls->config);
}
