#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include "base/defs.h"

/*
 * Reads the settings, binds the ports, starts the other processes and starts
 * again those that die.  Parses nothing that comes from the network.
 *
 * SIGTERM, SIGINT  All are told to finish; those that don't within 20
 *                  seconds, or at once at a second signal, are killed.
 * SIGHUP           The settings file and the certificates are read again; if
 *                  anything is wrong with them the old ones stay.
 *
 * A process that ends before all were ready once ends the master too: then
 * something is wrong that no restart will heal.
 */

/* file is absolute.  The exit code: 0 after a signal, else 1. */
int master_run(const char *file);

#endif
