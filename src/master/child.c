#include "master/child.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/channel.h"
#include "io/loop.h"
#include "io/packet.h"

#define CHILD_FD 3

/* A running process; outlives its child's next start until it is closed. */
struct process {
	uv_process_t handle; /* first: it is cast */
	struct child *child;
};

static void
on_closed(uv_handle_t *h)
{
	struct process *p = (struct process *)h;

	mem_free(&p);
}

static void
log_end(const struct child *c, int pid, int64_t code, int signal)
{
	const char *name = signal != 0 ? sigabbrev_np(signal) : NULL;
	bool in_order = c->told_to_stop && code == 0 && signal == 0;
	enum log_level level = in_order ? LEVEL_DEBUG : LEVEL_ERROR;

	if (signal != 0)
		log_event(NULL, level, "master.process.ended",
		    LF_STR("name", c->name), LF_U64("pid", (uint64_t)pid),
		    LF_STR("signal", name != NULL ? name : "?"));
	else
		log_event(NULL, level, "master.process.ended",
		    LF_STR("name", c->name), LF_U64("pid", (uint64_t)pid),
		    LF_U64("code", (uint64_t)code));
}

static void
on_timer(uv_timer_t *t)
{
	struct child *c = t->data;

	if (child_start(c) != ST_OK) {
		c->state = CHILD_WAITING;
		uv_timer_start(t, on_timer, BACKOFF_MAX_MS, 0);
	}
}

static void
start_again(struct child *c, int signal)
{
	int64_t wait_ms;

	wait_ms = backoff_wait(&c->backoff, clock_now_ms() - c->started_ms,
	    signal == SIGKILL);
	log_event(NULL, LEVEL_INFO, "master.process.delayed",
	    LF_STR("name", c->name), LF_U64("wait_ms", (uint64_t)wait_ms));
	c->state = CHILD_WAITING;
	uv_timer_start(&c->timer, on_timer, (uint64_t)wait_ms, 0);
}

static void
on_exit(uv_process_t *handle, int64_t code, int signal)
{
	struct process *p = (struct process *)handle;
	struct child *c = p->child;
	int pid = handle->pid;

	c->process = NULL;
	c->state = CHILD_DOWN;
	channel_free(&c->channel);
	uv_close((uv_handle_t *)handle, on_closed);
	log_end(c, pid, code, signal);
	if (c->ops->ended(c->ctx, c))
		start_again(c, signal);
}

static bool
on_message(void *ctx, struct packet *packet)
{
	struct child *c = ctx;
	struct message m;
	const char *why;

	if (message_decode(c->role, ROLE_MASTER, packet, &m, &why) != ST_OK) {
		log_event(NULL, LEVEL_ERROR, "master.message.refused",
		    LF_STR("name", c->name), LF_STR("reason", why));
		return false;
	}
	if (c->state == CHILD_STARTING) {
		c->state = CHILD_READY;
		c->ops->ready(c->ctx, c);
	}
	return true;
}

/* A process that can't be told anything any more must not live on. */
static void
on_end(void *ctx, enum status why)
{
	struct child *c = ctx;

	channel_free(&c->channel);
	if (why == ST_BAD)
		child_kill(c);
}

static const struct channel_ops channel_ops = {
	.message = on_message,
	.closed = on_end,
};

void
child_init(struct child *c, struct loop *l, enum role role, uint32_t index,
    const struct child_ops *ops, void *ctx)
{
	c->role = role;
	c->index = index;
	c->loop = l;
	c->ops = ops;
	c->ctx = ctx;
	if (role == ROLE_GATE)
		snprintf(c->name, sizeof(c->name), "gate.%u", index);
	else
		snprintf(c->name, sizeof(c->name), "%s", role_name(role));
	uv_timer_init(loop_uv(l), &c->timer);
	c->timer.data = c;
}

/* fd becomes the process's descriptor CHILD_FD. */
static int
spawn(struct child *c, int fd)
{
	char program[] = "newel";
	char verb[] = "process";
	char role[16];
	char index[16];
	char *args[] = { program, verb, role, index, NULL };
	uv_stdio_container_t files[CHILD_FD + 1] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_INHERIT_FD, .data.fd = STDOUT_FILENO },
		{ .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO },
		{ .flags = UV_INHERIT_FD, .data.fd = fd },
	};
	uv_process_options_t options = { .file = "/proc/self/exe",
		.args = args,
		.exit_cb = on_exit,
		.stdio = files,
		.stdio_count = COUNT(files) };
	int error;

	snprintf(role, sizeof(role), "%s", role_name(c->role));
	snprintf(index, sizeof(index), "%u", c->index);
	c->process = MEM_NEW(struct process);
	c->process->child = c;
	error = uv_spawn(loop_uv(c->loop), &c->process->handle, &options);
	if (error != 0) {
		uv_close((uv_handle_t *)&c->process->handle, on_closed);
		c->process = NULL;
	}
	return error;
}

enum status
child_start(struct child *c)
{
	enum status st;
	int error;
	int fds[2];

	st = packet_pair(fds);
	if (st != ST_OK)
		return st;
	error = spawn(c, fds[1]);
	close(fds[1]);
	if (error != 0) {
		close(fds[0]);
		log_event(NULL, LEVEL_ERROR, "master.process.failed",
		    LF_STR("name", c->name),
		    LF_STR("reason", uv_strerror(error)));
		return ST_IO;
	}
	c->started_ms = clock_now_ms();
	c->told_to_stop = false;
	c->state = CHILD_STARTING;
	c->channel = channel_new(c->loop, fds[0], &channel_ops, c);
	c->ops->started(c->ctx, c);
	return ST_OK;
}

void
child_stop(struct child *c)
{
	const struct message m = { .type = MSG_STOP };

	c->told_to_stop = true;
	if (c->state == CHILD_WAITING) {
		uv_timer_stop(&c->timer);
		c->state = CHILD_DOWN;
	}
	child_send(c, &m, -1);
}

void
child_kill(struct child *c)
{
	if (c->process != NULL)
		uv_process_kill(&c->process->handle, SIGKILL);
}

void
child_close(struct child *c)
{
	uv_close((uv_handle_t *)&c->timer, NULL);
}

void
child_send(struct child *c, const struct message *m, int fd)
{
	CLEANUP(buf_clear) struct buf out = { 0 };
	enum status st;

	if (c->channel == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	st = message_encode(m, &out);
	if (st == ST_OK)
		st = channel_send(c->channel, (uint8_t)m->type, buf_span(&out),
		    &fd, fd != -1 ? 1 : 0);
	else if (fd != -1)
		close(fd);
	/* ST_IO: on_end() or on_exit() is called */
	if (st == ST_LIMIT)
		log_event(NULL, LEVEL_ERROR, "master.message.dropped",
		    LF_STR("name", c->name),
		    LF_STR("message", message_name(m->type)));
}
