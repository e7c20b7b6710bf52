#include "base/test.h"

#include <stdlib.h>

#include "engine/thread.h"

/*
 * The steps of RFC 5256 word by word, as slow as they read, to compare small
 * random mailboxes with.
 */
#define MESSAGES 10
#define IDS      8
#define NODES    (MESSAGES + IDS + MESSAGES)
#define ROOT     (-1)
#define DELETED  (-2)

static struct thread_message mail[MESSAGES];
static uint64_t refs[MESSAGES][4];
#define SUBJECTS 2

static struct {
	int n; /* messages */
	int nodes;
	int parent[NODES];
	int of_id[IDS + 1];
} model;

static int
rnd(int below)
{
	return (int)(random() % below);
}

static void
random_mailbox(void)
{
	model.n = rnd(MESSAGES + 1);
	for (int i = 0; i < model.n; i++) {
		uint32_t count = (uint32_t)rnd(5);

		for (uint32_t r = 0; r < count; r++)
			refs[i][r] = (uint64_t)rnd(IDS + 1);
		mail[i] = (struct thread_message){ .id = (uint32_t)i + 1,
			.message_id = (uint64_t)rnd(IDS + 1),
			.refs = refs[i],
			.ref_count = count,
			.date = rnd(6),
			.arrival = rnd(6),
			.subject = (uint64_t)rnd(SUBJECTS + 1),
			.is_reply = rnd(2) != 0 };
	}
}

static bool
is_dummy(int node)
{
	return node >= model.n;
}

static int
new_dummy(void)
{
	model.parent[model.nodes] = ROOT;
	return model.nodes++;
}

static void
link_nodes(int parent, int child)
{
	for (int at = parent; at != ROOT; at = model.parent[at])
		if (at == child)
			return;
	model.parent[child] = parent;
}

/* Step 1. */
static void
link_all(void)
{
	model.nodes = model.n;
	for (int id = 0; id <= IDS; id++)
		model.of_id[id] = ROOT;
	for (int i = model.n - 1; i >= 0; i--) {
		model.parent[i] = ROOT;
		model.of_id[mail[i].message_id] = i;
	}
	for (int i = 0; i < model.n; i++) {
		int before = ROOT;

		for (uint32_t r = 0; r < mail[i].ref_count; r++) {
			int *node = &model.of_id[refs[i][r]];

			if (refs[i][r] == 0)
				continue;
			*node = *node == ROOT ? new_dummy() : *node;
			if (before != ROOT && model.parent[*node] == ROOT)
				link_nodes(before, *node);
			before = *node;
		}
		model.parent[i] = ROOT;
		if (before != ROOT)
			link_nodes(before, i);
	}
}

static int
children(int node, int *out)
{
	int n = 0;

	for (int i = 0; i < model.nodes; i++)
		if (model.parent[i] == node)
			out[n++] = i;
	return n;
}

/* Steps 2 and 3. */
static void
prune_all(void)
{
	int child[NODES];
	bool more = true;

	while (more) {
		more = false;
		for (int d = model.n; d < model.nodes; d++) {
			int n = children(d, child);
			int up = model.parent[d];

			if (up == DELETED || (up == ROOT && n > 1))
				continue;
			for (int c = 0; c < n; c++)
				model.parent[child[c]] = up;
			model.parent[d] = DELETED;
			more = true;
		}
	}
}

/* A dummy's place is that of its first child, which is no dummy. */
static int
first_of(int node)
{
	int child[NODES];
	int best = ROOT;
	int n;

	if (!is_dummy(node))
		return node;
	n = children(node, child);
	for (int c = 0; c < n; c++)
		if (best == ROOT || mail[child[c]].date < mail[best].date)
			best = child[c];
	return best;
}

static int
by_date(const void *a, const void *b)
{
	int i = first_of(*(const int *)a);
	int j = first_of(*(const int *)b);

	if (mail[i].date != mail[j].date)
		return mail[i].date < mail[j].date ? -1 : 1;
	return i - j;
}

/* Of the messages in a whole thread. */
static int
latest_of(int top)
{
	int best = ROOT;

	for (int i = 0; i < model.n; i++) {
		int up = i;

		while (up != top && up != ROOT)
			up = model.parent[up];
		if (up == top &&
		    (best == ROOT || mail[i].arrival >= mail[best].arrival))
			best = i;
	}
	return best;
}

static int
by_arrival(const void *a, const void *b)
{
	int i = latest_of(*(const int *)a);
	int j = latest_of(*(const int *)b);

	if (mail[i].arrival != mail[j].arrival)
		return mail[i].arrival < mail[j].arrival ? -1 : 1;
	return i - j;
}

static uint64_t
subject_of(int node)
{
	return mail[first_of(node)].subject;
}

static bool
is_reply(int node)
{
	return !is_dummy(node) && mail[node].is_reply;
}

static int *
table_entry(int *table, int node)
{
	return &table[subject_of(node) - 1];
}

/* Step 5.B. */
static void
gather_all(const int *top, int n, int *table)
{
	for (int i = 0; i < n; i++) {
		int *entry;

		if (subject_of(top[i]) == 0)
			continue;
		entry = table_entry(table, top[i]);
		if (*entry == ROOT ||
		    (!is_dummy(*entry) &&
			(is_dummy(top[i]) ||
			    (is_reply(*entry) && !is_reply(top[i])))))
			*entry = top[i];
	}
}

/* Step 5.C. */
static void
merge(int node, int *entry)
{
	int child[NODES];
	int n;

	if (is_dummy(node) && is_dummy(*entry)) {
		n = children(node, child);
		for (int c = 0; c < n; c++)
			model.parent[child[c]] = *entry;
		model.parent[node] = DELETED;
	} else if (is_dummy(*entry) || (is_reply(node) && !is_reply(*entry))) {
		model.parent[node] = *entry;
	} else {
		int dummy = new_dummy();

		model.parent[node] = dummy;
		model.parent[*entry] = dummy;
		*entry = dummy;
	}
}

static void
merge_subjects(void)
{
	int top[NODES];
	int table[SUBJECTS] = { ROOT, ROOT };
	int n = children(ROOT, top);

	qsort(top, (size_t)n, sizeof(*top), by_date);
	gather_all(top, n, table);
	for (int i = 0; i < n; i++) {
		if (model.parent[top[i]] != ROOT || subject_of(top[i]) == 0)
			continue;
		if (*table_entry(table, top[i]) != top[i])
			merge(top[i], table_entry(table, top[i]));
	}
}

/* It goes as deep as there are nodes, at most. */
static void /* NOLINTNEXTLINE(misc-no-recursion) */
write_list(int parent, int (*order)(const void *, const void *),
    struct buf *out)
{
	int child[NODES];
	int n = children(parent, child);
	bool nested = parent == ROOT || n > 1;

	qsort(child, (size_t)n, sizeof(*child), order);
	if (n > 0 && parent != ROOT && !is_dummy(parent))
		buf_byte(out, ' ');
	for (int c = 0; c < n; c++) {
		if (nested)
			buf_byte(out, '(');
		if (!is_dummy(child[c]))
			buf_u64(out, mail[child[c]].id);
		write_list(child[c], by_date, out);
		if (nested)
			buf_byte(out, ')');
	}
}

static void
order_subjects(void)
{
	model.nodes = model.n;
	for (int i = 0; i < model.n; i++) {
		int first = i;

		for (int j = 0; j < model.n; j++)
			if (mail[i].subject == mail[j].subject &&
			    by_date(&j, &first) < 0)
				first = j;
		model.parent[i] = first == i ? ROOT : first;
	}
}

static void
run_model(enum thread_by algorithm, struct buf *out)
{
	if (algorithm == THREAD_ORDEREDSUBJECT) {
		order_subjects();
	} else {
		link_all();
		prune_all();
	}
	if (algorithm == THREAD_REFERENCES)
		merge_subjects();
	write_list(ROOT, algorithm == THREAD_REFS ? by_arrival : by_date, out);
}

static void
compare(enum thread_by algorithm, int turn)
{
	CLEANUP(buf_clear) struct buf got = { 0 };
	CLEANUP(buf_clear) struct buf want = { 0 };
	CLEANUP(threads_free)
	struct threads *t = threads_new(algorithm, mail, (uint32_t)model.n);

	while (!threads_step(t, 2))
		;
	while (!threads_write(t, &got, 2))
		;
	run_model(algorithm, &want);
	if (!span_eq(buf_span(&got), buf_span(&want)))
		fail_msg("turn %d, algorithm %d: got %.*s, want %.*s", turn,
		    (int)algorithm, SPAN_ARG(buf_span(&got)),
		    SPAN_ARG(buf_span(&want)));
}

static void
threads_are_what_the_steps_of_the_rfc_make(void **state)
{
	(void)state;
	srandom(4);
	for (int i = 0; i < 20000; i++) {
		random_mailbox();
		compare(THREAD_ORDEREDSUBJECT, i);
		compare(THREAD_REFERENCES, i);
		compare(THREAD_REFS, i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_are_what_the_steps_of_the_rfc_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
