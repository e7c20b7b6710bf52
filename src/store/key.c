#include "store/key.h"

#include <assert.h>

static void
add_be(struct key *k, uint64_t v, size_t bytes)
{
	for (size_t i = bytes; i-- > 0;) {
		k->p[k->n + i] = (unsigned char)v;
		v >>= 8;
	}
	k->n += bytes;
}

struct key
key_account(uint64_t account)
{
	struct key k;

	k.n = 0;
	add_be(&k, account, KEY_ACCOUNT_BYTES);
	return k;
}

struct key
key_record(uint64_t account, struct span key)
{
	struct key k = key_account(account);

	assert(key.n <= STORE_KEY_MAX);
	if (key.n > 0)
		memcpy(k.p + k.n, key.p, key.n);
	k.n += key.n;
	return k;
}

struct key
key_record_end(uint64_t account, struct span to)
{
	return to.n > 0 ? key_record(account, to) : key_account(account + 1);
}

struct key
key_body(uint64_t account, uint64_t body, uint32_t piece)
{
	struct key k = key_account(account);

	add_be(&k, body, sizeof(body));
	add_be(&k, piece, sizeof(piece));
	return k;
}

bool
key_read_account(struct span key, uint64_t *account)
{
	uint64_t v = 0;

	if (key.n < KEY_ACCOUNT_BYTES)
		return false;
	for (size_t i = 0; i < KEY_ACCOUNT_BYTES; i++)
		v = v << 8 | key.p[i];
	*account = v;
	return true;
}
