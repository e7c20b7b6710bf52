#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "config/value.h"

#define ADVICE \
	"must be ADDRESS:PORT, such as *:143, 192.0.2.1:143 or " \
	"[2001:db8::1]:143"

static void
set_ip4(struct config_address *out, struct in_addr ip, uint16_t port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = ip,
	};

	memcpy(&out->addr, &a, sizeof(a));
	out->len = sizeof(a);
}

static void
set_ip6(struct config_address *out, struct in6_addr ip, uint16_t port)
{
	struct sockaddr_in6 a = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = ip,
	};

	memcpy(&out->addr, &a, sizeof(a));
	out->len = sizeof(a);
}

static bool
unix_address(const char *text, const char *folder, struct arena *a,
    struct config_address *out, struct buf *why)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *path = value_path(folder, text, a);
	size_t n = strlen(path);

	if (n >= sizeof(un.sun_path)) {
		buf_printf(why, "is %s, must be a path of at most %zu bytes",
		    path, sizeof(un.sun_path) - 1);
		return false;
	}
	memcpy(un.sun_path, path, n + 1);
	memcpy(&out->addr, &un, sizeof(un));
	out->len = sizeof(un);
	return true;
}

/* Both families, the second one only where the machine has it. */
static void
both(struct config_address out[2], bool any, uint16_t port)
{
	struct in_addr ip4 = { htonl(any ? INADDR_ANY : INADDR_LOOPBACK) };

	set_ip4(&out[0], ip4, port);
	set_ip6(&out[1], any ? in6addr_any : in6addr_loopback, port);
	out[1].optional = true;
}

/* How many addresses it is; 0 if it is none. */
static size_t
ip_address(struct span host, uint16_t port, struct config_address out[2])
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ip6;
	struct in_addr ip4;
	bool any = span_eq(host, SPAN("*"));
	bool brackets;

	if (any || span_eq_nocase(host, SPAN("localhost"))) {
		both(out, any, port);
		return 2;
	}
	brackets = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	if (brackets)
		host = span_of(host.p + 1, host.n - 2);
	if (host.n >= sizeof(text))
		return 0;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	if (!brackets && inet_pton(AF_INET, text, &ip4) == 1)
		set_ip4(&out[0], ip4, port);
	else if (brackets && inet_pton(AF_INET6, text, &ip6) == 1)
		set_ip6(&out[0], ip6, port);
	else
		return 0;
	return 1;
}

static const char *
address_text(const struct config_address *c, struct arena *a)
{
	struct sockaddr_in6 ip6;
	struct sockaddr_in ip4;
	struct sockaddr_un un;
	char text[INET6_ADDRSTRLEN] = "";

	if (c->addr.ss_family == AF_UNIX) {
		memcpy(&un, &c->addr, sizeof(un));
		return arena_str(a, span_str(un.sun_path));
	}
	if (c->addr.ss_family == AF_INET) {
		memcpy(&ip4, &c->addr, sizeof(ip4));
		inet_ntop(AF_INET, &ip4.sin_addr, text, sizeof(text));
		return (const char *)arena_printf(a, "%s:%u", text,
		    ntohs(ip4.sin_port))
		    .p;
	}
	memcpy(&ip6, &c->addr, sizeof(ip6));
	inet_ntop(AF_INET6, &ip6.sin6_addr, text, sizeof(text));
	return (
	    const char *)arena_printf(a, "[%s]:%u", text, ntohs(ip6.sin6_port))
	    .p;
}

static size_t
tcp_address(const char *text, struct config_address out[2], struct buf *why)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;
	size_t n;

	if (colon == NULL) {
		buf_printf(why, "is \"%s\", %s", text, ADVICE);
		return 0;
	}
	if (!span_u64(span_str(colon + 1), UINT16_MAX, &port) || port == 0) {
		buf_printf(why, "is \"%s\", its port must be 1 to 65535", text);
		return 0;
	}
	n = ip_address(span_of(text, (size_t)(colon - text)), (uint16_t)port,
	    out);
	if (n == 0)
		buf_printf(why, "is \"%s\", %s", text, ADVICE);
	return n;
}

size_t
value_address(const struct setting *s, const char *text, const char *folder,
    struct arena *a, struct config_address out[2], struct buf *why)
{
	size_t n = 1;

	memset(out, 0, 2 * sizeof(*out));
	if (!s->unix_too || strchr(text, '/') == NULL)
		n = tcp_address(text, out, why);
	else if (!unix_address(text, folder, a, &out[0], why))
		return 0;
	for (size_t i = 0; i < n; i++)
		out[i].text = address_text(&out[i], a);
	return n;
}
