#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "io/stream_private.h"

/* Output above this is written before the end of the turn. */
#define WRITE_AT 65536

static void
watch(struct stream *s)
{
	uint32_t events = 0;

	if (stream_may_read(s))
		events |= EPOLLIN | EPOLLRDHUP;
	if (s->blocked && !s->dead)
		events |= EPOLLOUT;
	loop_watch(s->loop, &s->watch, events);
}

/* Writes all of wire; ST_AGAIN if the peer takes no more. */
static enum status
write_wire(struct stream *s)
{
	ssize_t n;

	while (s->wire_sent < s->wire.n) {
		n = send(s->fd, s->wire.p + s->wire_sent,
		    s->wire.n - s->wire_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return ST_AGAIN;
		if (n == -1) {
			s->dead = true;
			return ST_IO;
		}
		s->wire_sent += (size_t)n;
		s->progress_ms = loop_now_ms(s->loop);
	}
	s->wire_sent = 0;
	loop_give_buf(s->loop, &s->wire);
	return ST_OK;
}

/* Moves output to the wire, which is empty; ST_AGAIN if it must wait. */
static enum status
encode(struct stream *s)
{
	struct buf done;
	enum status st;

	if (s->codec == NULL) {
		done = s->wire;
		s->wire = s->out;
		s->out = done;
		return ST_OK;
	}
	if (s->wire.p == NULL)
		s->wire = loop_take_buf(s->loop);
	st = s->codec->ops->encode(s->codec, buf_span(&s->out), &s->wire);
	if (st == ST_BAD)
		s->broken = true;
	if (st != ST_AGAIN)
		loop_give_buf(s->loop, &s->out);
	return st == ST_AGAIN ? ST_AGAIN : ST_OK;
}

/* The codec's own end goes with the last of the output. */
static void
say_end(struct stream *s)
{
	if (!s->said_end && s->codec != NULL)
		s->codec->ops->finish(s->codec, &s->wire);
	s->said_end = true;
}

static enum status
write_all(struct stream *s)
{
	enum status st = ST_OK;

	/* What the codec had to answer goes with the output, in one write. */
	if (s->codec != NULL && s->wire.n > 0 && s->out.n > 0 && !s->blocked)
		(void)encode(s);
	while (st == ST_OK &&
	       (stream_waiting(s) > 0 || (s->shut && !s->said_end))) {
		st = write_wire(s);
		if (st == ST_OK && s->out.n > 0)
			st = encode(s);
		if (st == ST_OK && s->shut && s->out.n == 0)
			say_end(s);
		if (st == ST_AGAIN && s->wire.n == s->wire_sent)
			return ST_OK; /* a handshake must come first */
	}
	return st;
}

/* What the kernel has of the output that the peer has not taken. */
static int
queued(const struct stream *s)
{
	int n;

	return ioctl(s->fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

/* Everything that can go; ST_AGAIN if some of it must wait. */
static enum status
flush(struct stream *s)
{
	bool was_blocked = s->blocked;
	enum status st = ST_IO;

	if (!s->dead)
		st = write_all(s);
	s->blocked = st == ST_AGAIN;
	if (s->blocked && !was_blocked) {
		s->progress_ms = loop_now_ms(s->loop);
		s->queued = queued(s);
	}
	if (s->blocked)
		s->wants_room = true;
	if (s->dead) {
		s->wire_sent = 0;
		buf_clear(&s->wire);
		buf_clear(&s->out);
		return ST_IO;
	}
	return stream_waiting(s) > 0 ? ST_AGAIN : ST_OK;
}

/* At the end of a turn, as one that is to be closed needs no call for it. */
static void
shut_down(struct stream *s)
{
	if (s->shut && !s->shut_done)
		s->shut_done = shutdown(s->fd, SHUT_WR) == 0;
}

void
stream_schedule(struct stream *s)
{
	if (!s->freed)
		loop_last(s->loop, &s->turn);
}

static void
tell_room(struct stream *s)
{
	if (!s->wants_room || s->dead || stream_waiting(s) > 0)
		return;
	s->wants_room = false;
	if (s->ops->room != NULL)
		s->ops->room(s->ctx);
}

static void
tell_end(struct stream *s)
{
	if (s->broken)
		s->dead = true;
	if (s->dead && !s->told_dead) {
		s->told_dead = true;
		s->ops->end(s->ctx, s->broken ? STREAM_BROKEN : STREAM_GONE);
	} else if (s->eof && !s->told_eof && !s->paused && !s->offer &&
		   s->more.next == NULL) {
		s->told_eof = true;
		s->ops->end(s->ctx, STREAM_EOF);
	}
}

/* What is left to do before the loop waits. */
static void
turn(void *arg)
{
	struct stream *s = arg;

	if (s->offer && !s->paused)
		stream_offer(s);
	if (!s->freed && flush(s) == ST_OK)
		shut_down(s);
	if (!s->freed)
		tell_room(s);
	if (!s->freed)
		tell_end(s);
	if (s->freed)
		return;
	watch(s);
}

/* The next part of much input. */
static void
more(void *arg)
{
	stream_offer(arg);
}

/*
 * An error is found by reading too.  If the peer has said its last, the end of
 * file is read in the same turn: so what follows from both is written at once.
 */
static void
on_ready(void *arg, uint32_t events)
{
	struct stream *s = arg;

	if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
		stream_receive(s);
	if ((events & EPOLLRDHUP) != 0 && !s->freed)
		stream_receive(s);
	stream_schedule(s);
}

struct stream *
stream_new(struct loop *l, int fd, const struct stream_ops *ops, void *ctx)
{
	struct stream *s = MEM_NEW(struct stream);

	s->loop = l;
	s->fd = fd;
	s->ops = ops;
	s->ctx = ctx;
	s->limit = LIMIT_OUTPUT;
	s->turn = (struct loop_task){ .fn = turn, .arg = s };
	s->more = (struct loop_task){ .fn = more, .arg = s };
	s->watch = (struct loop_watch){ .fn = on_ready, .arg = s, .fd = fd };
	watch(s);
	return s;
}

/* What a callback on the way up the stack may still look at goes last. */
static void
end(void *arg)
{
	struct stream *s = arg;

	if (s->codec != NULL)
		s->codec->ops->free(s->codec);
	buf_clear(&s->in);
	buf_clear(&s->plain);
	buf_clear(&s->out);
	buf_clear(&s->wire);
	mem_free(&s);
}

static void
release(struct stream *s)
{
	s->freed = true;
	loop_cancel(&s->turn);
	loop_cancel(&s->more);
	loop_watch(s->loop, &s->watch, 0);
	s->turn.fn = end;
	loop_last(s->loop, &s->turn);
}

/*
 * Closing with unread input would make TCP reset the connection, and the
 * peer might lose the last that we said.
 */
static void
drain(int fd)
{
	unsigned char nowhere[4096];

	for (int i = 0; i < 4; i++)
		if (recv(fd, nowhere, sizeof(nowhere), MSG_DONTWAIT) <= 0)
			return;
}

void
stream_free(struct stream **s)
{
	struct stream *gone = TAKE(*s);

	if (gone == NULL)
		return;
	gone->shut = true;
	gone->shut_done = true; /* by close() */
	if (!gone->dead)
		(void)flush(gone);
	if (!gone->dead && !gone->eof)
		drain(gone->fd);
	release(gone);
	(void)close(gone->fd);
}

void
stream_set_ops(struct stream *s, const struct stream_ops *ops, void *ctx)
{
	s->ops = ops;
	s->ctx = ctx;
	s->told_eof = false;
	s->offer = true;
	stream_schedule(s);
}

void
stream_preload(struct stream *s, struct span in)
{
	assert(!s->offering);
	buf_add(&s->in, in);
	s->offer = true;
	stream_schedule(s);
}

void
stream_pause(struct stream *s)
{
	s->paused = true;
}

void
stream_resume(struct stream *s)
{
	s->paused = false;
	s->stuck = false;
	s->offer = true;
	stream_schedule(s);
}

struct buf *
stream_out(struct stream *s)
{
	if (s->out.p == NULL)
		s->out = loop_take_buf(s->loop);
	stream_schedule(s);
	return &s->out;
}

bool
stream_room(struct stream *s)
{
	if (!s->blocked && stream_waiting(s) >= WRITE_AT)
		(void)flush(s);
	if (!s->dead && stream_waiting(s) < s->limit)
		return true;
	s->wants_room = true;
	stream_schedule(s);
	return false;
}

void
stream_set_limit(struct stream *s, size_t limit)
{
	s->limit = limit;
}

enum status
stream_flush(struct stream *s)
{
	stream_schedule(s);
	return flush(s);
}

size_t
stream_waiting(const struct stream *s)
{
	return s->out.n + s->wire.n - s->wire_sent;
}

int64_t
stream_stalled_ms(struct stream *s, int64_t now_ms)
{
	int now;

	if (!s->blocked)
		return 0;
	/* The kernel says that there is room only when there is much of it,
	   which a slow peer may need long for. */
	now = queued(s);
	if (now != s->queued)
		s->progress_ms = now_ms;
	s->queued = now;
	return now_ms - s->progress_ms;
}

void
stream_shutdown(struct stream *s)
{
	s->shut = true;
	stream_schedule(s);
}

enum status
stream_detach(struct stream **s, struct buf *unread, int *out_fd)
{
	struct stream *gone = *s;
	enum status st;

	assert(!gone->offering && gone->codec == NULL);
	st = flush(gone);
	if (st != ST_OK)
		return st;
	buf_add(unread, buf_span(&gone->in));
	*out_fd = gone->fd;
	*s = NULL;
	release(gone);
	return ST_OK;
}

/* The output so far goes as it is. */
static void
start_codec(struct stream *s, struct codec *c)
{
	assert(s->codec == NULL);
	if (s->wire.n == 0)
		(void)encode(s);
	buf_add(&s->wire, buf_span(&s->out));
	buf_clear(&s->out);
	s->codec = c;
	s->offer = true;
	stream_schedule(s);
}

void
stream_start_deflate(struct stream *s)
{
	start_codec(s, codec_deflate_new());
}

void
stream_start_tls(struct stream *s, struct tls_context *c,
    void (*secured)(void *ctx))
{
	if (s->offering)
		s->discard = true;
	else
		buf_clear(&s->in);
	s->secured = secured;
	start_codec(s, codec_tls_new(c));
}

bool
stream_tls_facts(const struct stream *s, struct tls_facts *out)
{
	return s->codec != NULL && codec_tls_facts(s->codec, out);
}

bool
stream_tls_binding(const struct stream *s, enum tls_binding type,
    struct buf *out)
{
	return s->codec != NULL && codec_tls_binding(s->codec, type, out);
}

bool
stream_tls_identity(const struct stream *s, struct buf *out)
{
	return s->codec != NULL && codec_tls_identity(s->codec, out);
}

const char *
stream_why(const struct stream *s)
{
	return s->codec != NULL && s->codec->why != NULL ? s->codec->why : "";
}

size_t
stream_memory(const struct stream *s)
{
	return sizeof(*s) + s->in.cap + s->plain.cap + s->out.cap + s->wire.cap;
}
