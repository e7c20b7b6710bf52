#include "gate/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

void
address_set(struct address *a, const struct sockaddr_storage *s)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	*a = (struct address){ .text = "unknown" };
	if (s->ss_family == AF_INET) {
		memcpy(&v4, s, sizeof(v4));
		(void)inet_ntop(AF_INET, &v4.sin_addr, a->text,
		    sizeof(a->text));
		a->port = ntohs(v4.sin_port);
	} else if (s->ss_family == AF_INET6) {
		memcpy(&v6, s, sizeof(v6));
		if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
			(void)inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12],
			    a->text, sizeof(a->text));
		else
			(void)inet_ntop(AF_INET6, &v6.sin6_addr, a->text,
			    sizeof(a->text));
		a->port = ntohs(v6.sin6_port);
	}
}
