#include <assert.h>

#include "base/mem.h"
#include "engine/thread_inside.h"

void
thread_groups_clear(struct threads *t)
{
	idmap_clear(&t->groups.ids);
	mem_free(&t->groups.node);
	mem_free(&t->groups.of);
}

void
thread_start_groups(struct threads *t)
{
	thread_links_clear(t);
	idmap_init(&t->groups.ids);
	t->groups.of = mem_resize(NULL, t->n * sizeof(*t->groups.of));
}

/*
 * Finds the group of each message; of REFERENCES only of those that may be
 * the first of a thread.  A group has no entry in the table yet.
 */
size_t
thread_group(struct threads *t, uint32_t message)
{
	struct thread_groups *g = &t->groups;
	uint32_t parent = t->node[message].parent;
	uint64_t subject = t->messages[message].subject;
	uint64_t ahead = message_ahead(t, message)->subject;
	uint32_t *number;

	idmap_expect(&g->ids, ahead);
	g->of[message] = NODE_NONE;
	if (parent != NODE_NONE && !is_dummy(t, parent))
		return 1;
	number = idmap_at(&g->ids, subject == 0 ? UINT64_MAX : subject);
	if (*number == IDMAP_NEW) {
		g->node = mem_grow(g->node, g->n, &g->cap, sizeof(*g->node));
		g->node[g->n] = NODE_NONE;
		*number = (uint32_t)g->n++;
	}
	g->of[message] = *number;
	return 1;
}

/* ORDEREDSUBJECT: the others are children of the first, by date. */
size_t
thread_order_subject(struct threads *t, uint32_t message)
{
	uint32_t *first = &t->groups.node[t->groups.of[message]];

	t->node[message].parent = *first;
	if (*first == NODE_NONE)
		*first = message;
	return 1;
}

/*
 * The thread at whose top this message is, as itself or as the first below
 * a dummy: or NODE_NONE.
 */
static uint32_t
thread_of(const struct threads *t, uint32_t message)
{
	uint32_t parent = t->node[message].parent;

	if (parent == NODE_NONE)
		return message;
	if (is_dummy(t, parent) && dummy_of(t, parent)->first == message)
		return parent;
	return NODE_NONE;
}

static bool
is_reply(const struct threads *t, uint32_t node)
{
	return !is_dummy(t, node) && t->messages[node].is_reply;
}

/* Step 5.B: fills the subject table. */
size_t
thread_gather(struct threads *t, uint32_t message)
{
	uint32_t parent = t->node[message].parent;
	uint32_t *entry;
	uint32_t node;

	if (is_dummy(t, parent) && dummy_of(t, parent)->first == NODE_NONE)
		dummy_of(t, parent)->first = message;
	node = thread_of(t, message);
	if (node == NODE_NONE || t->messages[message].subject == 0) {
		t->groups.of[message] = NODE_NONE;
		return 1;
	}

	entry = &t->groups.node[t->groups.of[message]];
	if (*entry == NODE_NONE ||
	    (!is_dummy(t, *entry) &&
		(is_dummy(t, node) ||
		    (is_reply(t, *entry) && !is_reply(t, node)))))
		*entry = node;
	return 1;
}

/* Both are messages, of which the table's is not to be the other's parent. */
static void
join(struct threads *t, uint32_t *entry, uint32_t message)
{
	uint32_t dummy = thread_new_dummy(t);

	t->node[*entry].parent = dummy;
	t->node[message].parent = dummy;
	*entry = dummy;
}

/*
 * Step 5.C.  When a message of the table gets a dummy for a parent, its own
 * turn is over: it came first in the table among those that are alike.
 */
size_t
thread_merge(struct threads *t, uint32_t message)
{
	uint32_t *entry;
	uint32_t node;

	if (t->groups.of[message] == NODE_NONE)
		return 1;
	entry = &t->groups.node[t->groups.of[message]];
	node = thread_of(t, message);
	if (node == *entry)
		return 1;

	if (is_dummy(t, node)) {
		assert(is_dummy(t, *entry));
		dummy_of(t, node)->moved_to = *entry;
	} else if (is_dummy(t, *entry) ||
		   (is_reply(t, node) && !is_reply(t, *entry))) {
		t->node[node].parent = *entry;
	} else {
		join(t, entry, node);
	}
	return 1;
}
