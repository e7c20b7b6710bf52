#ifndef LOAD_CONN_H
#define LOAD_CONN_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"

/*
 * Connections of the load generator: many, on one epoll loop, each a TCP, TLS
 * or UNIX stream.  A generator that meets an error it does not expect says so
 * and exits: a benchmark with errors is no benchmark.
 */
struct address {
	struct sockaddr_storage sa;
	socklen_t len;
	bool tls;
};

struct conn;

struct conn_events {
	void (*open)(struct conn *c); /* connected, TLS included */
	void (*data)(struct conn *c, struct span s);
	void (*closed)(struct conn *c); /* by the peer */
};

/* Embedded in what uses it; the fields are conn.c's own. */
struct conn {
	const struct conn_events *on;
	struct buf out;
	size_t sent;
	void *ssl;
	int fd;
	unsigned starts; /* changes when this is another connection */
	bool open;
	bool waiting; /* for room to write */
};

/* 127.x.y.z:PORT or /PATH; exits on anything else. */
struct address address_parse(const char *text, bool tls);

void conn_start(struct conn *c, const struct address *to,
    const struct conn_events *on);

/* Closes at once and frees what the connection holds; may be started again. */
void conn_stop(struct conn *c);

/* Queues s; written when the loop turns, or when conn_flush is called. */
void conn_put(struct conn *c, struct span s);
void conn_flush(struct conn *c);

/* Runs until *stop. */
void loop_run(const bool *stop);

/* Calls fn about every so often while the loop runs; there is one such fn. */
void loop_every(int64_t every_ns, void (*fn)(void));

int64_t now_ns(void);

NORETURN void die(const char *fmt, ...) PRINTF(1, 2);

#endif
