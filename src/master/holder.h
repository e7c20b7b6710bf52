#ifndef MASTER_HOLDER_H
#define MASTER_HOLDER_H

#include <sys/socket.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * Who listens on a TCP port: "dovecot (process 123)", appended to out.
 * False if the system doesn't say; root is told of everybody's sockets.
 */
bool holder_find(uint16_t port, struct buf *out);

#endif
