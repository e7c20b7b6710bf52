#include "auth/remember.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "auth/table.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"

#define MAC_BYTES 32

struct remember {
	struct table *table;
	EVP_MAC_CTX *mac; /* with the key, which is nowhere else */
};

struct remembered {
	int64_t until_ms;
	unsigned char mac[MAC_BYTES];
};

/* Made once, as finding algorithms takes longer than what they do here. */
static EVP_MAC_CTX *
new_mac(void)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    sizeof(digest) - 1),
		OSSL_PARAM_END,
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *c = EVP_MAC_CTX_new(hmac);
	unsigned char key[MAC_BYTES];
	int ok;

	random_bytes(key, sizeof(key));
	ok = EVP_MAC_init(c, key, sizeof(key), params);
	assert(ok == 1);
	explicit_bzero(key, sizeof(key));
	EVP_MAC_free(hmac);
	return c;
}

struct remember *
remember_new(void)
{
	struct remember *r = MEM_NEW(struct remember);

	r->table = table_new(LIMIT_REMEMBERED, sizeof(struct remembered));
	r->mac = new_mac();
	return r;
}

void
remember_free(struct remember **r)
{
	if (*r == NULL)
		return;
	table_free(&(*r)->table);
	EVP_MAC_CTX_free((*r)->mac);
	mem_free(r);
}

/* The account's id in front, so that equal passwords don't look equal. */
static void
mac_of(const struct remember *r, uint64_t account, struct span password,
    unsigned char out[MAC_BYTES])
{
	struct span text = span_head(password, LIMIT_PASSWORD);
	size_t n;
	bool ok;

	ok = EVP_MAC_init(r->mac, NULL, 0, NULL) == 1 &&
	     EVP_MAC_update(r->mac, (const unsigned char *)&account,
		 sizeof(account)) == 1 &&
	     EVP_MAC_update(r->mac, text.p, text.n) == 1 &&
	     EVP_MAC_final(r->mac, out, &n, MAC_BYTES) == 1;
	assert(ok && n == MAC_BYTES);
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
