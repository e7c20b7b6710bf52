#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "engine/thread_inside.h"

void
thread_links_clear(struct threads *t)
{
	idmap_clear(&t->links.ids);
	forest_clear(&t->links.forest);
	mem_free(&t->links.stands_for);
}

void
thread_start_names(struct threads *t)
{
	idmap_init(&t->links.ids);
	forest_reserve(&t->links.forest, (size_t)t->n * 2);
}

/* Of messages with the same Message-ID, the first has it. */
size_t
thread_name(struct threads *t, uint32_t message)
{
	uint64_t id = t->messages[message].message_id;
	uint64_t ahead = message_ahead(t, message)->message_id;
	uint32_t *number;

	idmap_expect(&t->links.ids, ahead);
	forest_add(&t->links.forest);
	if (id == 0)
		return 1;
	number = idmap_at(&t->links.ids, id);
	if (*number == IDMAP_NEW)
		*number = message;
	return 1;
}

/* The node of a reference, a new one if need be; or NODE_NONE. */
static uint32_t
referenced(struct threads *t, uint64_t id)
{
	struct forest *f = &t->links.forest;
	uint32_t *number;

	if (id == 0)
		return NODE_NONE;
	if (f->n - t->n >= LIMIT_THREAD_UNKNOWN)
		return idmap_find(&t->links.ids, id);
	number = idmap_at(&t->links.ids, id);
	if (*number == IDMAP_NEW)
		*number = forest_add(f);
	return *number;
}

/* Steps 1.A and 1.B. */
size_t
thread_link(struct threads *t, uint32_t message)
{
	const struct thread_message *m = &t->messages[message];
	struct forest *f = &t->links.forest;
	const struct thread_message *ahead = message_ahead(t, message);
	uint32_t before = NODE_NONE;

	for (uint32_t i = 0; i < ahead->ref_count; i++)
		idmap_expect(&t->links.ids, ahead->refs[i]);
	for (uint32_t i = 0; i < m->ref_count; i++) {
		uint32_t node = referenced(t, m->refs[i]);

		if (node == NODE_NONE)
			continue;
		if (before != NODE_NONE && forest_parent(f, node) == NODE_NONE)
			(void)forest_link(f, before, node);
		before = node;
	}
	if (forest_parent(f, message) == before)
		return 1 + m->ref_count;
	forest_cut(f, message);
	if (before != NODE_NONE)
		(void)forest_link(f, before, message);
	return 1 + m->ref_count;
}

void
thread_start_pruning(struct threads *t)
{
	t->links.stands_for =
	    mem_array(t->links.forest.n - t->n, sizeof(*t->links.stands_for));
}

/*
 * The nearest message above a node or, without one, the topmost dummy.
 * Dummies on the way become its children, so that none is passed often.
 */
static uint32_t
above(struct threads *t, uint32_t node)
{
	struct forest_node *f = t->links.forest.node;
	uint32_t top = f[node].parent;

	while (is_dummy(t, top) && f[top].parent != FOREST_NONE)
		top = f[top].parent;
	for (uint32_t at = f[node].parent; at != top;) {
		uint32_t up = f[at].parent;

		f[at].parent = top;
		at = up;
	}
	return top;
}

/*
 * Steps 2 and 3: a message's parent is the nearest message above it.  Those
 * below the same topmost dummy become children of one of ours, which is
 * made when the second is met: until then, the first stands for it.
 */
size_t
thread_prune(struct threads *t, uint32_t message)
{
	uint32_t parent = above(t, message);
	uint32_t *stands_for;

	t->node[message].parent = parent;
	if (!is_dummy(t, parent))
		return 1;

	stands_for = &t->links.stands_for[parent - t->n];
	if (*stands_for == 0) {
		*stands_for = message + 1;
		t->node[message].parent = NODE_NONE;
		return 1;
	}
	if (*stands_for - 1 < t->n) {
		uint32_t first = *stands_for - 1;

		t->node[first].parent = thread_new_dummy(t);
		*stands_for = t->node[first].parent + 1;
	}
	t->node[message].parent = *stands_for - 1;
	return 1;
}
