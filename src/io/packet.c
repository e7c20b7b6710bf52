#include "io/packet.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Several of the largest packets; the kernel cuts it down to its maximum. */
#define SEND_BUFFER (8 * LIMIT_PACKET)

/* The type of a packet whose payload is in a file: it holds the real type. */
#define TYPE_FILE 0

#define CONTROL_LEN CMSG_LEN(LIMIT_PACKET_FDS * sizeof(int))

union control {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(LIMIT_PACKET_FDS * sizeof(int))];
};

static void
close_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

enum status
packet_pair(int out_fds[2])
{
	const int size = SEND_BUFFER;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		log_event(NULL, LEVEL_ERROR, "channel.open.failed",
		    LF_STR("reason", strerror(errno)));
		return ST_IO;
	}
	for (int i = 0; i < 2; i++) {
		(void)setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
		out_fds[i] = fds[i];
	}
	return ST_OK;
}

static enum status
failure(const char *event)
{
	switch (errno) {
	case EAGAIN:
		return ST_AGAIN;
	case EPIPE:
	case ECONNRESET:
	case ENOTCONN:
		return ST_NOTFOUND;
	default:
		log_event(NULL, LEVEL_ERROR, event,
		    LF_STR("reason", strerror(errno)));
		return ST_IO;
	}
}

static enum status
send_parts(int fd, struct span head, struct span payload, const int *fds,
    size_t fd_count)
{
	union control control = { 0 };
	struct iovec parts[] = {
		{ (void *)(uintptr_t)head.p, head.n },
		{ (void *)(uintptr_t)payload.p, payload.n },
	};
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = COUNT(parts) };
	ssize_t n;

	if (fd_count > 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_LEN(fd_count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = m.msg_controllen;
		memcpy(CMSG_DATA(&control.header), fds, fd_count * sizeof(int));
	}
	do
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? failure("channel.send.failed") : ST_OK;
}

/* Nothing can change it any more then. */
static enum status
fill_file(int fd, struct span s)
{
	ssize_t n;

	while (s.n > 0) {
		n = write(fd, s.p, s.n);
		if (n == -1)
			return failure("channel.file.failed");
		s = span_from(s, (size_t)n);
	}
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
		return failure("channel.file.failed");
	return ST_OK;
}

static enum status
send_file(int fd, uint8_t type, struct span payload, const int *fds,
    size_t fd_count)
{
	const uint8_t head[] = { TYPE_FILE, type };
	CLEANUP(close_fd) int file = -1;
	int all[LIMIT_PACKET_FDS];
	enum status st;

	file = memfd_create("packet", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file == -1)
		return failure("channel.file.failed");
	st = fill_file(file, payload);
	if (st != ST_OK)
		return st;
	all[0] = file;
	for (size_t i = 0; i < fd_count; i++)
		all[i + 1] = fds[i];
	return send_parts(fd, span_of(head, sizeof(head)), (struct span){ 0 },
	    all, fd_count + 1);
}

enum status
packet_send(int fd, uint8_t type, struct span payload, const int *fds,
    size_t fd_count)
{
	assert(type != TYPE_FILE && payload.n <= LIMIT_PACKET_FILE);
	assert(fd_count < LIMIT_PACKET_FDS);
	if (payload.n > LIMIT_PACKET)
		return send_file(fd, type, payload, fds, fd_count);
	return send_parts(fd, span_of(&type, 1), payload, fds, fd_count);
}

void
packet_close_fds(struct packet *p)
{
	for (size_t i = 0; i < p->fd_count; i++)
		close_fd(&p->fds[i]);
	p->fd_count = 0;
}

static void
take_fds(struct msghdr *m, struct packet *out)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return;
	out->fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(out->fds, CMSG_DATA(c), out->fd_count * sizeof(int));
}

/* One packet as it is; out has no payload yet, b holds all of it. */
static enum status
receive_parts(int fd, struct buf *b, struct packet *out)
{
	union control control = { 0 };
	struct iovec part = { .iov_len = LIMIT_PACKET + 1 };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CONTROL_LEN };
	ssize_t n;

	buf_reset(b);
	part.iov_base = buf_room(b, LIMIT_PACKET + 1);
	do
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return failure("channel.receive.failed");

	take_fds(&m, out);
	/* An empty packet looks like the end, and nobody sends one. */
	if (n == 0)
		return ST_NOTFOUND;
	buf_added(b, (size_t)n);
	return (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 ? ST_OK : ST_BAD;
}

/* Whether nothing can change fd any more: so it is a memory file too. */
static bool
is_sealed(int fd)
{
	const int want = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals != -1 && (seals & want) == want;
}

/* The first descriptor is the file. */
static enum status
receive_file(struct buf *b, struct packet *out)
{
	struct stat meta;
	size_t size;
	ssize_t n;

	if (b->n != 2 || b->p[1] == TYPE_FILE || out->fd_count == 0 ||
	    !is_sealed(out->fds[0]) || fstat(out->fds[0], &meta) != 0 ||
	    meta.st_size > LIMIT_PACKET_FILE)
		return ST_BAD;

	out->type = b->p[1];
	buf_reset(b);
	size = (size_t)meta.st_size;
	while (b->n < size) {
		n = pread(out->fds[0], buf_room(b, size - b->n), size - b->n,
		    (off_t)b->n);
		if (n <= 0)
			return n == 0 ? ST_BAD : failure("channel.file.failed");
		buf_added(b, (size_t)n);
	}
	out->payload = buf_span(b);
	close_fd(&out->fds[0]);
	out->fd_count--;
	memmove(out->fds, out->fds + 1, out->fd_count * sizeof(int));
	return ST_OK;
}

enum status
packet_receive(int fd, struct buf *b, struct packet *out)
{
	struct packet got = { 0 };
	enum status st;

	st = receive_parts(fd, b, &got);
	if (st == ST_OK && b->p[0] == TYPE_FILE) {
		st = receive_file(b, &got);
	} else if (st == ST_OK) {
		got.type = b->p[0];
		got.payload = span_from(buf_span(b), 1);
	}
	if (st != ST_OK) {
		packet_close_fds(&got);
		return st;
	}
	*out = got;
	return ST_OK;
}
