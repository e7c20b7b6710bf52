#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/span.h"

struct hash_key {
	uint64_t k0;
	uint64_t k1;
};

/*
 * SipHash-2-4 (Aumasson, Bernstein).  With a secret key, peers cannot make
 * collisions; with a fixed one it names things on disk.
 */
uint64_t hash_sip(const struct hash_key *key, struct span in);

/* A key from the kernel, for tables that live in memory. */
struct hash_key hash_key_random(void);

#endif
