#include "load/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS     256
#define READ_BYTES 262144

/* One address has so many ports for connections to one other, and some are
 * still held by connections of the past. */
#define PER_ADDRESS 10000

static int epoll_fd = -1;
static unsigned connections;
static SSL_CTX *tls_context;

void
die(const char *fmt, ...)
{
	va_list ap;

	fputs("newel-load: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct address
address_unix(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct address a = { 0 };

	if (strlen(path) >= sizeof(un.sun_path))
		die("%s: too long for a socket", path);
	memcpy(un.sun_path, path, strlen(path) + 1);
	memcpy(&a.sa, &un, sizeof(un));
	a.len = sizeof(un);
	return a;
}

struct address
address_parse(const char *text, bool tls)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct address a = { .tls = tls, .len = sizeof(in) };
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN] = "";
	uint64_t port;

	if (text[0] == '/')
		return address_unix(text);
	if (colon == NULL || (size_t)(colon - text) >= sizeof(host) ||
	    !span_u64(span_str(colon + 1), UINT16_MAX, &port))
		die("%s: not ADDRESS:PORT", text);
	memcpy(host, text, (size_t)(colon - text));
	if (inet_pton(AF_INET, host, &in.sin_addr) != 1 ||
	    ntohl(in.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		die("%s: load goes to this machine only (127.x.y.z)", text);
	in.sin_port = htons((uint16_t)port);
	memcpy(&a.sa, &in, sizeof(in));
	return a;
}

static void
watch(struct conn *c, int op, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = c };

	if (epoll_ctl(epoll_fd, op, c->fd, &ev) != 0)
		die("epoll_ctl: %s", strerror(errno));
}

static void
tls_start(struct conn *c)
{
	if (tls_context == NULL) {
		tls_context = SSL_CTX_new(TLS_client_method());
		if (tls_context == NULL)
			die("TLS: no context");
		SSL_CTX_set_mode(tls_context,
		    SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			SSL_MODE_RELEASE_BUFFERS);
		/* Not two calls for each record. */
		SSL_CTX_set_read_ahead(tls_context, 1);
	}
	c->ssl = SSL_new(tls_context);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1)
		die("TLS: no connection");
	SSL_set_connect_state(c->ssl);
}

static void
bind_source(int fd)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int one = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + connections / PER_ADDRESS);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&in, sizeof(in)) != 0)
		die("bind: %s", strerror(errno));
}

void
conn_start(struct conn *c, const struct address *to,
    const struct conn_events *on)
{
	int one = 1;

	if (epoll_fd < 0)
		epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	c->on = on;
	c->starts++;
	c->open = false;
	c->waiting = true;
	c->fd = socket(to->sa.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket: %s", strerror(errno));
	if (to->sa.ss_family == AF_INET) {
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		bind_source(c->fd);
	}
	connections++;
	if (connect(c->fd, (const struct sockaddr *)&to->sa, to->len) != 0 &&
	    errno != EINPROGRESS)
		die("connect: %s", strerror(errno));
	if (to->tls)
		tls_start(c);
	watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void
conn_stop(struct conn *c)
{
	SSL_free(c->ssl);
	c->ssl = NULL;
	c->starts++;
	close(c->fd);
	connections--;
	c->fd = -1;
	buf_clear(&c->out);
	c->sent = 0;
}

void
conn_put(struct conn *c, struct span s)
{
	buf_add(&c->out, s);
}

/* The number of bytes written, 0 if there is no room now. */
static size_t
write_some(struct conn *c, struct span s)
{
	size_t done = 0;
	ssize_t n;
	int err;

	if (c->ssl != NULL) {
		if (SSL_write_ex(c->ssl, s.p, s.n, &done) == 1)
			return done;
		err = SSL_get_error(c->ssl, 0);
		if (err != SSL_ERROR_WANT_WRITE && err != SSL_ERROR_WANT_READ)
			die("TLS: write failed");
		return 0;
	}
	n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("send: %s", strerror(errno));
	return n < 0 ? 0 : (size_t)n;
}

void
conn_flush(struct conn *c)
{
	bool waiting;
	size_t n = 1;

	if (!c->open)
		return;
	while (c->sent < c->out.n && n > 0) {
		n = write_some(c, span_from(buf_span(&c->out), c->sent));
		c->sent += n;
	}
	if (c->sent == c->out.n) {
		buf_reset(&c->out);
		c->sent = 0;
	}
	waiting = c->out.n > 0;
	if (waiting != c->waiting)
		watch(c, EPOLL_CTL_MOD, waiting ? EPOLLIN | EPOLLOUT : EPOLLIN);
	c->waiting = waiting;
}

/* Goes on with connecting; true once that is done. */
static bool
opened(struct conn *c)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (c->open)
		return true;
	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err != 0)
		die("connect: %s", strerror(err));
	if (c->ssl != NULL && SSL_do_handshake(c->ssl) != 1) {
		err = SSL_get_error(c->ssl, 0);
		if (err == SSL_ERROR_WANT_READ && c->waiting) {
			watch(c, EPOLL_CTL_MOD, EPOLLIN);
			c->waiting = false;
		}
		if (err != SSL_ERROR_WANT_READ && err != SSL_ERROR_WANT_WRITE)
			die("TLS: handshake failed: %s",
			    ERR_reason_error_string(ERR_peek_error()));
		return false;
	}
	c->open = true;
	c->on->open(c);
	return true;
}

/* The number of bytes read, 0 if there are none now, -1 at the end. */
static ssize_t
read_some(struct conn *c, void *p, size_t n)
{
	size_t done = 0;
	ssize_t got;
	int err;

	if (c->ssl != NULL) {
		if (SSL_read_ex(c->ssl, p, n, &done) == 1)
			return (ssize_t)done;
		err = SSL_get_error(c->ssl, 0);
		return err == SSL_ERROR_WANT_READ ? 0 : -1;
	}
	got = recv(c->fd, p, n, 0);
	if (got < 0 && errno == EAGAIN)
		return 0;
	return got <= 0 ? -1 : got;
}

#define READS 16 /* of one connection before it is the others' turn */

/* What OpenSSL has read ahead no event tells of. */
static bool
has_more(const struct conn *c)
{
	return c->ssl != NULL && SSL_has_pending(c->ssl) == 1;
}

static void
readable(struct conn *c)
{
	static unsigned char bytes[READ_BYTES];
	unsigned starts = c->starts;
	ssize_t n = 1;

	for (int i = 0; n > 0 && c->starts == starts; i++) {
		if (i >= READS && !has_more(c))
			break;
		n = read_some(c, bytes, sizeof(bytes));
		if (n > 0)
			c->on->data(c, span_of(bytes, (size_t)n));
		if (c->ssl == NULL)
			break;
	}
	if (n < 0 && c->starts == starts)
		c->on->closed(c);
}

static struct {
	void (*fn)(void);
	int64_t every_ns;
	int64_t due_ns;
} ticker;

void
loop_every(int64_t every_ns, void (*fn)(void))
{
	ticker.fn = fn;
	ticker.every_ns = every_ns;
	ticker.due_ns = now_ns() + every_ns;
}

static int
wait_for(struct epoll_event *events)
{
	struct timespec wait = { 0 };
	int64_t left;

	if (ticker.fn == NULL)
		return epoll_wait(epoll_fd, events, EVENTS, -1);
	left = ticker.due_ns - now_ns();
	if (left <= 0) {
		ticker.due_ns += ticker.every_ns - left;
		ticker.fn();
	} else {
		wait.tv_nsec = MIN(left, INT64_C(999999999));
	}
	return epoll_pwait2(epoll_fd, events, EVENTS, &wait, NULL);
}

static void
serve(struct conn *c, uint32_t events)
{
	if (!opened(c))
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		readable(c);
	if (c->fd >= 0)
		conn_flush(c);
}

void
loop_run(const bool *stop)
{
	struct epoll_event events[EVENTS];
	int n;

	while (!*stop) {
		n = wait_for(events);
		if (n < 0 && errno != EINTR)
			die("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n; i++)
			serve(events[i].data.ptr, events[i].events);
	}
}
