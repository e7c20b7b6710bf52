#include "engine/forest.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum { ABOVE, BELOW }; /* the sides of a splay tree by depth */

void
forest_clear(struct forest *f)
{
	free(f->node);
	*f = (struct forest){ 0 };
}

void
forest_reserve(struct forest *f, size_t nodes)
{
	if (nodes <= f->cap)
		return;
	f->node = mem_resize(f->node, nodes * sizeof(*f->node));
	f->cap = nodes;
}

uint32_t
forest_add(struct forest *f)
{
	f->node = mem_grow(f->node, f->n, &f->cap, sizeof(*f->node));
	f->node[f->n] = (struct forest_node){
		.parent = FOREST_NONE,
		.up = FOREST_NONE,
		.side = { FOREST_NONE, FOREST_NONE },
	};
	return (uint32_t)f->n++;
}

/* Which side of its splay parent x is on; -1 if x is a splay root. */
static int
side_of(const struct forest_node *node, uint32_t x)
{
	uint32_t up = node[x].up;

	if (up == FOREST_NONE)
		return -1;
	if (node[up].side[ABOVE] == x)
		return ABOVE;
	return node[up].side[BELOW] == x ? BELOW : -1;
}

static void
hang(struct forest_node *node, uint32_t x, int side, uint32_t under)
{
	node[under].side[side] = x;
	if (x != FOREST_NONE)
		node[x].up = under;
}

/* Moves x, which is not a splay root, up by one. */
static void
rotate(struct forest_node *node, uint32_t x)
{
	uint32_t up = node[x].up;
	int side = side_of(node, x);
	int up_side = side_of(node, up);

	node[x].up = node[up].up;
	if (up_side >= 0)
		node[node[up].up].side[up_side] = x;
	hang(node, node[x].side[!side], side, up);
	hang(node, up, !side, x);
}

static void
splay(struct forest_node *node, uint32_t x)
{
	for (;;) {
		int side = side_of(node, x);
		int up_side;

		if (side < 0)
			return;
		up_side = side_of(node, node[x].up);
		if (up_side >= 0)
			rotate(node, up_side == side ? node[x].up : x);
		rotate(node, x);
	}
}

/* Makes x the end of one path from its root, and that path's splay root. */
static void
expose(struct forest_node *node, uint32_t x)
{
	uint32_t below = FOREST_NONE;

	for (uint32_t at = x; at != FOREST_NONE; at = node[at].up) {
		splay(node, at);
		node[at].side[BELOW] = below;
		below = at;
	}
	splay(node, x);
}

static uint32_t
root_of(struct forest_node *node, uint32_t x)
{
	expose(node, x);
	while (node[x].side[ABOVE] != FOREST_NONE)
		x = node[x].side[ABOVE];
	splay(node, x);
	return x;
}

bool
forest_link(struct forest *f, uint32_t parent, uint32_t child)
{
	struct forest_node *node = f->node;

	assert(node[child].parent == FOREST_NONE);
	if (parent == child)
		return false;
	/* What has no children has no descendants: this is usual. */
	if (node[child].child_count > 0 && root_of(node, parent) == child)
		return false;

	expose(node, child);
	node[child].up = parent;
	node[child].parent = parent;
	node[parent].child_count++;
	return true;
}

void
forest_cut(struct forest *f, uint32_t node)
{
	struct forest_node *all = f->node;
	struct forest_node *n = &all[node];

	if (n->parent == FOREST_NONE)
		return;
	expose(all, node);
	all[n->side[ABOVE]].up = FOREST_NONE;
	n->side[ABOVE] = FOREST_NONE;
	all[n->parent].child_count--;
	n->parent = FOREST_NONE;
}
