#include "mail/lmtp_world.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/committer.h"
#include "engine/record_page.h"
#include "engine/version.h"
#include "mail/lmtp_conn.h"

struct world world;

static const struct {
	const char *name;
	struct lookup_answer answer;
} users[] = {
	{ "anna", { .result = ACCOUNT_FOUND, .account = 1 } },
	{ "ben@foo.edu", { .result = ACCOUNT_FOUND, .account = 2 } },
	{ "cara", { .result = ACCOUNT_FOUND, .account = 3 } },
	{ "small",
	    { .result = ACCOUNT_FOUND, .account = 4, .quota_bytes = 900 } },
	{ "few",
	    { .result = ACCOUNT_FOUND, .account = 5, .quota_messages = 1 } },
	{ "dora", { .result = ACCOUNT_DISABLED, .account = 6 } },
	{ "away@foo.edu", { .result = ACCOUNT_UNAVAILABLE } },
	{ "away", { .result = ACCOUNT_FOUND, .account = 7 } },
};

static void
tell(void *arg)
{
	struct asked *a = arg;

	a->fn(a->ctx, &a->answer);
	free(a);
}

void
lookup_user(struct lookups *l, struct loop *loop, struct span user,
    lookup_fn *fn, void *ctx)
{
	struct asked *a = MEM_NEW(struct asked);

	(void)l;
	assert_true(user.n > 0 && user.n <= LIMIT_USER_NAME);
	*a = (struct asked){ .loop = loop,
		.answer = { .result = ACCOUNT_UNKNOWN },
		.fn = fn,
		.ctx = ctx };
	for (size_t i = 0; i < COUNT(users); i++)
		if (span_eq(user, span_str(users[i].name)))
			a->answer = users[i].answer;
	a->answer.known_ms = clock_now_ms();
	pthread_mutex_lock(&world.lock);
	if (world.hold_auth) {
		world.asked = TAKE(a);
		pthread_cond_broadcast(&world.changed);
	}
	pthread_mutex_unlock(&world.lock);
	if (a != NULL)
		loop_post(loop, tell, a);
}

void
world_answer(void)
{
	loop_post(world.asked->loop, tell, world.asked);
	world.asked = NULL;
}

void
world_set(bool *flag, bool to)
{
	pthread_mutex_lock(&world.lock);
	*flag = to;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
}

void
world_wait_held(void)
{
	pthread_mutex_lock(&world.lock);
	while (world.held == 0 && world.asked == NULL)
		pthread_cond_wait(&world.changed, &world.lock);
	pthread_mutex_unlock(&world.lock);
}

static void
commit(struct store *s, const struct driver_group *g)
{
	bool fails, full;

	pthread_mutex_lock(&world.lock);
	world.held++;
	pthread_cond_broadcast(&world.changed);
	while (world.hold_disk)
		pthread_cond_wait(&world.changed, &world.lock);
	world.held--;
	full = world.disk_full;
	fails = world.disk_fails || full;
	pthread_mutex_unlock(&world.lock);
	if (!fails) {
		memory_driver.commit(s, g);
		return;
	}
	for (size_t i = 0; i < g->n; i++)
		g->results[i] = full ? ST_FULL : ST_IO;
	g->told(g->ctx);
}

static void
drop_line(const char *line, size_t n)
{
	(void)line;
	(void)n;
}

int
world_setup(void **state)
{
	struct store_options o = { .driver = "memory", .cache_bytes = 1 << 20 };

	(void)state;
	log_set_sink(drop_line);
	world = (struct world){ .driver = memory_driver,
		.defaults = config_default() };
	world.config = *world.defaults;
	pthread_mutex_init(&world.lock, NULL);
	pthread_cond_init(&world.changed, NULL);
	world.driver.commit = commit;
	assert_ok(store_open(&o, &world.engine.store));
	world.engine.store->driver = &world.driver;
	world.engine.committer = committer_new(world.engine.store);
	world.engine.pool = work_pool_new(2);
	world.engine.records = record_cache_new(1 << 20);
	world.engine.mime = (struct mime_limits){ 100, 1000 };
	world.engine.mailboxes_max = 10;
	world.engine.accounts_kept = 10;
	world.mail = (struct mail){ .engine = &world.engine,
		.session = { .hostname = "foo.edu",
		    .spool_folder = "/tmp",
		    .grammar = grammar_default },
		.config = &world.config,
		.worker = world.worker,
		.workers = WORKERS };
	world.main = loop_new();
	for (size_t i = 0; i < WORKERS; i++)
		world.worker[i] = worker_new(&world.mail);
	return 0;
}

static void
on_stopped(void *ctx)
{
	(void)ctx;
	world.stopped++;
}

void
world_stop_one(size_t worker)
{
	if (!world.stopping[worker])
		worker_stop(world.worker[worker], world.main, on_stopped, NULL);
	world.stopping[worker] = true;
}

void
world_stop(void)
{
	for (size_t i = 0; i < WORKERS; i++)
		world_stop_one(i);
}

int
world_teardown(void **state)
{
	struct committer *committer = world.engine.committer;

	(void)state;
	world_stop();
	while (world.stopped < WORKERS)
		uv_run(loop_uv(world.main), UV_RUN_ONCE);
	for (size_t i = 0; i < WORKERS; i++)
		worker_free(&world.worker[i]);
	work_pool_free(&world.engine.pool);
	record_cache_free(&world.engine.records);
	committer_free(&committer);
	store_close(&world.engine.store);
	loop_free(&world.main);
	config_unref(&world.defaults);
	return 0;
}

/* What is done on the thread of a worker while the test waits. */
struct call {
	void (*fn)(struct call *c);
	struct worker *worker;
	int fd;
	uint64_t account;
	const char *mailbox;
	struct seen seen;
	struct buf *bytes;
	uv_sem_t done;
};

static void
run_call(void *arg)
{
	struct call *c = arg;

	c->fn(c);
}

static void
call(struct call *c)
{
	uv_sem_init(&c->done, 0);
	loop_post(worker_loop(c->worker), run_call, c);
	uv_sem_wait(&c->done);
	uv_sem_destroy(&c->done);
}

static void
start(struct call *c)
{
	lmtp_conn_start(c->worker, c->fd, SPAN("192.0.2.1"));
	uv_sem_post(&c->done);
}

int
world_connect(size_t worker)
{
	struct call c = { .fn = start, .worker = world.worker[worker] };
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd),
	    0);
	c.fd = fd[1];
	call(&c);
	return fd[0];
}

void
world_send(int fd, struct span octets)
{
	while (octets.n > 0) {
		ssize_t n = send(fd, octets.p, octets.n, MSG_NOSIGNAL);

		assert_true(n > 0);
		octets = span_from(octets, (size_t)n);
	}
}

static size_t
receive(int fd, char *to, size_t n)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (poll(&p, 1, 20000) != 1)
		fail_msg("no answer");
	got = recv(fd, to, n, 0);
	assert_true(got >= 0);
	return (size_t)got;
}

void
world_expect(int fd, const char *want)
{
	size_t n = strlen(want);
	char *got = mem_alloc(n + 1);
	size_t at = 0;
	size_t more = 1;

	while (at < n && more > 0) {
		more = receive(fd, got + at, n - at);
		at += more;
		if (memcmp(got, want, at) != 0)
			break;
	}
	if (strcmp(got, want) != 0)
		fail_msg("got\n%s\nwant\n%s", got, want);
	free(got);
}

void
world_expect_end(int fd)
{
	char c;

	assert_int_equal(receive(fd, &c, 1), 0);
	close(fd);
}

void
world_begin(int fd, const char *rcpt, size_t n)
{
	world_send(fd, SPAN("LHLO bar.com\r\nMAIL FROM:<chris@bar.com>\r\n"));
	world_send(fd, span_str(rcpt));
	world_send(fd, SPAN("DATA\r\n"));
	world_expect(fd,
	    "220 foo.edu LMTP Newel\r\n"
	    "250-foo.edu\r\n250-PIPELINING\r\n250-SIZE 67108864\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250 CHUNKING\r\n250 2.1.0 OK\r\n");
	for (size_t i = 0; i < n; i++)
		world_expect(fd, "250 2.1.5 OK\r\n");
	world_expect(fd, "354 Go on, a dot alone ends it\r\n");
}

struct contents_seen {
	uint64_t id[1000];
	size_t n;
};

static void
see_version(struct seen *s, struct contents_seen *all, const struct version *v)
{
	struct rows rows = rows_all(v);
	struct row row;

	while (rows_next(&rows, &row) == ST_OK) {
		size_t i = 0;

		s->messages++;
		s->content = row.facts->content;
		while (i < all->n && all->id[i] != s->content)
			i++;
		if (i == all->n)
			all->id[all->n++] = s->content;
	}
}

static void
see_account(struct call *c, struct account *a)
{
	static struct contents_seen all;

	all.n = 0;
	for (size_t i = 0; i < a->list->n; i++) {
		const struct mbox *m = a->list->item[i];
		struct mailbox *mb;

		if (c->mailbox != NULL &&
		    !span_eq(m->name, span_str(c->mailbox)))
			continue;
		c->seen.exists = m->exists;
		c->seen.subscribed = m->subscribed;
		if (!m->exists)
			continue;
		assert_ok(mailbox_open(a, m->id, &mb));
		see_version(&c->seen, &all, mb->current);
	}
	c->seen.contents = (uint32_t)all.n;
	if (c->bytes != NULL)
		assert_ok(store_body(world.engine.store, c->account,
		    c->seen.content, 0, SIZE_MAX, c->bytes));
}

static void
opened(void *ctx, enum status st, struct account *a)
{
	struct call *c = ctx;

	assert_ok(st);
	see_account(c, a);
	account_release(&a);
	uv_sem_post(&c->done);
}

static void
open_account(struct call *c)
{
	account_open(worker_accounts(c->worker), c->account, opened, c);
}

struct seen
world_see(uint64_t account, const char *mailbox)
{
	struct call c = { .fn = open_account,
		.worker = mail_worker(&world.mail, account),
		.account = account,
		.mailbox = mailbox };

	call(&c);
	return c.seen;
}

void
world_read(uint64_t account, const char *mailbox, struct buf *out)
{
	struct call c = { .fn = open_account,
		.worker = mail_worker(&world.mail, account),
		.account = account,
		.mailbox = mailbox,
		.bytes = out };

	buf_reset(out);
	call(&c);
}
