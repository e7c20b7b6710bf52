#include "mail/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/test.h"
#include "io/loop.h"

/* A socket that listens on loopback, at whatever port is free. */
static int
listen_somewhere(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*at);

	*at = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)at, sizeof(*at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &len), 0);
	return fd;
}

struct accepted {
	struct loop *loop;
	int fd;
};

static void
on_accepted(void *ctx, int fd, const struct sockaddr_storage *from)
{
	struct accepted *a = ctx;

	assert_int_equal(from->ss_family, AF_INET);
	a->fd = fd;
	loop_stop(a->loop);
}

static void
short_replies_do_not_wait_for_acknowledgements(void **state)
{
	struct accepted a = { loop_new(), -1 };
	struct sockaddr_in at;
	struct listener *l =
	    listener_new(a.loop, listen_somewhere(&at), on_accepted, &a);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(int);
	int on = 0;

	(void)state;
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof(at)),
	    0);
	loop_run(a.loop);
	assert_int_equal(getsockopt(a.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len),
	    0);
	assert_int_not_equal(on, 0);

	close(a.fd);
	close(client);
	listener_free(&l);
	loop_free(&a.loop);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    short_replies_do_not_wait_for_acknowledgements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
