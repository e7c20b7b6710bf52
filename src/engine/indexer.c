#include "engine/indexer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/format.h"
#include "engine/index_feed.h"
#include "store/store.h"

#define NICE         10   /* behind what people wait for */
#define COMMIT_EACH  1024 /* contents */
#define DEAD_MIN     256  /* an index with so few deleted ones is fine */
#define DEAD_SHARE   2    /* more documents than this for each message: not */
#define RESULTS_KEPT 64   /* of rebuildings */
#define RESTING      4    /* indexes that stay open between searches */

enum work {
	CATCH_UP,
	REBUILD, /* beside what serves */
	REPAIR,  /* of what serves nothing is left */
	FORGET,
};

struct task {
	uint64_t account;
	enum work work;
	struct task *next;
};

/* A rebuilding that was asked for. */
struct result {
	uint64_t account;
	uint64_t done;
	uint64_t all;
	enum status st; /* ST_AGAIN until it has ended */
	struct result *next;
};

struct indexer {
	struct store *store;
	const struct log *log;
	char *folder;
	pthread_t thread;
	/* Held to write while files are removed, else to read. */
	pthread_rwlock_t files;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;
	struct task *first;
	struct task **last;
	struct result *results; /* the newest first */
	struct {
		struct index *ix;
		uint64_t account;
	} resting[RESTING]; /* the latest first */
	bool ending;
};

static void
path_of(const struct indexer *x, uint64_t account, struct buf *out)
{
	buf_printf(out, "%s/%llu.db", x->folder, (unsigned long long)account);
	buf_byte(out, '\0');
}

static bool
ending(struct indexer *x)
{
	bool is;

	pthread_mutex_lock(&x->lock);
	is = x->ending;
	pthread_mutex_unlock(&x->lock);
	return is;
}

/* --- Building ----------------------------------------------------------- */

/* One account's index while it is worked on. */
struct build {
	struct indexer *x;
	uint64_t account;
	const char *path;
	struct index *ix;
	struct account_state state;
	struct result *result; /* of a rebuilding that was asked for, or NULL */
};

static enum status
read_state(struct build *b)
{
	CLEANUP(buf_clear) struct buf value = { 0 };
	struct key key = key_of(KEY_STATE);
	uint64_t version;
	enum status st = store_version(b->x->store, b->account, &version);

	if (st == ST_OK)
		st = store_get(b->x->store, b->account, key_span(&key), &value);
	if (st == ST_OK)
		st = unpack_state(buf_span(&value), &b->state);
	if (st == ST_OK)
		b->state.version = version;
	return st;
}

static void
note_progress(struct build *b, uint64_t done)
{
	if (b->result == NULL)
		return;
	pthread_mutex_lock(&b->x->lock);
	b->result->done = done;
	b->result->all = b->state.content - 1;
	pthread_mutex_unlock(&b->x->lock);
}

/* Up to what the account had when it began. */
static enum status
add_contents(struct build *b)
{
	uint64_t next = index_state(b->ix).covered + 1;
	uint64_t committed = next;
	enum status st = ST_OK;

	while (st == ST_OK && next < b->state.content) {
		st = index_feed(b->ix, b->x->store, b->account, &next,
		    b->state.content, b->x->log);
		if (st != ST_OK)
			break;
		if (next - committed >= COMMIT_EACH ||
		    next == b->state.content || ending(b->x)) {
			st = index_commit(b->ix, next - 1, b->state.version);
			committed = next;
		}
		note_progress(b, next - 1);
		if (ending(b->x))
			return st == ST_OK ? ST_AGAIN : st;
	}
	return st;
}

/* Takes one that rests; NULL if there is none. */
static struct index *
take_resting(struct indexer *x, uint64_t account)
{
	struct index *ix = NULL;

	pthread_mutex_lock(&x->lock);
	for (size_t i = 0; i < RESTING && ix == NULL; i++)
		if (x->resting[i].account == account)
			ix = TAKE(x->resting[i].ix);
	pthread_mutex_unlock(&x->lock);
	return ix;
}

/* The one that has rested longest makes room. */
static void
put_to_rest(struct indexer *x, uint64_t account, struct index *ix)
{
	struct index *oldest;

	index_rest(ix);
	pthread_mutex_lock(&x->lock);
	oldest = x->resting[RESTING - 1].ix;
	memmove(&x->resting[1], &x->resting[0],
	    (RESTING - 1) * sizeof(x->resting[0]));
	x->resting[0].ix = ix;
	x->resting[0].account = account;
	pthread_mutex_unlock(&x->lock);
	index_close(&oldest);
}

static void
close_resting(struct indexer *x, uint64_t account)
{
	struct index *ix;

	while ((ix = take_resting(x, account)) != NULL)
		index_close(&ix);
}

static void
remove_files(struct build *b)
{
	index_close(&b->ix);
	pthread_rwlock_wrlock(&b->x->files);
	close_resting(b->x, b->account);
	index_remove(b->path);
	pthread_rwlock_unlock(&b->x->files);
}

static enum status
rebuild(struct build *b, const char *why)
{
	int64_t began = clock_now_ms();
	enum status st;

	index_close(&b->ix);
	st = index_open(b->path, INDEX_REBUILD, b->x->log, &b->ix);
	if (st == ST_OK)
		st = add_contents(b);
	if (st == ST_OK)
		st = index_serve(b->ix);
	if (st == ST_OK)
		log_event(b->x->log, LEVEL_INFO, "index.rebuild.done",
		    LF_U64("account", b->account), LF_STR("why", why),
		    LF_U64("messages", index_state(b->ix).documents),
		    LF_U64("ms", (uint64_t)(clock_now_ms() - began)));
	return st;
}

/* Most of what is in it has been deleted. */
static bool
is_mostly_dead(const struct build *b)
{
	return index_state(b->ix).documents >
	       b->state.messages * DEAD_SHARE + DEAD_MIN;
}

static enum status
catch_up(struct build *b)
{
	enum status st = index_open(b->path, INDEX_WRITE, b->x->log, &b->ix);

	if (st != ST_OK)
		return st;
	/* The store was put back to an earlier day. */
	if (index_state(b->ix).version > b->state.version)
		return rebuild(b, "newer than the mail");
	st = add_contents(b);
	if (st == ST_OK && is_mostly_dead(b))
		return rebuild(b, "mostly deleted");
	return st;
}

static enum status
repair(struct build *b)
{
	remove_files(b);
	return rebuild(b, "damaged");
}

static enum status
work_on(struct build *b, enum work work)
{
	enum status st = work == FORGET ? ST_NOTFOUND : read_state(b);

	if (st == ST_NOTFOUND) { /* there is no such account any more */
		remove_files(b);
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	if (work == CATCH_UP)
		st = catch_up(b);
	else if (work == REBUILD)
		st = rebuild(b, "asked for");
	if (work == REPAIR || st == ST_CORRUPT || st == ST_BAD)
		st = repair(b);
	return st;
}

static struct result *
find_result(struct indexer *x, uint64_t account)
{
	struct result *r = x->results;

	while (r != NULL && r->account != account)
		r = r->next;
	return r;
}

static void
do_task(struct indexer *x, const struct task *t)
{
	CLEANUP(buf_clear) struct buf path = { 0 };
	struct build b = { .x = x, .account = t->account };
	enum status st;

	path_of(x, t->account, &path);
	b.path = (const char *)path.p;
	if (t->work == REBUILD) {
		pthread_mutex_lock(&x->lock);
		b.result = find_result(x, t->account);
		pthread_mutex_unlock(&x->lock);
	}
	st = work_on(&b, t->work);
	index_close(&b.ix);
	if (st != ST_OK && st != ST_AGAIN)
		log_event(x->log, LEVEL_ERROR, "index.update.failed",
		    LF_U64("account", t->account),
		    LF_STR("reason", status_name(st)));
	if (b.result != NULL) {
		pthread_mutex_lock(&x->lock);
		b.result->st = st == ST_AGAIN ? ST_IO : st;
		pthread_mutex_unlock(&x->lock);
	}
}

/* --- The thread --------------------------------------------------------- */

static struct task *
next_task(struct indexer *x)
{
	struct task *t = NULL;

	pthread_mutex_lock(&x->lock);
	while (x->first == NULL && !x->ending)
		pthread_cond_wait(&x->wake, &x->lock);
	if (!x->ending) {
		t = x->first;
		x->first = t->next;
		if (x->first == NULL)
			x->last = &x->first;
	}
	pthread_mutex_unlock(&x->lock);
	return t;
}

static void *
run(void *arg)
{
	struct indexer *x = arg;
	struct task *t;

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while ((t = next_task(x)) != NULL) {
		do_task(x, t);
		free(t);
	}
	return NULL;
}

struct indexer *
indexer_new(struct store *s, const char *folder, const struct log *log)
{
	struct indexer *x;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		log_event(log, LEVEL_ERROR, "index.folder.failed",
		    LF_STR("path", folder), LF_STR("error", strerror(errno)));
		return NULL;
	}
	x = MEM_NEW(struct indexer);
	x->store = s;
	x->log = log;
	x->folder = mem_strdup(folder);
	x->last = &x->first;
	pthread_rwlock_init(&x->files, NULL);
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->wake, NULL);
	if (pthread_create(&x->thread, NULL, run, x) != 0)
		abort();
	return x;
}

void
indexer_free(struct indexer **xp)
{
	struct indexer *x = TAKE(*xp);

	if (x == NULL)
		return;
	pthread_mutex_lock(&x->lock);
	x->ending = true;
	pthread_cond_signal(&x->wake);
	pthread_mutex_unlock(&x->lock);
	pthread_join(x->thread, NULL);
	for (size_t i = 0; i < RESTING; i++)
		index_close(&x->resting[i].ix);
	while (x->first != NULL) {
		struct task *t = x->first;

		if (t->work == FORGET)
			do_task(x, t);
		x->first = t->next;
		free(t);
	}
	while (x->results != NULL) {
		struct result *r = x->results;

		x->results = r->next;
		free(r);
	}
	pthread_rwlock_destroy(&x->files);
	pthread_mutex_destroy(&x->lock);
	pthread_cond_destroy(&x->wake);
	free(x->folder);
	free(x);
}

/* With the lock; what is asked for already isn't asked for twice. */
static void
add_task(struct indexer *x, uint64_t account, enum work work)
{
	struct task *t;

	for (t = x->first; t != NULL; t = t->next)
		if (t->account == account && t->work == work)
			return;
	t = MEM_NEW(struct task);
	t->account = account;
	t->work = work;
	*x->last = t;
	x->last = &t->next;
	pthread_cond_signal(&x->wake);
}

static void
ask(struct indexer *x, uint64_t account, enum work work)
{
	pthread_mutex_lock(&x->lock);
	add_task(x, account, work);
	pthread_mutex_unlock(&x->lock);
}

void
indexer_kick(struct indexer *x, uint64_t account)
{
	ask(x, account, CATCH_UP);
}

void
indexer_forget(struct indexer *x, uint64_t account)
{
	ask(x, account, FORGET);
}

/* The oldest results of those that have ended are let go. */
static void
trim_results(struct indexer *x)
{
	struct result **at = &x->results;

	for (size_t n = 0; *at != NULL;) {
		struct result *r = *at;

		if (++n > RESULTS_KEPT && r->st != ST_AGAIN) {
			*at = r->next;
			free(r);
		} else {
			at = &r->next;
		}
	}
}

void
indexer_rebuild(struct indexer *x, uint64_t account)
{
	struct result *r;

	pthread_mutex_lock(&x->lock);
	r = find_result(x, account);
	if (r == NULL) {
		r = MEM_NEW(struct result);
		r->account = account;
		r->next = x->results;
		x->results = r;
	}
	if (r->st != ST_AGAIN)
		r->done = r->all = 0;
	r->st = ST_AGAIN;
	trim_results(x);
	add_task(x, account, REBUILD);
	pthread_mutex_unlock(&x->lock);
}

enum status
indexer_progress(struct indexer *x, uint64_t account, uint64_t *done,
    uint64_t *all)
{
	const struct result *r;
	enum status st = ST_NOTFOUND;

	pthread_mutex_lock(&x->lock);
	r = find_result(x, account);
	if (r != NULL) {
		*done = r->done;
		*all = r->all;
		st = r->st;
	}
	pthread_mutex_unlock(&x->lock);
	return st;
}

/* --- Finding ------------------------------------------------------------ */

static enum status
find_all(struct indexer *x, uint64_t account, const struct span *key, size_t n,
    struct documents *out, uint64_t *covered)
{
	CLEANUP(buf_clear) struct buf path = { 0 };
	CLEANUP(index_close) struct index *ix = NULL;
	uint64_t version;
	enum status st;

	path_of(x, account, &path);
	ix = take_resting(x, account);
	if (ix != NULL)
		st = index_resume(ix);
	else
		st = index_open((const char *)path.p, INDEX_READ, x->log, &ix);
	if (st == ST_OK)
		st = store_version(x->store, account, &version);
	if (st == ST_OK && index_state(ix).version > version)
		return ST_AGAIN; /* catch_up() will see */
	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = index_find(ix, key[i], &out[i]);
	if (st != ST_OK)
		return st;
	*covered = index_state(ix).covered;
	put_to_rest(x, account, TAKE(ix));
	return ST_OK;
}

void
indexer_find(struct indexer *x, uint64_t account, const struct span *key,
    size_t n, struct documents *out, uint64_t *covered)
{
	enum status st;

	*covered = 0;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct documents){ .all = true };
	pthread_rwlock_rdlock(&x->files);
	st = find_all(x, account, key, n, out, covered);
	pthread_rwlock_unlock(&x->files);
	if (st == ST_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		documents_clear(&out[i]);
		out[i].all = true;
	}
	if (st == ST_CORRUPT || st == ST_BAD)
		ask(x, account, REPAIR);
	else
		indexer_kick(x, account);
}
