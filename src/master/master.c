#include "master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/loop.h"
#include "io/packet.h"
#include "io/tls.h"
#include "master/child.h"
#include "master/folders.h"
#include "master/listener.h"
#include "master/settings.h"
#include "service/counters.h"

#define STOP_MS       20000
#define AUTH_STOP_MS  5000     /* from its turn on, at least */
#define TICKET_KEY_MS 43200000 /* 12 hours */

struct master {
	const char *file;
	struct settings *settings;
	struct loop *loop;
	struct listeners listeners;
	struct counters *counters;
	int counters_fd;
	unsigned char ticket_key[TLS_TICKET_KEY_BYTES];
	unsigned char ticket_key_previous[TLS_TICKET_KEY_BYTES];

	struct child children[LIMIT_PROCESSES];
	size_t n;
	bool was_ready; /* all were, once */
	bool stopping;
	bool auth_stopping; /* all others have ended */
	bool failed;

	uv_signal_t signals[3];
	uv_timer_t stop_timer;
	uv_timer_t key_timer;
};

static const struct config *
config_of(const struct master *m)
{
	return settings_config(m->settings);
}

/* One event for each line that was said. */
static void
log_problems(const char *event, const struct buf *problems)
{
	struct span rest = buf_span(problems);

	while (rest.n > 0) {
		size_t n = span_find(rest, '\n');

		log_event(NULL, LEVEL_ERROR, event,
		    LF_SPAN("reason", span_head(rest, n)));
		rest = span_from(rest, n + 1);
	}
}

/* What a process is told when it starts, and again later */

static void
send_settings(struct master *m, struct child *c)
{
	struct message msg;

	settings_message(m->settings, c->role, &msg);
	if (c->role == ROLE_GATE) {
		msg.settings.ticket_key =
		    span_of(m->ticket_key, sizeof(m->ticket_key));
		msg.settings.ticket_key_previous =
		    span_of(m->ticket_key_previous,
			sizeof(m->ticket_key_previous));
	}
	child_send(c, &msg, -1);
}

static int
copy_fd(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void
send_counters(struct master *m, struct child *c)
{
	const struct message msg = { .type = MSG_COUNTERS,
		.counters = { .row = (uint32_t)(c - m->children) } };

	child_send(c, &msg, copy_fd(m->counters_fd));
}

static void
send_listeners(struct master *m, struct child *c)
{
	for (size_t i = 0; i < m->listeners.n; i++) {
		const struct listener *l = &m->listeners.items[i];
		bool gates = l->kind == LISTEN_IMAP || l->kind == LISTEN_IMAPS;
		const struct message msg = { .type = MSG_LISTEN,
			.listen = { .kind = l->kind,
			    .address = span_str(l->address->text) } };

		if (l->n == 0 || c->role != (gates ? ROLE_GATE : ROLE_MAIL))
			continue;
		child_send(c, &msg, copy_fd(l->fds[c->index]));
	}
}

static void
send_peer(struct child *to, const struct child *about, int fd)
{
	const struct message msg = { .type = MSG_PEER,
		.peer = { .role = about->role, .index = about->index } };

	child_send(to, &msg, fd);
}

/* A fresh channel between c and each process that runs. */
static void
send_peers(struct master *m, struct child *c)
{
	for (size_t i = 0; i < m->n; i++) {
		struct child *other = &m->children[i];
		int fds[2];

		if (other->role == c->role || !child_runs(other))
			continue;
		if (packet_pair(fds) != ST_OK) {
			/* it can't work without, so it shall try again */
			child_kill(c);
			return;
		}
		send_peer(c, other, fds[0]);
		send_peer(other, c, fds[1]);
	}
}

static void
on_started(void *ctx, struct child *c)
{
	struct master *m = ctx;

	send_settings(m, c);
	send_counters(m, c);
	send_listeners(m, c);
	send_peers(m, c);
}

/* Ready */

static void
add_addresses(const struct master *m, enum listen_kind kind, struct buf *out)
{
	for (size_t i = 0; i < m->listeners.n; i++) {
		const struct listener *l = &m->listeners.items[i];

		if (l->kind != kind || l->n == 0)
			continue;
		if (out->n > 0)
			buf_byte(out, ' ');
		buf_str(out, l->address->text);
	}
}

static void
log_ready(const struct master *m)
{
	CLEANUP(buf_clear) struct buf imap = { 0 };
	CLEANUP(buf_clear) struct buf imaps = { 0 };
	CLEANUP(buf_clear) struct buf lmtp = { 0 };

	add_addresses(m, LISTEN_IMAP, &imap);
	add_addresses(m, LISTEN_IMAPS, &imaps);
	add_addresses(m, LISTEN_LMTP, &lmtp);
	log_event(NULL, LEVEL_INFO, "server.ready",
	    LF_STR("version", NEWEL_VERSION), LF_U64("pid", (uint64_t)getpid()),
	    LF_SPAN("imap", buf_span(&imap)),
	    LF_SPAN("imaps", buf_span(&imaps)),
	    LF_SPAN("lmtp", buf_span(&lmtp)), LF_STR("settings", m->file));
}

static void
on_child_ready(void *ctx, struct child *c)
{
	struct master *m = ctx;

	log_event(NULL, LEVEL_DEBUG, "master.process.ready",
	    LF_STR("name", c->name));
	for (size_t i = 0; i < m->n; i++)
		if (m->children[i].state != CHILD_READY)
			return;
	if (!m->was_ready)
		log_ready(m);
	m->was_ready = true;
}

/* Stopping */

static bool
all_down(const struct master *m, bool auth_too)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->children[i].state != CHILD_DOWN &&
		    (auth_too || m->children[i].role != ROLE_AUTH))
			return false;
	return true;
}

static void on_stop_timer(uv_timer_t *t);

/* However late it is, auth has some time of its own. */
static void
stop_auth(struct master *m)
{
	uint64_t left_ms = uv_timer_get_due_in(&m->stop_timer);

	m->auth_stopping = true;
	for (size_t i = 0; i < m->n; i++)
		child_stop(&m->children[i]);
	uv_timer_start(&m->stop_timer, on_stop_timer,
	    MAX(left_ms, (uint64_t)AUTH_STOP_MS), 0);
}

/* auth goes last: mail may still ask who someone is. */
static void
stop_on(struct master *m)
{
	if (!m->auth_stopping && all_down(m, false))
		stop_auth(m);
	/* One that was to be started again later is down at once. */
	if (all_down(m, true))
		loop_stop(m->loop);
}

/* Those that have been told to stop: auth may not know of it yet. */
static void
on_stop_timer(uv_timer_t *t)
{
	struct master *m = t->data;

	for (size_t i = 0; i < m->n; i++) {
		if (!child_runs(&m->children[i]) ||
		    (m->children[i].role == ROLE_AUTH && !m->auth_stopping))
			continue;
		log_event(NULL, LEVEL_ERROR, "master.process.killed",
		    LF_STR("name", m->children[i].name));
		child_kill(&m->children[i]);
	}
}

static void
stop(struct master *m)
{
	if (m->stopping) {
		on_stop_timer(&m->stop_timer);
		return;
	}
	m->stopping = true;
	uv_timer_start(&m->stop_timer, on_stop_timer, STOP_MS, 0);
	for (size_t i = 0; i < m->n; i++)
		if (m->children[i].role != ROLE_AUTH)
			child_stop(&m->children[i]);
	stop_on(m);
}

static bool
on_child_ended(void *ctx, struct child *c)
{
	struct master *m = ctx;

	counters_clear_row(m->counters, (uint32_t)(c - m->children));
	if (!m->stopping && !m->was_ready) {
		log_event(NULL, LEVEL_ERROR, "server.start.failed",
		    LF_STR("process", c->name));
		m->failed = true;
		stop(m);
	} else if (m->stopping) {
		stop_on(m);
	}
	return !m->stopping;
}

static const struct child_ops child_ops = {
	.started = on_started,
	.ready = on_child_ready,
	.ended = on_child_ended,
};

/* Settings */

static void
log_unchanged(const struct config *old, const struct config *new)
{
	static const char *const at_start[] = { "instance", "listen", "store" };

	for (size_t i = 0; i < COUNT(at_start); i++)
		if (!config_same(old, new, at_start[i]))
			log_event(NULL, LEVEL_WARN, "settings.restart.needed",
			    LF_STR("section", at_start[i]));
}

static void
reload(struct master *m)
{
	CLEANUP(settings_free) struct settings *fresh = NULL;
	CLEANUP(buf_clear) struct buf problems = { 0 };
	struct settings *old = m->settings;

	if (settings_load(m->file, &fresh, &problems) != ST_OK) {
		log_problems("settings.reload.refused", &problems);
		return;
	}
	log_unchanged(settings_config(old), settings_config(fresh));
	m->settings = fresh;
	fresh = old; /* freed on return */
	log_set_level((enum log_level)config_of(m)->log.level);
	for (size_t i = 0; i < m->n; i++)
		send_settings(m, &m->children[i]);
	log_event(NULL, LEVEL_INFO, "settings.reload.done",
	    LF_STR("file", m->file));
}

static void
change_ticket_key(struct master *m)
{
	memcpy(m->ticket_key_previous, m->ticket_key, sizeof(m->ticket_key));
	if (getrandom(m->ticket_key, sizeof(m->ticket_key), 0) !=
	    sizeof(m->ticket_key))
		abort();
}

/* So that a key that gets lost opens half a day's sessions at most. */
static void
on_key_timer(uv_timer_t *t)
{
	struct master *m = t->data;

	change_ticket_key(m);
	for (size_t i = 0; i < m->n; i++)
		if (m->children[i].role == ROLE_GATE)
			send_settings(m, &m->children[i]);
}

static void
on_signal(uv_signal_t *s, int number)
{
	struct master *m = s->data;

	if (number != SIGHUP)
		stop(m);
	else if (!m->stopping)
		reload(m);
}

/* Starting */

static size_t
gate_count(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->instance.gates > 0)
		return (size_t)c->instance.gates;
	return (size_t)MAX(1, MIN(cores, LIMIT_GATES));
}

/* The children inherit it; each connection is a descriptor or two. */
static void
raise_file_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

static enum status
prepare(struct master *m)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	enum status st;
	size_t gates;

	st = settings_load(m->file, &m->settings, &problems);
	if (st == ST_OK)
		st = folders_make(config_of(m), &problems);
	if (st != ST_OK) {
		log_problems("server.settings.refused", &problems);
		return st;
	}
	log_set_level((enum log_level)config_of(m)->log.level);
	gates = gate_count(config_of(m));
	st = listeners_open(config_of(m), gates, &m->listeners, &problems);
	if (st != ST_OK) {
		log_problems("server.listen.failed", &problems);
		return st;
	}
	m->n = gates + 2;
	return counters_new((uint32_t)m->n, &m->counters, &m->counters_fd);
}

static void
watch(struct master *m)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	uv_loop_t *uv = loop_uv(m->loop);

	for (size_t i = 0; i < COUNT(numbers); i++) {
		uv_signal_init(uv, &m->signals[i]);
		m->signals[i].data = m;
		uv_signal_start(&m->signals[i], on_signal, numbers[i]);
	}
	uv_timer_init(uv, &m->stop_timer);
	m->stop_timer.data = m;
	uv_timer_init(uv, &m->key_timer);
	m->key_timer.data = m;
	uv_timer_start(&m->key_timer, on_key_timer, TICKET_KEY_MS,
	    TICKET_KEY_MS);
}

static void
unwatch(struct master *m)
{
	for (size_t i = 0; i < COUNT(m->signals); i++)
		uv_close((uv_handle_t *)&m->signals[i], NULL);
	uv_close((uv_handle_t *)&m->stop_timer, NULL);
	uv_close((uv_handle_t *)&m->key_timer, NULL);
	for (size_t i = 0; i < m->n; i++)
		child_close(&m->children[i]);
}

static void
start(struct master *m)
{
	for (size_t i = 0; i < m->n; i++) {
		enum role role = i == 0   ? ROLE_AUTH
		                 : i == 1 ? ROLE_MAIL
		                          : ROLE_GATE;
		uint32_t index = i < 2 ? 0 : (uint32_t)i - 2;

		child_init(&m->children[i], m->loop, role, index, &child_ops,
		    m);
	}
	for (size_t i = 0; i < m->n && !m->failed; i++)
		m->failed = child_start(&m->children[i]) != ST_OK;
	if (m->failed)
		stop(m);
}

static void
finish(struct master *m)
{
	loop_free(&m->loop);
	listeners_close(&m->listeners);
	counters_close(&m->counters);
	if (m->counters_fd != -1)
		close(m->counters_fd);
	settings_free(&m->settings);
}

int
master_run(const char *file)
{
	struct master *m = MEM_NEW(struct master);
	int code;

	log_set_process("master");
	(void)signal(SIGPIPE, SIG_IGN);
	m->file = file;
	m->counters_fd = -1;
	m->failed = prepare(m) != ST_OK;
	if (!m->failed) {
		raise_file_limit();
		m->loop = loop_new();
		watch(m);
		change_ticket_key(m);
		start(m);
		loop_run(m->loop);
		log_event(NULL, LEVEL_INFO, "server.stopped");
		unwatch(m);
	}
	finish(m);
	code = m->failed ? 1 : 0;
	mem_free(&m);
	return code;
}
