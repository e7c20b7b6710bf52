#ifndef CLI_INSTANCE_H
#define CLI_INSTANCE_H

#include "cli/command.h"
#include "master/settings.h"

/*
 * The instance that a command is about.
 *
 * Started by root, a command touches the files of a process as that
 * process's user, so that they stay usable for it.
 */

/* The absolute name of the settings file; the caller's to free. */
char *instance_file(const struct args *a);

/* Without certificates.  What is wrong has been said. */
enum status instance_load(const struct args *a, struct settings **out);

/* Calls fn while we are that user, and gives its result; ST_IO if we can't. */
enum status instance_as(const struct config *c, enum role role,
    enum status (*fn)(const struct config *c, void *ctx), void *ctx);

/* Whether a server runs on it: someone listens on its control socket. */
bool instance_runs(const struct config *c);

#endif
