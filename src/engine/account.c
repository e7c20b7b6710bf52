#include "engine/account.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "engine/change.h"
#include "engine/collect.h"
#include "engine/mailbox.h"
#include "engine/message_thread.h"
#include "engine/record_paging.h"
#include "engine/share.h"
#include "store/store.h"

#define BUCKETS 1024

struct accounts {
	const struct engine *engine;
	struct loop *loop;
	struct account *bucket[BUCKETS];
	struct account *newest; /* of those that nobody uses */
	struct account *oldest;
	uint32_t unused;
	size_t in_flight;
};

struct accounts *
accounts_new(const struct engine *e, struct loop *l)
{
	struct accounts *s = MEM_NEW(struct accounts);

	s->engine = e;
	s->loop = l;
	return s;
}

static struct account **
find(struct accounts *s, uint64_t id)
{
	struct account **at = &s->bucket[id % BUCKETS];

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void
account_free(struct account **ap)
{
	struct account *a = TAKE(*ap);

	assert(a->users == 0 && a->in_flight == 0 && a->watchers == NULL);
	assert(a->summary_bytes == 0);
	while (a->mailboxes != NULL) {
		struct mailbox *mb = a->mailboxes;

		a->mailboxes = mb->next;
		mailbox_free(&mb);
	}
	collect_free(a);
	share_free(a);
	thread_memo_free(&a->memo);
	mbox_list_unref(&a->list);
	mbox_list_unref(&a->list_head);
	free(a);
}

/* Takes an account off the list of those that nobody uses. */
static void
unlist(struct account *a)
{
	struct accounts *s = a->set;

	if (a->newer != NULL)
		a->newer->older = a->older;
	else
		s->newest = a->older;
	if (a->older != NULL)
		a->older->newer = a->newer;
	else
		s->oldest = a->newer;
	a->newer = NULL;
	a->older = NULL;
	s->unused--;
}

static void
close_account(struct account *a)
{
	struct account **at = find(a->set, a->id);

	unlist(a);
	*at = a->next;
	account_free(&a);
}

static void
list_unused(struct account *a)
{
	struct accounts *s = a->set;

	a->older = s->newest;
	if (s->newest != NULL)
		s->newest->newer = a;
	else
		s->oldest = a;
	s->newest = a;
	s->unused++;
	while (s->unused > s->engine->accounts_kept)
		close_account(s->oldest);
}

void
accounts_free(struct accounts **sp)
{
	struct accounts *s = TAKE(*sp);

	if (s == NULL)
		return;
	while (s->oldest != NULL)
		close_account(s->oldest);
	for (size_t i = 0; i < BUCKETS; i++)
		assert(s->bucket[i] == NULL);
	free(s);
}

size_t
accounts_in_flight(const struct accounts *s)
{
	return s->in_flight;
}

struct account *
account_ref(struct account *a)
{
	if (a->users++ == 0)
		unlist(a);
	return a;
}

void
account_release(struct account **ap)
{
	struct account *a = TAKE(*ap);

	if (a == NULL)
		return;
	if (a->users == 1) { /* either may take a reference */
		collect_kick(a);
		record_paging_when_left(a);
	}
	if (--a->users == 0)
		list_unused(a);
}

void
account_enter_flight(struct account *a)
{
	(void)account_ref(a);
	a->in_flight++;
	a->set->in_flight++;
}

void
account_leave_flight(struct account *a)
{
	a->in_flight--;
	a->set->in_flight--;
	account_release(&a);
}

void
account_enter_work(struct account *a)
{
	(void)account_ref(a);
	a->set->in_flight++;
}

void
account_leave_work(struct account *a)
{
	a->set->in_flight--;
	account_release(&a);
}

struct loading {
	struct arena *arena;
	struct mbox *m;
	size_t n;
	size_t cap;
	enum status st;
};

static bool
take_entry(void *ctx, struct span key, struct span value)
{
	struct loading *l = ctx;
	struct mbox m;
	uint64_t id;

	l->st = key_read(key, KEY_ENTRY, &id, NULL) ? unpack_mbox(id, value, &m)
	                                            : ST_CORRUPT;
	if (l->st != ST_OK)
		return false;
	m.name = arena_dup(l->arena, m.name);
	l->m = mem_grow(l->m, l->n, &l->cap, sizeof(*l->m));
	l->m[l->n++] = m;
	return true;
}

static enum status
load_list(struct account *a)
{
	CLEANUP(arena_free) struct arena *arena = arena_new();
	struct loading l = { .arena = arena };
	struct key from = key_of(KEY_ENTRY);
	struct key to = key_of(KEY_ENTRY + 1);
	enum status st;

	st = store_read(a->engine->store, a->id, key_span(&from), key_span(&to),
	    take_entry, &l);
	if (st == ST_OK)
		st = l.st;
	if (st == ST_OK) {
		mbox_list_unref(&a->list);
		a->list = mbox_list_new(l.m, l.n);
	}
	free(l.m);
	return st;
}

/* Reads an account; one that is new stays at version 0. */
static enum status
load(struct account *a)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct store *store = a->engine->store;
	struct key key = key_of(KEY_STATE);
	enum status st;

	st = store_version(store, a->id, &a->current.version);
	if (st == ST_OK && a->current.version > 0) {
		st = store_get(store, a->id, key_span(&key), &value);
		if (st == ST_NOTFOUND)
			st = ST_CORRUPT;
		if (st == ST_OK)
			st = unpack_state(buf_span(&value), &a->current);
		if (st == ST_OK)
			st = load_list(a);
		if (st == ST_OK)
			st = collect_load(a);
	}
	a->head = a->current;
	a->list_head = mbox_list_ref(a->list);
	return st;
}

static struct account *
account_new(struct accounts *s, uint64_t id)
{
	struct account *a = MEM_NEW(struct account);

	a->id = id;
	a->set = s;
	a->engine = s->engine;
	a->loop = s->loop;
	a->subject_key = hash_key_random();
	a->list = mbox_list_new(NULL, 0);
	a->current = (struct account_state){ .content = 1, .mailbox = 1 };
	return a;
}

/* Someone who waits for the mailboxes of a new account. */
struct opening {
	struct account *account;
	account_fn *fn;
	void *ctx;
};

static void
provisioned(void *ctx, enum status st)
{
	struct opening *o = ctx;
	struct opening call = *o;

	free(o);
	if (st != ST_OK)
		account_release(&call.account);
	call.fn(call.ctx, st, call.account);
}

/* What every account begins with (RFC 6154). */
static enum status
provision(struct change *c)
{
	static const struct {
		const char *name;
		unsigned use;
	} first[] = {
		{ "INBOX", 0 },
		{ "Drafts", USE_DRAFTS },
		{ "Sent", USE_SENT },
		{ "Junk", USE_JUNK },
		{ "Trash", USE_TRASH },
		{ "Archive", USE_ARCHIVE },
	};
	enum status st = ST_OK;

	for (size_t i = 0; i < COUNT(first) && st == ST_OK; i++) {
		struct span name = span_str(first[i].name);

		st = change_create(c, name, first[i].use, NULL);
		if (st == ST_OK)
			st = change_subscribe(c, name, true);
	}
	return st;
}

/*
 * Those who come while an account is being made wait in line: an empty
 * change comes back behind the one that makes the mailboxes.
 */
static void
make_ready(struct account *a, account_fn *fn, void *ctx)
{
	struct opening *o = MEM_NEW(struct opening);
	struct change *c = NULL;
	enum status st = change_begin(a, &c);

	*o = (struct opening){ a, fn, ctx };
	if (st == ST_OK && a->list_head->n == 0)
		st = provision(c);
	else if (st == ST_OK)
		(void)change_batch(c);
	if (st == ST_OK) {
		change_submit(&c, provisioned, o);
		return;
	}
	change_abort(&c);
	provisioned(o, st);
}

void
account_open(struct accounts *s, uint64_t id, account_fn *fn, void *ctx)
{
	struct account **at = find(s, id);
	struct account *a = *at;

	if (a != NULL) {
		(void)account_ref(a);
	} else {
		enum status st;

		a = account_new(s, id);
		st = load(a);
		if (st != ST_OK) {
			log_event(&s->engine->log, LEVEL_ERROR,
			    "account.open.failed", LF_U64("account", id),
			    LF_STR("reason", status_name(st)));
			account_free(&a);
			fn(ctx, st, NULL);
			return;
		}
		a->users = 1;
		a->next = s->bucket[id % BUCKETS];
		s->bucket[id % BUCKETS] = a;
	}
	if (a->current.version > 0)
		fn(ctx, ST_OK, a);
	else
		make_ready(a, fn, ctx);
}

void
account_set_quota(struct accounts *s, uint64_t id, uint64_t bytes,
    uint64_t messages)
{
	struct account *a = *find(s, id);

	if (a == NULL)
		return;
	a->quota_bytes = bytes;
	a->quota_messages = messages;
	a->quota_ms = clock_now_ms();
}

void
account_forget(struct accounts *s, uint64_t id)
{
	struct account *a = *find(s, id);

	if (a != NULL && a->users == 0)
		close_account(a);
}

void
account_watch(struct account *a, struct watcher *w)
{
	w->next = a->watchers;
	if (w->next != NULL)
		w->next->link = &w->next;
	w->link = &a->watchers;
	a->watchers = w;
}

void
account_unwatch(struct watcher *w)
{
	if (w->link == NULL)
		return;
	*w->link = w->next;
	if (w->next != NULL)
		w->next->link = w->link;
	w->link = NULL;
}
