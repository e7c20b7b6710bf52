#ifndef MAIL_SERVER_H
#define MAIL_SERVER_H

#include "mail/worker.h"

/*
 * The store, its committer and the workers: all of the mail process that
 * doesn't depend on where connections come from.
 *
 * Threads  The main thread's.
 */
struct server;

/* ST_DENIED: another process has the store; what store_open() says. */
enum status server_new(struct loop *main, const struct config *c,
    struct counters *counters, struct server **out);

/* Once no worker is left, after server_stop(). */
void server_free(struct server **s);

/* As it is now; good as long as the server. */
const struct mail *server_mail(const struct server *s);

/* c is kept. */
void server_settings(struct server *s, const struct config *c);

/* Ends everything; done is called on the main loop. */
void server_stop(struct server *s, void (*done)(void *ctx), void *ctx);

/* Each in its turn, for connections that have no account yet. */
struct worker *server_next_worker(struct server *s);

#endif
