#ifndef MASTER_LISTENER_H
#define MASTER_LISTENER_H

#include "config/config.h"
#include "service/message.h"

/*
 * Sockets to listen on, made by the master, which keeps them open: a gate
 * that is started again goes on with those that its predecessor had, and
 * with the connections that wait there.
 */
struct listener {
	enum listen_kind kind;
	const struct config_address *address; /* in the config held below */
	int *fds; /* one for each gate, or one alone */
	size_t n;
};

/* The settings may change; these go on with those they were opened with. */
struct listeners {
	const struct config *config;
	struct listener *items;
	size_t n;
};

/*
 * All that the settings name, and the control socket.  ST_IO: problems has a
 * line for each that can't be had, with what to do about it.
 */
enum status listeners_open(const struct config *c, size_t gates,
    struct listeners *out, struct buf *problems);

/* Also removes the files of UNIX sockets. */
void listeners_close(struct listeners *l);

/*
 * For `newel check`: whether the address could be listened on now.  setting
 * is the name to be said: "listen.imap".
 */
enum status listener_try(const struct config_address *a, const char *setting,
    struct buf *problems);

/* The group of LMTP's sockets; -1 leaves it as it comes.  ST_IO: no such. */
enum status listener_group(const struct config *c, gid_t *out,
    struct buf *problems);

/* "listen.imap" */
const char *listener_setting(enum listen_kind k);

#endif
