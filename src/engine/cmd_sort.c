#include <stdlib.h>

#include "base/mem.h"
#include "engine/message.h"
#include "engine/record.h"
#include "engine/search.h"
#include "engine/sort.h"
#include "engine/thread_keys.h"
#include "imap/args_sort.h"

/*
 * SORT and THREAD with their UID forms: RFC 5256, RFC 5957.
 *
 * The messages are found as SEARCH finds them, what is kept of them is read
 * from the store in the order of the mailbox, and then they are ordered.
 * All of that is in an arena of the command: so much per message found.
 */

/* What one step of ordering may look at (sort.h, thread.h). */
#define WORK 20000

/* Bytes of thread lists written between two looks at the output. */
#define WRITE_BYTES 16384

struct progress {
	struct search *search;
	struct arena *arena;
	struct row *rows; /* that were found */
	size_t n;
	size_t cap;
	size_t loaded; /* whose keys have been read */

	/* SORT */
	struct sort_column *columns;
	struct sort *sort;
	bool sorted;
	uint32_t rank; /* the next to be written */

	/* THREAD */
	struct thread_message *messages;
	struct thread_loader loader;
	struct threads *threads;

	enum { FINDING, LOADING, ORDERING, WRITING } stage;
	enum status st;
};

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;

	search_free(&p->search);
	sort_free(&p->sort);
	threads_free(&p->threads);
	thread_loader_clear(&p->loader);
	arena_free(&p->arena);
	free(p->rows);
}

static enum status
begin(struct cmd *c, const struct search_program *program)
{
	struct progress *p = ARENA_NEW(c->arena, struct progress);

	c->progress = p;
	c->cleanup = clear_progress;
	p->arena = arena_new();
	if (program->has_modseq)
		session_enable_condstore(c->session);
	return search_new(c->session, program, &p->search);
}

/* ST_OK when all are found. */
static enum status
find(struct cmd *c)
{
	struct progress *p = c->progress;
	struct row row;
	enum status st;

	while ((st = search_next(p->search, c, &row)) == ST_OK) {
		p->rows = mem_grow(p->rows, p->n, &p->cap, sizeof(row));
		p->rows[p->n++] = row;
	}
	search_progress(p->search, c);
	return st == ST_NOTFOUND ? ST_OK : st;
}

static uint32_t
number_of(const struct row *row, bool uid)
{
	return uid ? row->state->uid : row->seq;
}

static bool
by_number(enum sort_by by)
{
	return by == SORT_ARRIVAL || by == SORT_DATE || by == SORT_SIZE;
}

static int64_t
number_for(enum sort_by by, const struct msg_facts *f)
{
	if (by == SORT_ARRIVAL)
		return f->internal_wall;
	return by == SORT_DATE ? f->sent_wall : (int64_t)f->size;
}

static struct span
string_for(enum sort_by by, const struct message_keys *k)
{
	switch ((int)by) {
	case SORT_CC:
		return k->sort_cc;
	case SORT_DISPLAYFROM:
		return k->display_from;
	case SORT_DISPLAYTO:
		return k->display_to;
	case SORT_FROM:
		return k->sort_from;
	case SORT_TO:
		return k->sort_to;
	default:
		return k->base_subject;
	}
}

static bool
take_strings(void *ctx, size_t i, struct span value)
{
	struct cmd *c = ctx;
	const struct sort_args *args = c->args;
	struct progress *p = c->progress;
	struct message_keys keys;

	p->st = message_keys_read(value, &keys);
	for (size_t k = 0; k < args->n && p->st == ST_OK; k++) {
		struct span *strings =
		    (struct span *)(uintptr_t)p->columns[k].strings;

		if (strings != NULL)
			strings[p->loaded + i] = arena_dup(p->arena,
			    string_for(args->keys[k].by, &keys));
	}
	return p->st == ST_OK;
}

/* Reads the keys of the next messages; ST_OK when there are no more. */
static enum status
load(struct cmd *c)
{
	struct progress *p = c->progress;
	uint64_t contents[RECORDS_MAX];

	while (p->loaded < p->n) {
		size_t n = MIN(p->n - p->loaded, (size_t)RECORDS_MAX);
		enum status st;

		if (cmd_slice_over_now(c))
			return ST_AGAIN;
		for (size_t i = 0; i < n; i++)
			contents[i] = p->rows[p->loaded + i].facts->content;
		p->st = ST_OK;
		st = records_read(c->session->account, KEY_SORT, contents, n,
		    take_strings, c);
		if (st == ST_OK)
			st = p->st;
		if (st != ST_OK)
			return st;
		p->loaded += n;
	}
	return ST_OK;
}

/* True if strings must be read. */
static bool
make_columns(struct cmd *c)
{
	const struct sort_args *args = c->args;
	struct progress *p = c->progress;
	bool strings = false;

	p->columns = ARENA_ARRAY(p->arena, args->n, struct sort_column);
	for (size_t k = 0; k < args->n; k++) {
		struct sort_column *col = &p->columns[k];
		int64_t *numbers;

		col->reverse = args->keys[k].reverse;
		if (!by_number(args->keys[k].by)) {
			col->strings = ARENA_ARRAY(p->arena, p->n, struct span);
			strings = true;
			continue;
		}
		numbers = ARENA_ARRAY(p->arena, p->n, int64_t);
		for (size_t i = 0; i < p->n; i++)
			numbers[i] =
			    number_for(args->keys[k].by, p->rows[i].facts);
		col->numbers = numbers;
	}
	return strings;
}

static uint64_t
highest_modseq(const struct progress *p)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < p->n; i++)
		highest = MAX(highest, p->rows[i].state->modseq);
	return highest;
}

/* RFC 7162 section 3.1.6: as with SEARCH. */
static enum step
end_reply(struct cmd *c, bool has_modseq, const char *done)
{
	const struct progress *p = c->progress;
	struct buf *b = session_out(c->session);

	if (has_modseq && p->n > 0)
		buf_printf(b, " (MODSEQ %llu)",
		    (unsigned long long)highest_modseq(p));
	BUF_LIT(b, "\r\n");
	c->in_response = false;
	return cmd_finish(c, ST_OK, done);
}

static enum step
write_sorted(struct cmd *c)
{
	const struct sort_args *args = c->args;
	struct progress *p = c->progress;
	struct session *s = c->session;

	for (; p->rank < p->n; p->rank++) {
		const struct row *row = &p->rows[sort_at(p->sort, p->rank)];

		if (!session_room(s) || cmd_slice_over(c))
			return STEP_MORE;
		buf_byte(session_out(s), ' ');
		buf_u64(session_out(s), number_of(row, args->uid));
	}
	return end_reply(c, args->program.has_modseq, "Sorted");
}

static enum step
failed(struct cmd *c, enum status st)
{
	const struct progress *p = c->progress;

	return st == ST_AGAIN ? search_again(p->search) : cmd_finish(c, st, "");
}

enum step
run_sort(struct cmd *c)
{
	const struct sort_args *args = c->args;
	struct progress *p = c->progress;
	enum status st;

	if (p == NULL) {
		st = begin(c, &args->program);
		if (st != ST_OK)
			return search_refuse(c, st);
		p = c->progress;
	}
	if (p->stage == FINDING) {
		st = find(c);
		if (st != ST_OK)
			return failed(c, st);
		p->stage = make_columns(c) ? LOADING : ORDERING;
	}
	if (p->stage == LOADING) {
		st = load(c);
		if (st != ST_OK)
			return failed(c, st);
		p->stage = ORDERING;
	}
	if (p->stage == ORDERING) {
		if (p->sort == NULL)
			p->sort = sort_new(p->columns, (uint32_t)args->n,
			    (uint32_t)p->n);
		if (!sort_step(p->sort, WORK))
			return STEP_MORE;
		p->stage = WRITING;
		c->in_response = true;
		BUF_LIT(session_out(c->session), "* SORT");
	}
	return write_sorted(c);
}

/* Makes the next messages; ST_OK when there are no more. */
static enum status
load_threads(struct cmd *c)
{
	const struct thread_args *args = c->args;
	struct progress *p = c->progress;

	while (p->loaded < p->n) {
		const struct row *rows = &p->rows[p->loaded];
		struct thread_message *m = &p->messages[p->loaded];
		size_t done;
		enum status st;

		if (cmd_slice_over_now(c))
			return ST_AGAIN;
		st = thread_load(&p->loader, rows, m, p->n - p->loaded, &done);
		if (st != ST_OK)
			return st;
		for (size_t i = 0; i < done; i++)
			m[i].id = number_of(&rows[i], args->uid);
		p->loaded += done;
	}
	return ST_OK;
}

static enum step
write_threads(struct cmd *c)
{
	const struct thread_args *args = c->args;
	struct progress *p = c->progress;
	struct session *s = c->session;

	do
		if (!session_room(s) || cmd_slice_over_now(c))
			return STEP_MORE;
	while (!threads_write(p->threads, session_out(s), WRITE_BYTES));
	return end_reply(c, args->program.has_modseq, "Threaded");
}

enum step
run_thread(struct cmd *c)
{
	const struct thread_args *args = c->args;
	struct progress *p = c->progress;
	enum status st;

	if (p == NULL) {
		st = begin(c, &args->program);
		if (st != ST_OK)
			return search_refuse(c, st);
		p = c->progress;
	}
	if (p->stage == FINDING) {
		st = find(c);
		if (st != ST_OK)
			return failed(c, st);
		p->messages =
		    ARENA_ARRAY(p->arena, p->n, struct thread_message);
		p->loader.account = c->session->account;
		p->loader.version = c->session->version;
		p->stage = LOADING;
	}
	if (p->stage == LOADING) {
		st = load_threads(c);
		if (st != ST_OK)
			return failed(c, st);
		p->threads = threads_new(args->by, p->messages, (uint32_t)p->n);
		p->stage = ORDERING;
	}
	if (p->stage == ORDERING) {
		if (!threads_step(p->threads, WORK))
			return STEP_MORE;
		p->stage = WRITING;
		c->in_response = true;
		buf_str(session_out(c->session),
		    p->n > 0 ? "* THREAD " : "* THREAD");
	}
	return write_threads(c);
}
