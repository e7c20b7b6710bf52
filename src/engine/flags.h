#ifndef ENGINE_FLAGS_H
#define ENGINE_FLAGS_H

#include "base/limits.h"
#include "base/span.h"
#include "base/status.h"
#include "imap/flag.h"

/*
 * The flags of a message: bits 0 to 4 are the system flags as imap/flag.h
 * numbers them, the others are keywords in the order in which their mailbox
 * first saw them.
 */
struct flags {
	uint64_t w[2];
};

#define FLAG_SYSTEM_COUNT 5

enum flag_op { FLAGS_SET, FLAGS_ADD, FLAGS_REMOVE };

static inline struct flags
flags_apply(struct flags f, enum flag_op op, struct flags mask)
{
	for (int i = 0; i < 2; i++) {
		if (op == FLAGS_ADD)
			f.w[i] |= mask.w[i];
		else if (op == FLAGS_REMOVE)
			f.w[i] &= ~mask.w[i];
		else
			f.w[i] = mask.w[i];
	}
	return f;
}

static inline bool
flags_eq(struct flags a, struct flags b)
{
	return a.w[0] == b.w[0] && a.w[1] == b.w[1];
}

static inline bool
flags_bit(struct flags f, unsigned bit)
{
	return (f.w[bit / 64] >> (bit % 64) & 1) != 0;
}

static inline void
flags_set_bit(struct flags *f, unsigned bit)
{
	f->w[bit / 64] |= (uint64_t)1 << (bit % 64);
}

/*
 * The keywords of a mailbox, in the order of their bits.  Immutable and
 * counted: a new keyword makes a new table, so that a version that was never
 * committed takes its keywords with it.
 */
struct keywords;

/* The empty table is NULL, which every function takes. */
const struct keywords *keywords_ref(const struct keywords *k);
void keywords_unref(const struct keywords **k);
unsigned keywords_count(const struct keywords *k);
/* i is from 0; the keyword's bit is FLAG_SYSTEM_COUNT + i. */
struct span keywords_name(const struct keywords *k, unsigned i);
/* Without regard to case (RFC 9051 section 2.3.2); false if unknown. */
bool keywords_bit(const struct keywords *k, struct span name, unsigned *out);
/* A new table with one more name, which must not be in k.  ST_LIMIT. */
enum status keywords_with(const struct keywords *k, struct span name,
    const struct keywords **out);

#endif
