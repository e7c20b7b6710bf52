#include "mail/server.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/committer.h"
#include "engine/indexer.h"
#include "engine/record_page.h"
#include "mail/lookup.h"
#include "store/store.h"

/* Accounts that nobody uses stay open, as most come back soon. */
#define ACCOUNTS_KEPT 256

#define THREADS_LEAST 4L /* for work (engine/work.h) */

/* Each set of settings stays, as sessions of its time use it. */
struct settings {
	struct mail mail;
	const struct config *config;
	struct settings *older;
};

struct server {
	struct loop *main;
	struct store *store;
	struct engine engine;
	struct lookups *lookups;
	struct counters *counters;
	struct settings *settings; /* the newest */
	struct worker **worker;
	size_t workers;
	size_t next;
	size_t running;
	void (*stopped)(void *ctx);
	void *ctx;
};

static struct session_config
session_settings(const struct config *c)
{
	return (struct session_config){
		.command_line = c->limits.command_line,
		.append_limit = c->limits.append,
		.output_limit = c->limits.output,
		.idle_ms = c->limits.idle_ms,
		.stall_ms = c->limits.stall_ms,
		.literal_minus = c->imap.literal == LITERAL_MINUS,
		.hostname = c->instance.hostname,
		.spool_folder = c->instance.mail,
		.grammar = {
			.search_nesting = (unsigned)c->limits.search_nesting,
			.names = { c->limits.mailbox_name,
			    c->limits.mailbox_depth },
		},
	};
}

static void
add_settings(struct server *s, const struct config *c)
{
	struct settings *n = MEM_NEW(struct settings);

	n->config = config_ref(c);
	n->mail = (struct mail){
		.engine = &s->engine,
		.session = session_settings(n->config),
		.config = n->config,
		.counters = s->counters,
		.lookups = s->lookups,
		.worker = s->worker,
		.workers = s->workers,
	};
	n->older = s->settings;
	s->settings = n;
}

const struct mail *
server_mail(const struct server *s)
{
	return &s->settings->mail;
}

void
server_settings(struct server *s, const struct config *c)
{
	add_settings(s, c);
	for (size_t i = 0; i < s->workers; i++)
		worker_settings(s->worker[i], server_mail(s));
}

static size_t
count_workers(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->instance.mail_threads > 0)
		return c->instance.mail_threads;
	return cores > 0 ? (size_t)cores : 1;
}

/* One for each core; and some more, as they wait for the disk. */
static uint32_t
count_threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return (uint32_t)MAX(cores, THREADS_LEAST);
}

/* Of what the settings give to all that was read. */
static size_t
records_bytes(const struct config *c)
{
	return c->store.cache / 4;
}

enum status
server_new(struct loop *main, const struct config *c, struct counters *counters,
    struct server **out)
{
	struct store_options o = { .driver = c->store.driver,
		.path = c->instance.store,
		.cache_bytes = c->store.cache - records_bytes(c) };
	struct server *s = MEM_NEW(struct server);
	enum status st = store_open(&o, &s->store);

	if (st != ST_OK) {
		free(s);
		return st;
	}
	s->main = main;
	s->counters = counters;
	s->lookups = lookups_new(main);
	s->engine = (struct engine){ .store = s->store,
		.committer = committer_new(s->store),
		.pool = work_pool_new(count_threads()),
		.records = record_cache_new(records_bytes(c)),
		.mime = { (uint32_t)c->limits.mime_nesting,
		    (uint32_t)c->limits.mime_parts },
		.mailboxes_max = c->limits.mailboxes,
		.accounts_kept = ACCOUNTS_KEPT };
	/* What is in memory is gone before it would be worth an index. */
	if (strcmp(c->store.driver, "memory") != 0)
		s->engine.indexer =
		    indexer_new(s->store, c->instance.index, NULL);
	s->workers = count_workers(c);
	s->worker = mem_array(s->workers, sizeof(struct worker *));
	add_settings(s, c);
	for (size_t i = 0; i < s->workers; i++)
		s->worker[i] = worker_new(server_mail(s));
	s->running = s->workers;
	*out = s;
	return ST_OK;
}

struct worker *
server_next_worker(struct server *s)
{
	return s->worker[s->next++ % s->workers];
}

static void
one_stopped(void *ctx)
{
	struct server *s = ctx;

	if (--s->running == 0)
		s->stopped(s->ctx);
}

void
server_stop(struct server *s, void (*done)(void *ctx), void *ctx)
{
	s->stopped = done;
	s->ctx = ctx;
	for (size_t i = 0; i < s->workers; i++)
		worker_stop(s->worker[i], s->main, one_stopped, s);
}

void
server_free(struct server **sp)
{
	struct server *s = TAKE(*sp);

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->workers; i++)
		worker_free(&s->worker[i]);
	work_pool_free(&s->engine.pool);
	record_cache_free(&s->engine.records);
	committer_free(&s->engine.committer);
	indexer_free(&s->engine.indexer);
	store_close(&s->store);
	lookups_free(&s->lookups);
	while (s->settings != NULL) {
		struct settings *old = s->settings;

		s->settings = old->older;
		config_unref(&old->config);
		free(old);
	}
	free(s->worker);
	free(s);
}
