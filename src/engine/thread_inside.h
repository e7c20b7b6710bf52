#ifndef ENGINE_THREAD_INSIDE_H
#define ENGINE_THREAD_INSIDE_H

#include "engine/forest.h"
#include "engine/idmap.h"
#include "engine/radix.h"
#include "engine/thread.h"

/*
 * The inside of an algorithm on its way: a table of phases, each of which
 * visits every message once.
 *
 * Nodes are numbers.  Those below n are the messages; the others are dummies
 * of RFC 5256, of which only those are ever made that stay: at the top, with
 * at least two messages below.  So there are at most n / 2.
 */
#define NODE_NONE UINT32_MAX

/* Memory is asked for so many messages before it is used. */
#define THREAD_AHEAD 8

enum thread_walk {
	WALK_MAILBOX, /* in the order of sequence numbers */
	WALK_SORTED,  /* in the order of the last WALK_SORT */
	WALK_BACK,    /* against it */
	WALK_SORT,    /* visits none: orders by the keys that were set */
};

struct thread_phase {
	enum thread_walk walk;
	/* Visits one message; says how much work that was. */
	size_t (*visit)(struct threads *t, uint32_t message);
	void (*start)(struct threads *t); /* or NULL */
};

/* Where references lead, from message to message (RFC 5256, step 1). */
struct thread_links {
	struct idmap ids; /* to numbers in the forest, the messages first */
	struct forest forest;
	uint32_t *stands_for; /* see thread_prune() */
};

/* Messages with the same base subject. */
struct thread_groups {
	struct idmap ids; /* from hashes to numbers of groups */
	uint32_t *node;   /* of each group: its entry in the subject table */
	size_t n;
	size_t cap;
	uint32_t *of; /* of each message; NODE_NONE: in none */
};

struct thread_node {
	uint32_t parent; /* or NODE_NONE */
	uint32_t child;  /* the first, by date */
	uint32_t next;   /* sibling */
	uint32_t id;     /* of a message */
};

struct threads {
	const struct thread_message *messages;
	uint32_t n;
	uint32_t node_count;
	const struct thread_phase *phase; /* the current one */
	uint32_t at;                      /* messages visited in it */

	struct thread_links links;
	struct thread_groups groups;
	struct radix_item *items;
	struct radix_item *spare;
	struct radix radix;

	struct thread_node *node;
	uint32_t top; /* the first thread */
	struct thread_dummy {
		uint32_t first; /* its message that comes first */
		uint32_t moved_to;
		uint32_t to_come; /* children not placed yet */
	} * dummy;
	uint32_t *root; /* THREAD=REFS: of each node, or NODE_NONE */
	bool *is_listed;

	uint32_t writing; /* the node that is next */
	enum { WRITE_FIRST, WRITE_OPEN, WRITE_NODE, WRITE_UP } write_state;
};

static inline bool
is_dummy(const struct threads *t, uint32_t node)
{
	return node != NODE_NONE && node >= t->n;
}

static inline struct thread_dummy *
dummy_of(const struct threads *t, uint32_t node)
{
	return &t->dummy[node - t->n];
}

/* The message whose turn it is after some others, or the last one. */
static inline const struct thread_message *
message_ahead(const struct threads *t, uint32_t message)
{
	return &t->messages[MIN(message + THREAD_AHEAD, t->n - 1)];
}

/* A dummy without children at the top. */
uint32_t thread_new_dummy(struct threads *t);

/* thread_link.c: from references to parents (steps 1 to 3). */
void thread_links_clear(struct threads *t);
void thread_start_names(struct threads *t);
size_t thread_name(struct threads *t, uint32_t message);
size_t thread_link(struct threads *t, uint32_t message);
void thread_start_pruning(struct threads *t);
size_t thread_prune(struct threads *t, uint32_t message);

/* thread_subject.c: ORDEREDSUBJECT, and step 5 of REFERENCES. */
void thread_groups_clear(struct threads *t);
void thread_start_groups(struct threads *t);
size_t thread_group(struct threads *t, uint32_t message);
size_t thread_order_subject(struct threads *t, uint32_t message);
size_t thread_gather(struct threads *t, uint32_t message);
size_t thread_merge(struct threads *t, uint32_t message);

#endif
