#ifndef ENGINE_FOREST_H
#define ENGINE_FOREST_H

#include "base/defs.h"

/*
 * Rooted trees that are linked and cut, without ever making a loop.
 *
 * A link-cut tree (Sleator, Tarjan): telling whether a link would make a
 * loop takes O(log n) on average, however deep a peer makes the trees.
 *
 * Embedded: { 0 } is a forest without nodes.
 */
#define FOREST_NONE UINT32_MAX

struct forest_node {
	uint32_t parent; /* or FOREST_NONE */
	uint32_t child_count;
	/*
	 * Each tree is split into paths, each path is a splay tree by depth.
	 * up is the parent in the splay tree; of its root, it is where the
	 * path hangs on another one.
	 */
	uint32_t up;
	uint32_t side[2];
};

struct forest {
	struct forest_node *node;
	size_t n;
	size_t cap;
};

void forest_clear(struct forest *f);

/* Room for so many nodes, so that adding them moves none. */
void forest_reserve(struct forest *f, size_t nodes);

/* A new node, alone in its tree; they are numbered from 0. */
uint32_t forest_add(struct forest *f);

static inline uint32_t
forest_parent(const struct forest *f, uint32_t node)
{
	return f->node[node].parent;
}

/*
 * Makes child, which must be a root, a child of parent.  False, and nothing
 * is done, if parent is child or a descendant of it.
 */
bool forest_link(struct forest *f, uint32_t parent, uint32_t child);

/* Makes node a root, if it isn't one. */
void forest_cut(struct forest *f, uint32_t node);

#endif
