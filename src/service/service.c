#include "service/service.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/channel.h"
#include "io/loop.h"
#include "io/packet.h"
#include "service/counters.h"
#include "service/rights.h"

#define MASTER_FD 3

#define TRIM_MS 30000

struct peer {
	struct service *service;
	enum role role;
	uint32_t index;
	struct channel *channel;
};

struct service {
	enum role role;
	char name[16]; /* "gate.0", for the log */
	struct loop *loop;
	struct channel *master;
	uv_timer_t trim;
	const struct config *config;
	struct counters *counters;
	struct peer *peers[ROLE_COUNT][LIMIT_GATES];
	struct buf out; /* of the message that is being sent */

	struct buf first; /* the packet that holds the first SETTINGS */
	struct message settings;

	const struct service_ops *ops;
	void *ctx;
	bool stopping;
};

/* Starting */

static NORETURN void
refuse(const char *event, const char *why)
{
	log_event(NULL, LEVEL_ERROR, event, LF_STR("reason", why));
	exit(EX_PROTOCOL);
}

/* The next message of the master, which must be of that type. */
static void
must_receive(const struct service *s, enum message_type type, struct buf *b,
    struct packet *p, struct message *out)
{
	const char *why = "";

	if (packet_receive(MASTER_FD, b, p) != ST_OK)
		refuse("service.start.failed", "the master is gone");
	if (message_decode(ROLE_MASTER, s->role, p, out, &why) != ST_OK)
		refuse("service.start.failed", why);
	if (out->type != type)
		refuse("service.start.failed", "another message was due");
}

static struct span
first_line(const struct buf *b)
{
	return span_head(buf_span(b), span_find(buf_span(b), '\n'));
}

static bool
take_settings(struct service *s, const struct msg_settings *m)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	const struct config *c = NULL;
	char file[LIMIT_PATH + 1];

	snprintf(file, sizeof(file), "%.*s", SPAN_ARG(m->file));
	if (config_parse(m->text, file, &c, &problems) != ST_OK) {
		/* the master has read the same text without problems */
		log_event(NULL, LEVEL_ERROR, "service.settings.refused",
		    LF_SPAN("reason", first_line(&problems)));
		return false;
	}
	config_unref(&s->config);
	s->config = c;
	log_set_level((enum log_level)c->log.level);
	return true;
}

static void
start_settings(struct service *s)
{
	struct packet p;

	must_receive(s, MSG_SETTINGS, &s->first, &p, &s->settings);
	if (!take_settings(s, &s->settings.settings))
		exit(EX_CONFIG);
}

static void
start_counters(struct service *s)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct message m;
	struct packet p;

	must_receive(s, MSG_COUNTERS, &b, &p, &m);
	if (counters_open(p.fds[0], m.counters.row, &s->counters) != ST_OK)
		refuse("service.start.failed", "no table of counters");
	packet_close_fds(&p);
}

static void
ignore_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE };

	for (size_t i = 0; i < COUNT(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
}

static void
on_trim(uv_timer_t *t)
{
	(void)t;
	mem_trim();
}

struct service *
service_new(enum role role, uint32_t index)
{
	struct service *s;

	mem_give_back();
	s = MEM_NEW(struct service);
	s->role = role;
	if (role == ROLE_GATE)
		snprintf(s->name, sizeof(s->name), "gate.%u", index);
	else
		snprintf(s->name, sizeof(s->name), "%s", role_name(role));
	log_set_process(s->name);
	ignore_signals();
	start_settings(s);
	start_counters(s);
	if (rights_drop(s->config, role) != ST_OK)
		exit(EX_NOPERM);
	s->loop = loop_new();
	uv_timer_init(loop_uv(s->loop), &s->trim);
	uv_timer_start(&s->trim, on_trim, TRIM_MS, TRIM_MS);
	return s;
}

/* Peers */

static void
peer_free(struct peer *p)
{
	struct service *s = p->service;

	s->peers[p->role][p->index] = NULL;
	if (s->ops != NULL)
		s->ops->peer_down(s->ctx, p);
	channel_free(&p->channel);
	mem_free(&p);
}

static void
say_broken(enum role from, const char *why)
{
	log_event(NULL, LEVEL_ERROR, "service.message.refused",
	    LF_STR("from", role_name(from)), LF_STR("reason", why));
}

static bool
on_peer_message(void *ctx, struct packet *packet)
{
	struct peer *p = ctx;
	struct service *s = p->service;
	struct message m;
	const char *why;
	int none = -1;

	if (s->ops == NULL)
		return true; /* too late: what it rode in on is closed */
	if (message_decode(p->role, s->role, packet, &m, &why) != ST_OK) {
		say_broken(p->role, why);
		return false;
	}
	if (!s->ops->message(s->ctx, p, &m,
		packet->fd_count > 0 ? &packet->fds[0] : &none)) {
		say_broken(p->role, message_name(m.type));
		return false;
	}
	return true;
}

static void
on_peer_closed(void *ctx, enum status why)
{
	struct peer *p = ctx;

	log_event(NULL, LEVEL_DEBUG, "service.peer.gone",
	    LF_STR("peer", role_name(p->role)), LF_U64("index", p->index),
	    LF_STR("reason", status_name(why)));
	peer_free(p);
}

static const struct channel_ops peer_ops = {
	.message = on_peer_message,
	.closed = on_peer_closed,
};

static bool
peer_new(struct service *s, const struct msg_peer *m, int *fd)
{
	struct peer **place = &s->peers[m->role][m->index];
	struct peer *p;

	if (*place != NULL)
		peer_free(*place);
	p = MEM_NEW(struct peer);
	p->service = s;
	p->role = m->role;
	p->index = m->index;
	p->channel = channel_new(s->loop, *fd, &peer_ops, p);
	*fd = -1;
	*place = p;
	s->ops->peer_up(s->ctx, p);
	return true;
}

enum status
peer_send(struct peer *p, const struct message *m, int fd)
{
	struct buf *out = &p->service->out;
	enum status st;

	assert(message_has_fd(m->type) == (fd != -1));
	st = message_encode(m, out);
	if (st == ST_OK)
		return channel_send(p->channel, (uint8_t)m->type, buf_span(out),
		    &fd, fd != -1 ? 1 : 0);
	if (fd != -1)
		close(fd);
	return st;
}

/* The master */

static void
stop(struct service *s)
{
	if (s->stopping || s->ops == NULL)
		return;
	s->stopping = true;
	s->ops->stop(s->ctx);
}

static bool
obey(struct service *s, const struct message *m, int *fd)
{
	if (m->type == MSG_SETTINGS) {
		if (take_settings(s, &m->settings))
			s->ops->settings(s->ctx, &m->settings);
	} else if (m->type == MSG_LISTEN) {
		if (s->ops->listen == NULL)
			return false;
		s->ops->listen(s->ctx, &m->listen, fd);
	} else if (m->type == MSG_PEER) {
		return peer_new(s, &m->peer, fd);
	} else if (m->type == MSG_STOP) {
		stop(s);
	} else {
		return false;
	}
	return true;
}

static bool
on_master_message(void *ctx, struct packet *packet)
{
	struct service *s = ctx;
	struct message m;
	const char *why;
	int none = -1;

	if (s->ops == NULL)
		return true;
	if (message_decode(ROLE_MASTER, s->role, packet, &m, &why) != ST_OK) {
		say_broken(ROLE_MASTER, why);
		return false;
	}
	return obey(s, &m, packet->fd_count > 0 ? &packet->fds[0] : &none);
}

static void
on_master_closed(void *ctx, enum status why)
{
	struct service *s = ctx;

	if (!s->stopping)
		log_event(NULL, LEVEL_WARN, "service.master.gone",
		    LF_STR("reason", status_name(why)));
	stop(s);
}

static const struct channel_ops master_ops = {
	.message = on_master_message,
	.closed = on_master_closed,
};

static void
say_ready(struct service *s)
{
	const struct message m = { .type = MSG_READY,
		.ready = { .role = s->role } };
	enum status st;

	st = message_encode(&m, &s->out);
	assert(st == ST_OK);
	/* if it fails, on_master_closed() is called */
	(void)!channel_send(s->master, MSG_READY, buf_span(&s->out), NULL, 0);
}

int
service_run(struct service *s, const struct service_ops *ops, void *ctx)
{
	s->ops = ops;
	s->ctx = ctx;
	s->settings = (struct message){ 0 };
	buf_clear(&s->first);
	s->master = channel_new(s->loop, MASTER_FD, &master_ops, s);
	say_ready(s);
	loop_run(s->loop);
	s->ops = NULL;
	return 0;
}

void
service_exit(struct service *s)
{
	loop_stop(s->loop);
}

static void
free_peers(struct service *s)
{
	for (size_t r = 0; r < ROLE_COUNT; r++)
		for (size_t i = 0; i < LIMIT_GATES; i++)
			if (s->peers[r][i] != NULL)
				peer_free(s->peers[r][i]);
}

void
service_free(struct service **s)
{
	struct service *gone = TAKE(*s);

	if (gone == NULL)
		return;
	free_peers(gone);
	channel_free(&gone->master);
	uv_close((uv_handle_t *)&gone->trim, NULL);
	loop_free(&gone->loop);
	counters_close(&gone->counters);
	config_unref(&gone->config);
	buf_clear(&gone->first);
	buf_clear(&gone->out);
	log_set_process(NULL);
	mem_free(&gone);
}

struct loop *
service_loop(const struct service *s)
{
	return s->loop;
}

struct counters *
service_counters(const struct service *s)
{
	return s->counters;
}

const struct config *
service_config(const struct service *s)
{
	return s->config;
}

const struct msg_settings *
service_settings(const struct service *s)
{
	assert(s->ops == NULL);
	return &s->settings.settings;
}

enum role
peer_role(const struct peer *p)
{
	return p->role;
}

uint32_t
peer_index(const struct peer *p)
{
	return p->index;
}

struct peer *
service_peer(const struct service *s, enum role role, uint32_t index)
{
	return index < LIMIT_GATES ? s->peers[role][index] : NULL;
}
