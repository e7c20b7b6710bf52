#ifndef AUTH_STATE_H
#define AUTH_STATE_H

#include <uv.h>

#include "auth/auth.h"
#include "auth/failures.h"
#include "auth/known.h"
#include "auth/mech.h"
#include "auth/remember.h"
#include "auth/seen.h"
#include "auth/table.h"
#include "auth/tickets.h"
#include "auth/workers.h"

/* What the source files of auth share. */
struct auth {
	struct auth_options o;
	struct directory *directory; /* of the loop's thread */
	struct known *known;
	struct workers *workers;
	struct seen *seen;
	struct mech_context *mechs;
	struct tickets *tickets;
	struct remember *remember;
	struct failures *failures;
	uv_timer_t *timer;
	unsigned ticks;
	uint64_t changes;   /* that the directory told of */
	struct buf limited; /* accounts (uint64_t) whose limits have changed,
	                       until mail was told */
	struct client *clients;
};

/* A gate, or mail. */
struct client {
	struct auth *auth;
	void *peer;
	enum role role;
	struct client *next;
	struct table *ids; /* of a gate's exchanges, to struct exchange * */
	struct exchange *exchanges;
	size_t exchange_count;
};

/* Hears what was changed since the last time. */
enum status auth_poll(struct auth *a);

#endif
