#ifndef IMAP_TOKEN_H
#define IMAP_TOKEN_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/status.h"
#include "imap/flag.h"
#include "imap/mailbox_name.h"
#include "imap/seqset.h"

/*
 * A cursor over the text of one complete command, as reader.h makes it.
 *
 * The first error sticks: later calls return empty or 0 and read nothing, so
 * a parser reads straight through and asks once, in tok_end().  A loop over
 * items ends by itself, if each turn reads at least one token.
 *
 * Ownership  Spans borrow the text or the arena.
 * Errors     ST_BAD    the syntax is wrong: the reply is "BAD why".
 *            ST_DENIED the syntax is right, but not what it says: the reply
 *                      is "NO [code] why".
 *            ST_LIMIT  a bound was passed: as above, the code is LIMIT.
 */
struct grammar {
	bool utf8; /* UTF8=ACCEPT or IMAP4rev2 is enabled */
	unsigned search_nesting;
	struct name_limits names;
};

/* The limits of base/limits.h, without UTF-8. */
extern const struct grammar grammar_default;

struct tokens {
	struct span rest;
	enum status st;
	const char *why;  /* a sentence for the client; NULL without error */
	const char *code; /* of the response, or NULL */
	const struct grammar *g;
	struct arena *arena;
	uint32_t outside; /* literals of that kind read so far */
};

/* g and the arena are borrowed. */
struct tokens tok_over(struct span text, const struct grammar *g,
    struct arena *a);

/* The first error wins.  why and code are borrowed: string literals. */
void tok_bad(struct tokens *t, const char *why);
void tok_fail(struct tokens *t, enum status st, const char *code,
    const char *why);
void tok_limit(struct tokens *t, const char *why);

/*
 * ST_OK if all was read, but for one space at the end, and nothing failed;
 * else the first error, with t->why and t->code for the reply.  The grammar
 * has no such space; a client leaves it behind when its last argument is empty.
 */
enum status tok_end(struct tokens *t);

static inline bool
tok_failed(const struct tokens *t)
{
	return t->st != ST_OK;
}

/* Looking ahead without reading. */
static inline bool
tok_at_end(const struct tokens *t)
{
	return t->rest.n == 0;
}

static inline bool
tok_at(const struct tokens *t, unsigned char c)
{
	return t->rest.n > 0 && t->rest.p[0] == c;
}

bool tok_at_literal(const struct tokens *t);
bool tok_at_seq_set(const struct tokens *t);

/* Each reads what it names or fails; the accepting ones may say no. */
void tok_space(struct tokens *t);
void tok_byte(struct tokens *t, unsigned char c);
bool tok_accept(struct tokens *t, unsigned char c);
/* The word in any case, if what follows can't continue an atom. */
bool tok_accept_word(struct tokens *t, struct span word);

/*
 * For "(" item *(SP item) ")": false at the ")", which it reads, or after an
 * error; so `for (n = 0; tok_list_more(t, n); n++)` reads the items, of which
 * there may be none.  The "(" is read by the call with n == 0.
 */
bool tok_list_more(struct tokens *t, size_t n);

struct span tok_atom(struct tokens *t);
/* Letters, digits, "." and "-": the name of a FETCH item or a search key. */
struct span tok_word(struct tokens *t);

/*
 * Quoted strings may hold valid UTF-8 in every session: clients send it in
 * SEARCH and LOGIN whatever was enabled.  NUL is refused, but in a literal8.
 */
struct span tok_astring(struct tokens *t);
struct span tok_string(struct tokens *t);
struct span tok_nstring(struct tokens *t); /* p is NULL for NIL */

struct tok_literal {
	struct span bytes; /* if it is inline */
	uint64_t size;
	uint32_t index; /* if outside: the how manieth of the command, from 0 */
	bool outside;
	bool literal8;
};
struct tok_literal tok_literal(struct tokens *t, bool literal8_allowed);

uint32_t tok_number(struct tokens *t);
uint32_t tok_nz_number(struct tokens *t);
uint64_t tok_number64(struct tokens *t); /* at most 63 bits, as a MODSEQ */

struct seq_set tok_seq_set(struct tokens *t);

/* "(" flags ")"; \Recent is left out, other unknown \Flags are an error. */
struct flag_list tok_flag_list(struct tokens *t);
/* One or more flags without parentheses, for STORE. */
struct flag_list tok_bare_flags(struct tokens *t);

/* 1-Feb-1994 with or without quotes, as days since 1970-01-01. */
int64_t tok_date(struct tokens *t);
/* "01-Feb-1994 21:52:25 -0800", the day with a 0, a space or neither. */
struct datetime tok_date_time(struct tokens *t);

/*
 * A mailbox name in its internal form (mailbox_name.h), in the arena.  One
 * that can't be (bad modified UTF-7, empty parts, too deep) is ST_DENIED with
 * the code NONEXISTENT; or CANNOT from tok_new_mailbox(), which forgives one
 * "/" at the end (RFC 9051 section 6.3.4).
 */
struct span tok_mailbox(struct tokens *t);
/* Also as it was given, decoded from nothing but its quotes. */
struct span tok_mailbox_given(struct tokens *t, struct span *given);
struct span tok_new_mailbox(struct tokens *t);

/* list-mailbox: an astring that may hold wildcards; as on the wire. */
struct span tok_list_mailbox(struct tokens *t);

#endif
