#include "engine/thread.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/thread_inside.h"

/* Every algorithm begins with this. */
static size_t
make_node(struct threads *t, uint32_t message)
{
	t->node[message] = (struct thread_node){
		.parent = NODE_NONE,
		.child = NODE_NONE,
		.next = NODE_NONE,
		.id = t->messages[message].id,
	};
	return 1;
}

static size_t
key_by_date(struct threads *t, uint32_t message)
{
	t->items[message] = (struct radix_item){
		.key = radix_key(t->messages[message].date),
		.index = message,
	};
	return 1;
}

static size_t
key_by_arrival(struct threads *t, uint32_t message)
{
	t->items[message] = (struct radix_item){
		.key = radix_key(t->messages[message].arrival),
		.index = message,
	};
	return 1;
}

static void
start_sort(struct threads *t)
{
	radix_start(&t->radix, t->items, t->spare, t->n);
}

/* Children of dummies that were merged go to where these went. */
static size_t
settle(struct threads *t, uint32_t message)
{
	uint32_t parent = t->node[message].parent;

	if (!is_dummy(t, parent))
		return 1;
	if (dummy_of(t, parent)->moved_to != NODE_NONE)
		parent = dummy_of(t, parent)->moved_to;
	t->node[message].parent = parent;
	dummy_of(t, parent)->to_come++;
	return 1;
}

static void
put_in_front(struct threads *t, uint32_t node, uint32_t *list)
{
	t->node[node].next = *list;
	*list = node;
}

/*
 * Step 6, and step 4: what is put in front of its siblings in descending
 * order ends in ascending order.  A dummy goes where its first child is.
 */
static size_t
place(struct threads *t, uint32_t message)
{
	uint32_t parent = t->node[message].parent;

	put_in_front(t, message,
	    parent == NODE_NONE ? &t->top : &t->node[parent].child);
	if (is_dummy(t, parent) && --dummy_of(t, parent)->to_come == 0)
		put_in_front(t, parent, &t->top);
	return 1;
}

/* THREAD=REFS orders the threads once more. */
static void
start_listing(struct threads *t)
{
	t->top = NODE_NONE;
	t->root = mem_array(t->node_count, sizeof(*t->root));
	memset(t->root, 0xff, t->node_count * sizeof(*t->root));
	t->is_listed = mem_array(t->node_count, sizeof(*t->is_listed));
}

/* All nodes on the way learn it, so that none is passed often. */
static uint32_t
root_of(struct threads *t, uint32_t node)
{
	uint32_t root = node;

	while (t->root[root] == NODE_NONE && t->node[root].parent != NODE_NONE)
		root = t->node[root].parent;
	if (t->root[root] != NODE_NONE)
		root = t->root[root];
	while (t->root[node] == NODE_NONE) {
		t->root[node] = root;
		if (node != root)
			node = t->node[node].parent;
	}
	return root;
}

static size_t
list(struct threads *t, uint32_t message)
{
	uint32_t root = root_of(t, message);

	if (!t->is_listed[root])
		put_in_front(t, root, &t->top);
	t->is_listed[root] = true;
	return 1;
}

static const struct thread_phase ordered_subject[] = {
	{ WALK_MAILBOX, make_node, NULL },
	{ WALK_MAILBOX, thread_group, thread_start_groups },
	{ WALK_MAILBOX, key_by_date, NULL },
	{ WALK_SORT, NULL, start_sort },
	{ WALK_SORTED, thread_order_subject, NULL },
	{ WALK_BACK, place, NULL },
	{ 0 },
};

static const struct thread_phase references[] = {
	{ WALK_MAILBOX, make_node, NULL },
	{ WALK_MAILBOX, thread_name, thread_start_names },
	{ WALK_MAILBOX, thread_link, NULL },
	{ WALK_MAILBOX, thread_prune, thread_start_pruning },
	{ WALK_MAILBOX, thread_group, thread_start_groups },
	{ WALK_MAILBOX, key_by_date, NULL },
	{ WALK_SORT, NULL, start_sort },
	{ WALK_SORTED, thread_gather, NULL },
	{ WALK_SORTED, thread_merge, NULL },
	{ WALK_SORTED, settle, NULL },
	{ WALK_BACK, place, NULL },
	{ 0 },
};

static const struct thread_phase refs[] = {
	{ WALK_MAILBOX, make_node, NULL },
	{ WALK_MAILBOX, thread_name, thread_start_names },
	{ WALK_MAILBOX, thread_link, NULL },
	{ WALK_MAILBOX, thread_prune, thread_start_pruning },
	{ WALK_MAILBOX, key_by_date, thread_links_clear },
	{ WALK_SORT, NULL, start_sort },
	{ WALK_SORTED, settle, NULL },
	{ WALK_BACK, place, NULL },
	{ WALK_MAILBOX, key_by_arrival, NULL },
	{ WALK_SORT, NULL, start_sort },
	{ WALK_BACK, list, start_listing },
	{ 0 },
};

static const struct thread_phase *const phases[] = {
	[THREAD_ORDEREDSUBJECT] = ordered_subject,
	[THREAD_REFERENCES] = references,
	[THREAD_REFS] = refs,
};

static void
enter(struct threads *t, const struct thread_phase *phase)
{
	t->phase = phase;
	t->at = 0;
	if (phase->start != NULL)
		phase->start(t);
}

/* Not zeroed: what is in it is set before it is read. */
static void *
room_for(size_t count, size_t size)
{
	return mem_resize(NULL, count * size);
}

struct threads *
threads_new(enum thread_by algorithm, const struct thread_message *messages,
    uint32_t message_count)
{
	struct threads *t = MEM_NEW(struct threads);
	size_t nodes = (size_t)message_count + message_count / 2;

	assert(nodes < NODE_NONE);
	t->messages = messages;
	t->n = message_count;
	t->node_count = message_count;
	t->items = room_for(message_count, sizeof(*t->items));
	t->spare = room_for(message_count, sizeof(*t->spare));
	t->node = room_for(nodes, sizeof(*t->node));
	t->top = NODE_NONE;
	t->dummy = room_for(message_count / 2, sizeof(*t->dummy));
	enter(t, phases[algorithm]);
	return t;
}

void
threads_free(struct threads **t)
{
	if (*t == NULL)
		return;
	thread_links_clear(*t);
	thread_groups_clear(*t);
	free((*t)->items);
	free((*t)->spare);
	free((*t)->node);
	free((*t)->dummy);
	free((*t)->root);
	free((*t)->is_listed);
	free(*t);
	*t = NULL;
}

uint32_t
thread_new_dummy(struct threads *t)
{
	uint32_t dummy = t->node_count++;

	assert(dummy - t->n < t->n / 2);
	*dummy_of(t, dummy) = (struct thread_dummy){
		.first = NODE_NONE,
		.moved_to = NODE_NONE,
	};
	t->node[dummy] = (struct thread_node){
		.parent = NODE_NONE,
		.child = NODE_NONE,
		.next = NODE_NONE,
	};
	return dummy;
}

static uint32_t
next_message(const struct threads *t)
{
	if (t->phase->walk == WALK_MAILBOX)
		return t->at;
	if (t->phase->walk == WALK_SORTED)
		return t->items[t->at].index;
	return t->items[t->n - 1 - t->at].index;
}

/* Goes on with the phase; true at its end. */
static bool
run_phase(struct threads *t, size_t *work)
{
	if (t->phase->walk == WALK_SORT)
		return radix_step(&t->radix, work);
	while (t->at<t->n && * work> 0) {
		size_t done = t->phase->visit(t, next_message(t));

		*work -= MIN(done, *work);
		t->at++;
	}
	return t->at == t->n;
}

static bool
is_last(const struct thread_phase *phase)
{
	return phase->visit == NULL && phase->start == NULL;
}

bool
threads_step(struct threads *t, size_t work)
{
	while (!is_last(t->phase) && work > 0 && run_phase(t, &work))
		enter(t, t->phase + 1);
	return is_last(t->phase);
}

/* A node whose chain is in parentheses of its own. */
static bool
has_parentheses(const struct threads *t, uint32_t node)
{
	const struct thread_node *n = &t->node[node];

	return n->next != NODE_NONE || n->parent == NODE_NONE ||
	       t->node[n->parent].child != node;
}

static void
write_node(struct threads *t, struct buf *out)
{
	uint32_t child = t->node[t->writing].child;

	if (!is_dummy(t, t->writing)) {
		buf_u64(out, t->node[t->writing].id);
		if (child == NODE_NONE) {
			t->write_state = WRITE_UP;
			return;
		}
		buf_byte(out, ' ');
	}
	t->writing = child;
	t->write_state = has_parentheses(t, child) ? WRITE_OPEN : WRITE_NODE;
}

/* All below the node is written. */
static void
write_up(struct threads *t, struct buf *out)
{
	bool close = has_parentheses(t, t->writing);

	if (close)
		buf_byte(out, ')');
	if (close && t->node[t->writing].next != NODE_NONE) {
		t->writing = t->node[t->writing].next;
		t->write_state = WRITE_OPEN;
	} else {
		t->writing = t->node[t->writing].parent;
	}
}

/* Each turn of the loop goes to one node, which may write nothing. */
bool
threads_write(struct threads *t, struct buf *out, size_t bytes)
{
	size_t until = out->n + bytes;

	assert(is_last(t->phase));
	if (t->write_state == WRITE_FIRST) {
		t->writing = t->top;
		t->write_state = WRITE_OPEN;
	}
	for (; bytes > 0 && out->n < until && t->writing != NODE_NONE;
	     bytes--) {
		if (t->write_state == WRITE_OPEN) {
			buf_byte(out, '(');
			t->write_state = WRITE_NODE;
		} else if (t->write_state == WRITE_NODE) {
			write_node(t, out);
		} else {
			write_up(t, out);
		}
	}
	return t->writing == NODE_NONE;
}
