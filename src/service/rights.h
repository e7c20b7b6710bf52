#ifndef SERVICE_RIGHTS_H
#define SERVICE_RIGHTS_H

#include "config/config.h"
#include "service/message.h"

/*
 * Gives up, for good, what a process of that role doesn't need; the table in
 * rights.c says what that is.
 *
 * Errors   ST_IO, logged: the process must not go on.
 */
enum status rights_drop(const struct config *c, enum role role);

#endif
