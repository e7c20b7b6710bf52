#ifndef MAIL_LISTENER_H
#define MAIL_LISTENER_H

#include <sys/socket.h>

#include "base/defs.h"

/*
 * A listening socket of the main thread: accepts what comes and hands it on.
 * When there are no descriptors left it waits a moment.
 */
struct listener;
struct loop;

/* fd is the callee's. */
typedef void accepted_fn(void *ctx, int fd,
    const struct sockaddr_storage *from);

/* fd is taken over: nonblocking. */
struct listener *listener_new(struct loop *l, int fd, accepted_fn *fn,
    void *ctx);
void listener_free(struct listener **l);

#endif
