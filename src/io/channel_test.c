#include "base/test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/channel.h"
#include "io/loop.h"

/* What one end has seen. */
struct seen {
	struct channel *c;
	unsigned messages;
	size_t bytes;
	uint8_t type;
	int fd;
	size_t fd_count;
	unsigned rooms;
	unsigned ends;
	enum status why;
	unsigned stop_after;
	bool refuse;
};

static struct loop *loop;
static struct seen left;
static int right; /* the other end, as a plain descriptor */

static bool
on_message(void *ctx, struct packet *p)
{
	struct seen *s = ctx;

	s->messages++;
	s->bytes += p->payload.n;
	s->type = p->type;
	s->fd_count = p->fd_count;
	if (p->fd_count > 0) {
		s->fd = p->fds[0];
		p->fds[0] = -1;
	}
	if (s->messages == s->stop_after)
		loop_stop(loop);
	return !s->refuse;
}

static void
on_room(void *ctx)
{
	struct seen *s = ctx;

	s->rooms++;
	loop_stop(loop);
}

static void
on_closed(void *ctx, enum status why)
{
	struct seen *s = ctx;

	s->ends++;
	s->why = why;
	channel_free(&s->c);
	loop_stop(loop);
}

static const struct channel_ops ops = { on_message, on_room, on_closed };

static int
setup(void **state)
{
	int fds[2];

	(void)state;
	loop = loop_new();
	assert_ok(packet_pair(fds));
	left = (struct seen){ .fd = -1 };
	left.c = channel_new(loop, fds[0], &ops, &left);
	right = fds[1];
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	channel_free(&left.c);
	if (right != -1)
		(void)close(right);
	if (left.fd != -1)
		(void)close(left.fd);
	loop_free(&loop);
	return 0;
}

static void
messages_keep_their_bounds_and_order(void **state)
{
	(void)state;
	assert_ok(packet_send(right, 7, SPAN("abc"), NULL, 0));
	assert_ok(packet_send(right, 255, SPAN(""), NULL, 0));
	left.stop_after = 2;
	loop_run(loop);
	assert_int_equal(left.messages, 2);
	assert_int_equal(left.bytes, 3);
	assert_int_equal(left.type, 255);
}

static void
a_descriptor_rides_along_and_is_close_on_exec(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_ok(packet_send(right, 1, SPAN("x"), &fds[1], 1));
	(void)close(fds[1]);
	left.stop_after = 1;
	loop_run(loop);
	assert_int_not_equal(left.fd, -1);
	assert_true((fcntl(left.fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(write(left.fd, "!", 1), 1);
	(void)close(fds[0]);
}

static void
the_largest_packet_and_the_largest_file_pass(void **state)
{
	static const size_t sizes[] = { LIMIT_PACKET, LIMIT_PACKET + 1,
		LIMIT_PACKET_FILE };
	static unsigned char big[LIMIT_PACKET_FILE];
	int fds[] = { 0, 1, 2 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		left.bytes = 0;
		left.stop_after = (unsigned)i + 1;
		assert_ok(packet_send(right, 9, span_of(big, sizes[i]), fds,
		    COUNT(fds)));
		loop_run(loop);
		assert_int_equal(left.bytes, sizes[i]);
		assert_int_equal(left.type, 9);
		assert_int_equal(left.fd_count, 3);
		(void)close(left.fd);
		left.fd = -1;
	}
}

static int
memory_file(size_t size, int seals)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void
send_raw(struct span bytes, const int *fds, size_t n)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)(uintptr_t)bytes.p, bytes.n };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	if (n > 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_LEN(n * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
	}
	assert_int_equal(sendmsg(right, &m, 0), bytes.n);
}

/* Descriptors that are open, so that a leak is seen. */
static unsigned
open_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
check_broken(struct span bytes, const int *fds, size_t n)
{
	unsigned before = open_fds();

	send_raw(bytes, fds, n);
	loop_run(loop);
	assert_int_equal(left.why, ST_BAD);
	assert_int_equal(left.messages, 0);
	assert_int_equal(open_fds(), before - 1); /* the channel's own */
}

static void
a_packet_above_the_limit_breaks_the_channel(void **state)
{
	static unsigned char big[LIMIT_PACKET + 2];

	(void)state;
	memset(big, 1, sizeof(big));
	check_broken(span_of(big, sizeof(big)), NULL, 0);
}

static void
too_many_descriptors_break_the_channel(void **state)
{
	(void)state;
	check_broken(SPAN("x"), (const int[]){ 0, 0, 0, 0, 0 }, 5);
}

static void
a_file_packet_without_a_file_breaks_the_channel(void **state)
{
	(void)state;
	check_broken(SPAN("\0\1"), NULL, 0);
}

static void
a_file_that_may_change_breaks_the_channel(void **state)
{
	int fd = memory_file(10, 0);

	(void)state;
	check_broken(SPAN("\0\1"), &fd, 1);
	(void)close(fd);
}

static void
a_file_above_the_limit_breaks_the_channel(void **state)
{
	int fd =
	    memory_file(LIMIT_PACKET_FILE + 1, F_SEAL_SHRINK | F_SEAL_WRITE);

	(void)state;
	check_broken(SPAN("\0\1"), &fd, 1);
	(void)close(fd);
}

static void
what_is_no_memory_file_breaks_the_channel(void **state)
{
	(void)state;
	check_broken(SPAN("\0\1"), (const int[]){ 0 }, 1);
}

static void
the_death_of_the_peer_is_told_once(void **state)
{
	(void)state;
	(void)close(right);
	right = -1;
	assert_int_equal(channel_send(left.c, 1, SPAN("x"), NULL, 0), ST_IO);
	loop_run(loop);
	assert_int_equal(left.ends, 1);
	assert_int_equal(left.why, ST_NOTFOUND);
}

static void
what_the_owner_refuses_ends_the_channel(void **state)
{
	(void)state;
	left.refuse = true;
	assert_ok(packet_send(right, 1, SPAN("x"), NULL, 0));
	assert_ok(packet_send(right, 2, SPAN("y"), NULL, 0));
	loop_run(loop);
	assert_int_equal(left.messages, 1);
	assert_int_equal(left.why, ST_BAD);
}

/* Reads all that is there now; says how many messages. */
static unsigned
read_all(unsigned *next)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct packet p;
	unsigned n = 0;

	while (packet_receive(right, &b, &p) == ST_OK) {
		assert_int_equal(p.payload.p[0], *next % 251);
		*next += 1;
		n++;
	}
	return n;
}

static void
a_slow_peer_has_a_bounded_queue_and_loses_nothing(void **state)
{
	static unsigned char bytes[8192];
	unsigned sent = 0;
	unsigned got = 0;

	(void)state;
	assert_int_equal(fcntl(right, F_SETFL, O_NONBLOCK), 0);
	for (;; sent++) {
		bytes[0] = (unsigned char)(sent % 251);
		if (channel_send(left.c, 1, span_of(bytes, sizeof(bytes)), NULL,
			0) != ST_OK)
			break;
	}
	assert_in_range(channel_waiting(left.c), LIMIT_CHANNEL_QUEUE,
	    LIMIT_CHANNEL_QUEUE + sizeof(bytes));

	while (left.rooms == 0) {
		(void)read_all(&got);
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
	}
	(void)read_all(&got);
	assert_int_equal(got, sent);
	assert_int_equal(channel_waiting(left.c), 0);
	assert_ok(channel_send(left.c, 1, SPAN("x"), NULL, 0));
}

static void
an_empty_packet_is_the_end(void **state)
{
	(void)state;
	assert_int_equal(send(right, "", 0, 0), 0);
	loop_run(loop);
	assert_int_equal(left.why, ST_NOTFOUND);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(messages_keep_their_bounds_and_order),
		T(a_descriptor_rides_along_and_is_close_on_exec),
		T(the_largest_packet_and_the_largest_file_pass),
		T(a_packet_above_the_limit_breaks_the_channel),
		T(too_many_descriptors_break_the_channel),
		T(a_file_packet_without_a_file_breaks_the_channel),
		T(a_file_that_may_change_breaks_the_channel),
		T(a_file_above_the_limit_breaks_the_channel),
		T(what_is_no_memory_file_breaks_the_channel),
		T(the_death_of_the_peer_is_told_once),
		T(what_the_owner_refuses_ends_the_channel),
		T(a_slow_peer_has_a_bounded_queue_and_loses_nothing),
		T(an_empty_packet_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
