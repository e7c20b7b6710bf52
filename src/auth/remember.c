#include "auth/remember.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/table.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"

#define MAC_BYTES 32

struct remember {
	struct table *table;
	unsigned char key[32];
};

struct remembered {
	int64_t until_ms;
	unsigned char mac[MAC_BYTES];
};

struct remember *
remember_new(void)
{
	struct remember *r = MEM_NEW(struct remember);

	r->table = table_new(LIMIT_REMEMBERED, sizeof(struct remembered));
	random_bytes(r->key, sizeof(r->key));
	return r;
}

void
remember_free(struct remember **r)
{
	if (*r == NULL)
		return;
	table_free(&(*r)->table);
	explicit_bzero((*r)->key, sizeof((*r)->key));
	mem_free(r);
}

/* The account's id in front, so that equal passwords don't look equal. */
static void
mac_of(const struct remember *r, uint64_t account, struct span password,
    unsigned char out[MAC_BYTES])
{
	unsigned char text[sizeof(account) + LIMIT_PASSWORD];
	unsigned n = MAC_BYTES;
	size_t copied =
	    span_copy(text + sizeof(account), LIMIT_PASSWORD, password);

	memcpy(text, &account, sizeof(account));
	HMAC(EVP_sha256(), r->key, sizeof(r->key), text,
	    sizeof(account) + copied, out, &n);
	explicit_bzero(text, sizeof(text));
}

static struct table_key
key_of(const struct remember *r, uint64_t account)
{
	return table_key_of(r->table, 0, span_of(&account, sizeof(account)));
}

void
remember_put(struct remember *r, uint64_t account, struct span password,
    int64_t until_ms)
{
	struct remembered *e = table_put(r->table, key_of(r, account));

	mac_of(r, account, password, e->mac);
	e->until_ms = until_ms;
}

bool
remember_knows(struct remember *r, uint64_t account, struct span password,
    int64_t now_ms)
{
	struct remembered *e = table_find(r->table, key_of(r, account));
	unsigned char mac[MAC_BYTES];

	if (e == NULL || password.n > LIMIT_PASSWORD)
		return false;
	if (now_ms >= e->until_ms) {
		remember_forget(r, account);
		return false;
	}
	mac_of(r, account, password, mac);
	return CRYPTO_memcmp(mac, e->mac, MAC_BYTES) == 0;
}

void
remember_forget(struct remember *r, uint64_t account)
{
	table_remove(r->table, key_of(r, account));
}
