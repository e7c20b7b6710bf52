#ifndef ENGINE_LEAF_H
#define ENGINE_LEAF_H

#include "engine/version.h"

/*
 * The inside of a version, for what edits, stores and loads it.
 *
 * A leaf's rows are state[i] with facts->f[i]; state is NULL while it is not
 * loaded.  image is its number in the store, 0 if it has none yet.  What has
 * one reference only is not shared and may be changed in place.
 */
struct thread_keys;
struct facts_block {
	struct refs refs;
	uint32_t n;
	struct thread_keys *thread_keys; /* thread_keys.h; may be NULL */
	struct msg_facts f[LEAF_MESSAGES];
};

struct leaf {
	struct refs refs;
	uint64_t image;
	struct totals totals;
	struct msg_state *state; /* states_new(), or NULL */
	struct facts_block *facts;
};

/* n is 0 while it is not loaded.  image is as that of a leaf. */
struct segment {
	struct refs refs;
	uint32_t n;
	uint64_t image;
	struct totals totals;
	uint32_t unsaved; /* leaves without an image, when last counted */
	bool stale; /* totals are to be counted again, leaves to be joined */
	struct leaf *leaf[SEGMENT_LEAVES];
};

struct facts_block *facts_new(void); /* not zeroed, with one reference */
void facts_unref(struct facts_block **f);
struct msg_state *states_new(void); /* not zeroed */
struct leaf *leaf_new(uint64_t image, const struct totals *totals);
void leaf_unref(struct leaf **l);
/* Gives an unloaded leaf its memory, to be filled by its loader. */
void leaf_make_room(struct leaf *l);
enum status leaf_load(const struct version *v, struct leaf *l);
/*
 * Several that aren't loaded and whose images are in a row.  What is said is
 * of the first; of the others those are loaded that can be.
 */
#define LEAF_RUN 32
/* Whether l[n] may be one of them, behind l[0] and the others before it. */
bool leaf_in_run(const struct version *v, struct leaf *const *l, size_t n);
enum status leaf_load_run(const struct version *v, struct leaf *const *l,
    size_t n);
/* Its totals, of all of its rows or where only their states are new. */
void leaf_count(struct leaf *l);
void leaf_count_flags(struct leaf *l);

struct segment *segment_new(void);
bool segment_loaded(const struct segment *s);
enum status segment_load(const struct version *v, struct segment *s);
void segment_unref(struct segment **s);

/* Adds those of the messages that follow. */
void totals_add(struct totals *t, const struct totals *more);

/* The loaded leaf of the row of a sequence number; and its first. */
struct leaf *version_leaf(const struct version *v, uint32_t seq,
    uint32_t *first);

/* Adds a leaf at the end of a version that is not shared yet. */
void version_push_leaf(struct version *v, struct leaf *l);
void version_push_segment(struct version *v, struct segment *s);
/* Counts stale segments and the version's totals again. */
void version_count(struct version *v);
/* How many of its leaves have changed since the last checkpoint, or more. */
uint32_t version_unsaved(const struct version *v);

#endif
