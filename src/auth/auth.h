#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "config/config.h"
#include "directory/directory.h"
#include "service/message.h"

/*
 * What the auth process does: says who may log in, and to mail, who that is.
 * It gets messages (service/msg_login.h) and sends messages; how they travel
 * is main.c's business.
 *
 * Ownership  Borrows the loop, and the config until auth_settings().
 * Threads    One, that of the loop; the passwords are hashed on others.
 */
struct auth;
struct loop;

/* peer is what auth_peer_up() was given. */
typedef void auth_send_fn(void *ctx, void *peer, const struct message *m);

struct auth_options {
	struct loop *loop;
	const struct config *config;
	auth_send_fn *send;
	void *ctx;
};

/* See directory_open(). */
enum status auth_new(const struct auth_options *o, struct auth **out);

/* Waits for what the threads have begun; nothing is sent any more. */
void auth_free(struct auth **a);

/* All but auth.threads is taken over. */
void auth_settings(struct auth *a, const struct config *c);

/* Gates and mail, as they come and go.  A peer is whatever names it. */
void auth_peer_up(struct auth *a, enum role role, void *peer);
void auth_peer_down(struct auth *a, void *peer);

/* False if it makes no sense: the peer is to be cut off. */
bool auth_message(struct auth *a, void *peer, const struct message *m);

#endif
