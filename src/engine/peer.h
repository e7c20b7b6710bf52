#ifndef ENGINE_PEER_H
#define ENGINE_PEER_H

#include "base/buf.h"
#include "engine/fixture.h"
#include "engine/session.h"

/*
 * A session, and the client's end of its connection, for tests.  What waits
 * turns the loop.
 */
struct peer {
	struct fixture *f;
	struct session_config config;
	struct log log;
	struct session *session; /* NULL once it has ended */
	unsigned ends;
	int fd;
	struct buf got;
};

struct peer *peer_new(struct fixture *f, size_t output_limit);
/* Hangs up, and waits until nothing is in flight. */
void peer_free(struct peer **p);

void turn(struct peer *p);
/* Reads what there is, at most n bytes; false at the end. */
bool take(struct peer *p, size_t n);
bool has(const struct peer *p, const char *text);
/* Waits until the client has read this. */
void until(struct peer *p, const char *text);
void until_ended(struct peer *p);
/* What the connection takes at once. */
void say(struct peer *p, const char *text);
/* However much it is. */
void send_all(struct peer *p, struct span bytes);

#endif
