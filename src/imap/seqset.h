#ifndef IMAP_SEQSET_H
#define IMAP_SEQSET_H

#include "base/arena.h"
#include "base/uidset.h"

/*
 * A sequence-set as the client wrote it (RFC 9051 section 9), of sequence
 * numbers or UIDs; the numbers of "*" and "$" are known only when it runs.
 */
#define SEQ_STAR 0 /* "*": the largest number in use */

struct seq_range {
	uint32_t from; /* not 0, or SEQ_STAR; either may be the larger */
	uint32_t to;
};

struct seq_set {
	const struct seq_range *r;
	size_t n;
	bool saved; /* "$": the saved result of RFC 5182; then n is 0 */
};

/* Parses s, which must be nothing else; false if it is no sequence-set. */
bool seq_set_parse(struct span s, struct arena *a, struct seq_set *out);

/*
 * Replaces *out by the numbers meant, "*" being max, in O(n log n).  With max
 * 0 (an empty mailbox) a range with "*" means nothing.  Numbers above max
 * stay: of UIDs they may name what comes later, of sequence numbers they are
 * the client's error, which seq_set_top() shows.  "$" resolves to nothing
 * here: the session has its numbers.
 */
void seq_set_resolve(const struct seq_set *s, uint32_t max, struct uidset *out);

/* The largest number written out; 0 if there is none. */
uint32_t seq_set_top(const struct seq_set *s);

#endif
