#ifndef DIRECTORY_SECRET_H
#define DIRECTORY_SECRET_H

#include "base/limits.h"
#include "base/span.h"
#include "base/status.h"

/*
 * What is stored of a password: a hash to check it, and keys for SCRAM.
 *
 * Passwords are given as typed.  What is hashed is the password prepared
 * with SASLprep (RFC 4013), as SCRAM's clients prepare it; one that can't be
 * prepared is hashed as it is and has no keys for SCRAM.  Imported hashes
 * were made of what was typed, so they are checked with that.
 *
 * All functions are pure and may be called from any thread.  A hash takes
 * its argon2_memory for as long as it runs.
 */
enum scram_hash { SCRAM_SHA1, SCRAM_SHA256, SCRAM_HASHES };

#define SCRAM_SALT_MAX 64
#define SCRAM_KEY_MAX  32

/* RFC 5802 section 3.  Keys are scram_key_bytes() long. */
struct scram_keys {
	unsigned char salt[SCRAM_SALT_MAX];
	size_t salt_n;
	uint32_t iterations;
	unsigned char stored_key[SCRAM_KEY_MAX];
	unsigned char server_key[SCRAM_KEY_MAX];
};

size_t scram_key_bytes(enum scram_hash h);

/* The two keys of a prepared password, for the salt and the iterations that
 * are in *keys. */
void scram_derive(enum scram_hash h, struct span prepared,
    struct scram_keys *keys);

#define SECRET_HASH_MAX 384 /* CRYPT_OUTPUT_SIZE */

struct secret {
	char hash[SECRET_HASH_MAX]; /* empty: no password is right */
	bool has_scram;
	struct scram_keys scram[SCRAM_HASHES];
};

/*
 * SCRAM's clients compute this many rounds at each login, most of them on
 * phones, and the server none.  RFC 7677 asks for 4096 at least, and other
 * servers have up to 15000; what is advised for hashes that a server computes
 * (600000) would take a phone a second.  So the keys for SCRAM are easier to
 * guess a password from than the hash beside them, and as secret.
 */
#define SECRET_SCRAM_ITERATIONS 16384
_Static_assert(SECRET_SCRAM_ITERATIONS >= 4096, "RFC 7677 section 3");

struct secret_costs {
	uint32_t argon2_kib;
	uint32_t argon2_passes;
	uint32_t argon2_lanes;
	uint32_t scram_iterations;
};

/* ST_LIMIT: longer than LIMIT_PASSWORD.  ST_IO: no memory for it now. */
enum status secret_make(const struct secret_costs *costs, struct span password,
    struct secret *out);

/*
 * A hash from another server: $argon2id$, $argon2i$, $5$, $6$, $y$, $2a$,
 * $2b$ and $2y$, alone or behind Dovecot's prefix ({SHA512-CRYPT}), or a
 * password behind {PLAIN}, which is hashed here.  It has no keys for SCRAM
 * until a good login brings the password.
 * ST_BAD: not one of these.  ST_LIMIT: its costs are above what one login
 * may take (LIMIT_HASH_KIB, LIMIT_HASH_ROUNDS).
 */
enum status secret_import(const struct secret_costs *costs, struct span text,
    struct secret *out);

/* ST_DENIED: another password.  ST_IO: no memory for it now. */
enum status secret_check(const char *hash, struct span password);

/* Takes the time of a check and forgets the result. */
void secret_pretend(const struct secret_costs *costs, struct span password);

/* Whether a hash was made in another way than secret_make() would now. */
bool secret_outdated(const struct secret_costs *costs, const char *hash);

#endif
