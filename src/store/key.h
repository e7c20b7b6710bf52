#ifndef STORE_KEY_H
#define STORE_KEY_H

#include "store/store.h"

/*
 * Keys as the drivers order them: the account as 8 bytes, big-endian, then
 * what names the thing in it (docs/store-format.md).  By value, and in 64
 * bytes: no key is worth an allocation, nor more to copy than that.
 */
#define KEY_ACCOUNT_BYTES 8

struct key {
	size_t n;
	unsigned char p[KEY_ACCOUNT_BYTES + STORE_KEY_MAX];
};

/* The account alone: its version, and the lower bound of all it has. */
struct key key_account(uint64_t account);

/* A record; an empty key is the place before the first. */
struct key key_record(uint64_t account, struct span key);

/* The place up to which a range goes: empty means to the account's end. */
struct key key_record_end(uint64_t account, struct span to);

/* One piece of a body. */
struct key key_body(uint64_t account, uint64_t body, uint32_t piece);

static inline struct span
key_span(const struct key *k)
{
	return span_of(k->p, k->n);
}

/* The account that a stored key is of; false if it is too short for one. */
bool key_read_account(struct span key, uint64_t *account);

#endif
