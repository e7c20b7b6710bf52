#ifndef GATE_ADDRESS_H
#define GATE_ADDRESS_H

#include <sys/socket.h>

#include "base/span.h"

/* One end of a TCP connection; text is an IP address, borrowed from it. */
struct address {
	char text[46]; /* INET6_ADDRSTRLEN */
	uint16_t port;
};

/* An IPv4 address that is mapped into IPv6 is IPv4. */
void address_set(struct address *a, const struct sockaddr_storage *s);

static inline struct span
address_span(const struct address *a)
{
	return span_str(a->text);
}

#endif
