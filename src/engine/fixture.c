#include "engine/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/committer.h"
#include "engine/record_page.h"
#include "io/loop.h"
#include "store/store.h"

struct waiting {
	struct fixture *f;
	enum status st;
	bool done;
};

static void
opened(void *ctx, enum status st, struct account *a)
{
	struct waiting *w = ctx;

	w->st = st;
	w->f->account = a;
	w->done = true;
}

static void
wait_for(struct fixture *f, const bool *done)
{
	while (!*done)
		uv_run(loop_uv(f->loop), UV_RUN_ONCE);
}

static void
open_all(struct fixture *f)
{
	struct waiting w = { .f = f };

	f->accounts = accounts_new(&f->engine, f->loop);
	account_open(f->accounts, 1, opened, &w);
	wait_for(f, &w.done);
	assert_ok(w.st);
}

int
fixture_setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	struct store_options o = { .driver = "memory", .cache_bytes = 1 << 20 };

	assert_ok(store_open(&o, &f->store));
	f->engine = (struct engine){ .store = f->store,
		.committer = committer_new(f->store),
		.pool = work_pool_new(FIXTURE_THREADS),
		.records = record_cache_new(1 << 20),
		.mime = { 100, 1000 },
		.mailboxes_max = 50,
		.accounts_kept = 2 };
	f->loop = loop_new();
	open_all(f);
	*state = f;
	return 0;
}

void
fixture_settle(struct fixture *f)
{
	while (accounts_in_flight(f->accounts) > 0)
		uv_run(loop_uv(f->loop), UV_RUN_ONCE);
	uv_run(loop_uv(f->loop), UV_RUN_NOWAIT);
}

void
fixture_reopen(struct fixture *f)
{
	fixture_settle(f);
	account_release(&f->account);
	fixture_settle(f);
	accounts_free(&f->accounts);
	open_all(f);
}

int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	fixture_settle(f);
	account_release(&f->account);
	fixture_settle(f);
	accounts_free(&f->accounts);
	work_pool_free(&f->engine.pool);
	record_cache_free(&f->engine.records);
	committer_free((struct committer **)&f->engine.committer);
	loop_free(&f->loop);
	store_close(&f->store);
	free(f);
	return 0;
}

static void
committed(void *ctx, enum status st)
{
	struct waiting *w = ctx;

	w->st = st;
	w->done = true;
}

enum status
fixture_commit(struct fixture *f, struct change **c)
{
	struct waiting w = { .f = f };

	change_submit(c, committed, &w);
	wait_for(f, &w.done);
	return w.st;
}

struct mailbox *
fixture_mailbox(struct fixture *f, const char *name)
{
	const struct mbox *m = mbox_find(f->account->list, span_str(name));
	struct mailbox *mb = NULL;

	assert_non_null(m);
	assert_ok(mailbox_open(f->account, m->id, &mb));
	return mb;
}

uint32_t
fixture_append(struct fixture *f, const char *mailbox, const char *subject)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct arrival a = { .internal = { 1000000000, 3600 } };
	struct change *c;
	uint32_t uid = 0;

	buf_printf(&text,
	    "From: Ada <ada@example.org>\r\nSubject: %s\r\n"
	    "Message-ID: <%s@example.org>\r\n\r\nHello.\r\n",
	    subject, subject);
	a.message = message_new(buf_span(&text), &f->engine.mime);
	assert_ok(change_begin(f->account, &c));
	assert_ok(change_append(c, fixture_mailbox(f, mailbox), &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
	return uid;
}

void
fixture_append_numbered(struct fixture *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char subject[32];

		(void)snprintf(subject, sizeof(subject), "%zu", i);
		(void)fixture_append(f, "INBOX", subject);
	}
}

void
fixture_append_many(struct fixture *f, uint32_t n)
{
	struct arrival a = { .message = message_new(SPAN("Subject: x\r\n\r\n"),
				 &f->engine.mime) };
	struct change *c;
	uint32_t uid;

	assert_ok(change_begin(f->account, &c));
	for (uint32_t i = 0; i < n; i++)
		assert_ok(
		    change_append(c, fixture_mailbox(f, "INBOX"), &a, &uid));
	assert_ok(fixture_commit(f, &c));
	message_free(&a.message);
	fixture_settle(f); /* it may have begun a checkpoint by itself */
}

static bool
count_key(void *ctx, struct span key, struct span value)
{
	(void)key;
	(void)value;
	(*(size_t *)ctx)++;
	return true;
}

size_t
fixture_keys(struct fixture *f, enum key_kind kind)
{
	struct key from = key_of(kind);
	struct key to = key_of(kind + 1);
	size_t n = 0;

	assert_ok(store_read(f->store, 1, key_span(&from), key_span(&to),
	    count_key, &n));
	return n;
}

/* A change behind the engine's back. */
struct intruder {
	struct commit_job job; /* the first thing in it */
	struct account *account;
};

static void
intruder_done(struct commit_job *job, enum status st)
{
	struct intruder *i = (struct intruder *)job;

	assert_ok(st);
	i->account->current.version++;
	batch_free(&job->batch);
	free(i);
}

void
fixture_refuse(struct fixture *f)
{
	for (uint64_t n = 0; n < 50; n++) {
		struct intruder *i = MEM_NEW(struct intruder);

		i->account = f->account;
		i->job.loop = f->loop;
		i->job.batch =
		    batch_new(f->account->id, f->account->head.version + n);
		i->job.done = intruder_done;
		batch_put(i->job.batch, SPAN("x"), SPAN("y"));
		committer_submit(f->engine.committer, &i->job);
	}
}
