#ifndef MAIL_CONTROL_H
#define MAIL_CONTROL_H

#include "base/status.h"

/*
 * The mail process's side of the control socket, for the command line
 * (control_frame.h says what is spoken).
 *
 * Only root and the user that the process runs as are let in.  A connection
 * is about one account, and lives on the worker of that account.
 */
struct config;
struct worker;

/* A connection that was accepted; fd is taken over.  On the worker's thread. */
void control_start(struct worker *w, int fd);

/*
 * Where no server runs: opens the store, serves one connection to its end,
 * and closes it.  fd is taken over.  What store_open() says; ST_DENIED:
 * another process has the store.
 */
enum status control_offline(const struct config *c, int fd);

#endif
