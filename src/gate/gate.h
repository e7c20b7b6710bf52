#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "config/config.h"
#include "service/message.h"

/*
 * What the gate process does: a connection's life up to login.
 *
 * It speaks IMAP with clients that nobody knows yet, asks auth about them,
 * and gives those who have logged in to mail: the client's socket itself, or
 * with TLS a socket pair's end, between which and the client it pumps bytes.
 * It never sees mail.  How messages travel is main.c's business.
 *
 * Bounds     Before login a connection holds LIMIT_PREAUTH_LINE and
 *            LIMIT_PREAUTH_LITERAL bytes at the most, for
 *            limits.login-time; there are limits.preauth-connections.
 * Ownership  Borrows loop, counters, links and ctx.
 * Threads    One, that of the loop.
 */
struct gate;
struct counters;
struct loop;

struct gate_links {
	/* As peer_send(): fd is theirs.  ST_IO if there is no such process. */
	enum status (*to_auth)(void *ctx, const struct message *m);
	enum status (*to_mail)(void *ctx, const struct message *m, int fd);
	bool (*has_mail)(void *ctx);

	/* After gate_stop(), once: no connection is left. */
	void (*finished)(void *ctx);
};

struct gate *gate_new(struct loop *l, struct counters *counters,
    const struct gate_links *links, void *ctx);
void gate_free(struct gate **g);

/*
 * Settings and certificates for new connections.  Must be called before the
 * first one.  If a certificate isn't good the old ones stay, logged.
 */
void gate_settings(struct gate *g, const struct config *c,
    const struct msg_settings *m);

/*
 * Accepts connections from fd, which becomes the gate's; LISTEN_IMAP or
 * LISTEN_IMAPS.  Before auth has said which mechanisms it has, clients wait
 * in the kernel's queue.
 */
void gate_listen(struct gate *g, enum listen_kind kind, int fd);

/* From auth.  False if it makes no sense. */
bool gate_message(struct gate *g, const struct message *m);

/* What auth was asked will not be answered. */
void gate_auth_gone(struct gate *g);

/* BYE to those who have not logged in, and no new ones; pumps go on. */
void gate_stop(struct gate *g);

#endif
