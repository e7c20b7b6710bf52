#ifndef AUTH_LOGIN_H
#define AUTH_LOGIN_H

#include "auth/state.h"

/*
 * What a gate asks, and what it is told.  A failure is counted when it is
 * found out, and told after its delay (auth/failures.h).
 *
 * These give false for what makes no sense.
 */
bool login_start(struct client *gate, const struct msg_auth_start *m);
bool login_step(struct client *gate, const struct msg_auth_step *m);
bool login_password(struct client *gate, const struct msg_auth_password *m);
bool login_abort(struct client *gate, const struct msg_auth_abort *m);

#endif
