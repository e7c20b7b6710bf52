#include <stdlib.h>

#include "base/mem.h"
#include "engine/message.h"
#include "engine/record.h"
#include "engine/search.h"
#include "engine/sort.h"
#include "engine/thread_keys.h"
#include "engine/work.h"
#include "imap/args_sort.h"

/*
 * SORT and THREAD with their UID forms: RFC 5256, 5957, 6203.
 *
 * The messages are found as SEARCH finds them, what is kept of them is read
 * from the store in the order of the mailbox, and then they are ordered.
 * Where there are many, another thread does that, and gives the memory back.
 */

/* So few are ordered at once: less than a millisecond. */
#define FEW 2000

/* What one step of ordering may look at (sort.h, thread.h). */
#define WORK 20000

/* Bytes of thread lists written between two looks at the output. */
#define WRITE_BYTES 16384

/* All that takes memory for each message. */
struct found {
	struct work work; /* the first thing in it */
	struct session *session;
	struct arena *arena;
	struct row *rows;
	size_t n;
	size_t cap;
	uint16_t *relevancy; /* of each, if that is asked for */
	size_t relevancy_cap;
	size_t loaded;   /* whose keys have been read */
	uint64_t modseq; /* the highest */

	/* SORT */
	struct sort_column *columns;
	uint32_t column_count;
	struct sort *sort;

	/* THREAD */
	enum thread_by by;
	struct thread_message *messages;
	struct thread_loader loader;
	struct threads *threads;
};

struct progress {
	struct search *search;
	struct found *found;
	bool needs_links; /* columns that must be read to SORT */
	bool needs_names;
	enum record_column column; /* that is being read */
	uint32_t rank;             /* of SORT, the next to be written */
	enum { FINDING, LOADING, ORDERING, WRITING } stage;
	enum status st;
};

/* In any thread. */
static void
clear_found(struct found *f)
{
	sort_free(&f->sort);
	threads_free(&f->threads);
	thread_loader_clear(&f->loader);
	arena_free(&f->arena);
	mem_free(&f->rows);
	mem_free(&f->relevancy);
}

static void
work_clear(struct work *w)
{
	clear_found((struct found *)w);
}

static void
done_clear(struct work *w)
{
	free(w);
}

static void
clear_progress(struct cmd *c)
{
	struct progress *p = c->progress;
	struct found *f = TAKE(p->found);

	search_free(&p->search);
	if (f->n > FEW) {
		f->work.run = work_clear;
		f->work.done = done_clear;
		work_start(f->session->account, WORK_SHORT, &f->work);
		return;
	}
	clear_found(f);
	free(f);
}

/* In any thread. */
static void
order(struct found *f)
{
	if (f->columns != NULL) {
		f->sort = sort_new(f->columns, f->column_count, (uint32_t)f->n);
		while (!sort_step(f->sort, WORK))
			continue;
	} else {
		f->threads = threads_new(f->by, f->messages, (uint32_t)f->n);
		while (!threads_step(f->threads, WORK))
			continue;
	}
}

static void
work_order(struct work *w)
{
	order((struct found *)w);
}

static void
done_order(struct work *w)
{
	session_wake(((struct found *)w)->session);
}

/* STEP_WAIT: another thread does it. */
static enum step
start_order(struct found *f)
{
	if (f->n <= FEW) {
		order(f);
		return STEP_DONE;
	}
	f->work.run = work_order;
	f->work.done = done_order;
	work_start(f->session->account, WORK_LONG, &f->work);
	return STEP_WAIT;
}

static enum status
begin(struct cmd *c, const struct search_program *program)
{
	struct progress *p = ARENA_NEW(c->arena, struct progress);

	c->progress = p;
	c->cleanup = clear_progress;
	p->found = MEM_NEW(struct found);
	p->found->session = c->session;
	p->found->arena = arena_new();
	if (program->has_modseq)
		session_enable_condstore(c->session);
	return search_new(c->session, program, &p->search);
}

/* ST_OK when all are found. */
static enum status
find(struct cmd *c, bool scored)
{
	struct progress *p = c->progress;
	struct found *f = p->found;
	struct row row;
	enum status st;

	while ((st = search_next(p->search, c, &row)) == ST_OK) {
		if (scored) {
			f->relevancy = mem_grow(f->relevancy, f->n,
			    &f->relevancy_cap, sizeof(*f->relevancy));
			f->relevancy[f->n] =
			    (uint16_t)search_relevancy(p->search);
		}
		f->rows = mem_grow(f->rows, f->n, &f->cap, sizeof(row));
		f->rows[f->n++] = row;
		f->modseq = MAX(f->modseq, row.state->modseq);
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
	return by == SORT_ARRIVAL || by == SORT_DATE || by == SORT_RELEVANCY ||
	       by == SORT_SIZE;
}

static int64_t
number_for(enum sort_by by, const struct found *f, size_t i)
{
	const struct msg_facts *facts = f->rows[i].facts;

	switch ((int)by) {
	case SORT_ARRIVAL:
		return facts->internal_wall;
	case SORT_DATE:
		return facts->sent_wall;
	case SORT_RELEVANCY:
		return -(int64_t)f->relevancy[i]; /* the highest first */
	default:
		return (int64_t)facts->size;
	}
}

static enum record_column
column_of(enum sort_by by)
{
	return by == SORT_SUBJECT ? RECORD_LINKS : RECORD_NAMES;
}

static struct span
name_for(enum sort_by by, const struct message_names *n)
{
	switch ((int)by) {
	case SORT_CC:
		return n->cc;
	case SORT_DISPLAYFROM:
		return n->display_from;
	case SORT_DISPLAYTO:
		return n->display_to;
	case SORT_FROM:
		return n->from;
	default:
		return n->to;
	}
}

/* What one column says about all keys of SORT that ask for it. */
static bool
take_strings(void *ctx, size_t i, struct span value)
{
	struct cmd *c = ctx;
	const struct sort_args *args = c->args;
	struct progress *p = c->progress;
	struct found *f = p->found;
	struct message_links links = { 0 };
	struct message_names names = { 0 };

	p->st = p->column == RECORD_LINKS ? message_links_read(value, &links)
	                                  : message_names_read(value, &names);
	for (size_t k = 0; k < args->n && p->st == ST_OK; k++) {
		enum sort_by by = args->keys[k].by;
		struct span *strings =
		    (struct span *)(uintptr_t)f->columns[k].strings;

		if (strings != NULL && column_of(by) == p->column)
			strings[f->loaded + i] = arena_dup(f->arena,
			    by == SORT_SUBJECT ? links.base_subject
					       : name_for(by, &names));
	}
	return p->st == ST_OK;
}

static void
take_numbers(struct found *f, const struct sort_args *args, size_t n)
{
	for (size_t k = 0; k < args->n; k++) {
		int64_t *numbers = (int64_t *)(uintptr_t)f->columns[k].numbers;

		for (size_t i = f->loaded; numbers != NULL && i < f->loaded + n;
		     i++)
			numbers[i] = number_for(args->keys[k].by, f, i);
	}
}

static enum status
read_strings(struct cmd *c, size_t n, enum record_column column)
{
	struct progress *p = c->progress;
	const struct found *f = p->found;
	uint64_t contents[RECORDS_MAX];
	enum status st;

	for (size_t i = 0; i < n; i++)
		contents[i] = f->rows[f->loaded + i].facts->content;
	p->st = ST_OK;
	p->column = column;
	st = records_read(c->session->account, column, contents, n,
	    take_strings, c);
	return st == ST_OK ? p->st : st;
}

/* Reads the keys of the next messages; ST_OK when there are no more. */
static enum status
load(struct cmd *c)
{
	const struct progress *p = c->progress;
	struct found *f = p->found;

	while (f->loaded < f->n) {
		size_t n = MIN(f->n - f->loaded, (size_t)RECORDS_MAX);
		enum status st = ST_OK;

		if (cmd_slice_over_now(c))
			return ST_AGAIN;
		take_numbers(f, c->args, n);
		if (p->needs_links)
			st = read_strings(c, n, RECORD_LINKS);
		if (st == ST_OK && p->needs_names)
			st = read_strings(c, n, RECORD_NAMES);
		if (st != ST_OK)
			return st;
		f->loaded += n;
	}
	return ST_OK;
}

static void
make_columns(struct cmd *c)
{
	const struct sort_args *args = c->args;
	struct progress *p = c->progress;
	struct found *f = p->found;

	f->column_count = (uint32_t)args->n;
	f->columns = ARENA_ARRAY(f->arena, args->n, struct sort_column);
	for (size_t k = 0; k < args->n; k++) {
		struct sort_column *col = &f->columns[k];

		col->reverse = args->keys[k].reverse;
		if (by_number(args->keys[k].by)) {
			col->numbers = ARENA_ARRAY(f->arena, f->n, int64_t);
			continue;
		}
		col->strings = ARENA_ARRAY(f->arena, f->n, struct span);
		if (column_of(args->keys[k].by) == RECORD_LINKS)
			p->needs_links = true;
		else
			p->needs_names = true;
	}
}

/* RFC 7162 section 3.1.6: as with SEARCH. */
static enum step
end_reply(struct cmd *c, bool has_modseq, const char *done)
{
	const struct progress *p = c->progress;
	struct buf *b = session_out(c->session);

	if (has_modseq && p->found->n > 0)
		buf_printf(b, " (MODSEQ %llu)",
		    (unsigned long long)p->found->modseq);
	BUF_LIT(b, "\r\n");
	c->in_response = false;
	return cmd_finish(c, ST_OK, done);
}

static enum step
write_sorted(struct cmd *c)
{
	const struct sort_args *args = c->args;
	struct progress *p = c->progress;
	const struct found *f = p->found;
	struct session *s = c->session;

	for (; p->rank < f->n; p->rank++) {
		const struct row *row = &f->rows[sort_at(f->sort, p->rank)];

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
		st = find(c, args->program.scored);
		if (st != ST_OK)
			return failed(c, st);
		make_columns(c);
		p->stage = LOADING;
	}
	if (p->stage == LOADING) {
		st = load(c);
		if (st != ST_OK)
			return failed(c, st);
		p->stage = ORDERING;
		if (start_order(p->found) == STEP_WAIT)
			return STEP_WAIT;
	}
	if (p->stage == ORDERING) {
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
	struct found *f = p->found;

	while (f->loaded < f->n) {
		const struct row *rows = &f->rows[f->loaded];
		struct thread_message *m = &f->messages[f->loaded];
		size_t done;
		enum status st;

		if (cmd_slice_over_now(c))
			return ST_AGAIN;
		st = thread_load(&f->loader, rows, m, f->n - f->loaded, &done);
		if (st != ST_OK)
			return st;
		for (size_t i = 0; i < done; i++)
			m[i].id = number_of(&rows[i], args->uid);
		f->loaded += done;
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
	while (!threads_write(p->found->threads, session_out(s), WRITE_BYTES));
	return end_reply(c, args->program.has_modseq, "Threaded");
}

enum step
run_thread(struct cmd *c)
{
	const struct thread_args *args = c->args;
	struct progress *p = c->progress;
	struct found *f;
	enum status st;

	if (p == NULL) {
		st = begin(c, &args->program);
		if (st != ST_OK)
			return search_refuse(c, st);
		p = c->progress;
	}
	if (p->stage == FINDING) {
		st = find(c, false);
		if (st != ST_OK)
			return failed(c, st);
		f = p->found;
		f->by = args->by;
		f->messages =
		    ARENA_ARRAY(f->arena, f->n, struct thread_message);
		f->loader.account = c->session->account;
		f->loader.version = c->session->version;
		p->stage = LOADING;
	}
	if (p->stage == LOADING) {
		st = load_threads(c);
		if (st != ST_OK)
			return failed(c, st);
		p->stage = ORDERING;
		if (start_order(p->found) == STEP_WAIT)
			return STEP_WAIT;
	}
	if (p->stage == ORDERING) {
		p->stage = WRITING;
		c->in_response = true;
		buf_str(session_out(c->session),
		    p->found->n > 0 ? "* THREAD " : "* THREAD");
	}
	return write_threads(c);
}
