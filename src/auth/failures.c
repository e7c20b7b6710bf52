#include "auth/failures.h"

#include <arpa/inet.h>

#include "auth/table.h"
#include "base/limits.h"
#include "base/mem.h"

enum kind { KIND_ADDRESS, KIND_USER, KIND_PAIR };

struct failures {
	struct table *counts;
	struct table *good; /* pairs; only who has a password gets in here */
	struct failures_settings set;
};

struct count {
	uint64_t failures;
	int64_t until_ms;
};

struct good {
	int64_t until_ms;
};

struct failures *
failures_new(const struct failures_settings *s)
{
	struct failures *f = MEM_NEW(struct failures);

	f->counts = table_new(LIMIT_FAILURES, sizeof(struct count));
	f->good = table_new(LIMIT_GOOD_ADDRESSES, sizeof(struct good));
	f->set = *s;
	return f;
}

void
failures_free(struct failures **f)
{
	if (*f == NULL)
		return;
	table_free(&(*f)->counts);
	table_free(&(*f)->good);
	mem_free(f);
}

void
failures_set(struct failures *f, const struct failures_settings *s)
{
	f->set = *s;
}

/*
 * What counts as one address.  A provider gives a customer 2^64 IPv6
 * addresses, so these are one; an IPv4 one may come mapped into IPv6.
 */
struct source_address {
	unsigned char bytes[LIMIT_ADDRESS_TEXT];
	size_t n;
};

static struct source_address
address_of(struct span peer)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct source_address a = { .n = 0 };
	char text[LIMIT_ADDRESS_TEXT] = "";
	unsigned char ip[16];

	(void)span_copy(text, sizeof(text) - 1, peer);
	if (inet_pton(AF_INET, text, ip) == 1) {
		a.n = 4;
		memcpy(a.bytes, ip, 4);
	} else if (inet_pton(AF_INET6, text, ip) != 1) {
		a.n = span_copy(a.bytes, sizeof(a.bytes), peer);
	} else if (memcmp(ip, mapped, sizeof(mapped)) == 0) {
		a.n = 4;
		memcpy(a.bytes, ip + 12, 4);
	} else {
		a.n = 8;
		memcpy(a.bytes, ip, 8);
	}
	return a;
}

static struct table_key
key_of(const struct table *t, enum kind kind, const struct login_source *who)
{
	unsigned char pair[LIMIT_ADDRESS_TEXT + 1 + LIMIT_USER_NAME];
	struct source_address a = address_of(who->peer);
	struct span user = span_head(who->user, LIMIT_USER_NAME);

	if (kind == KIND_USER)
		return table_key_of(t, kind, user);
	if (kind == KIND_ADDRESS)
		return table_key_of(t, kind, span_of(a.bytes, a.n));
	memcpy(pair, a.bytes, a.n);
	pair[a.n] = '\0';
	(void)span_copy(pair + a.n + 1, LIMIT_USER_NAME, user);
	return table_key_of(t, kind, span_of(pair, a.n + 1 + user.n));
}

static uint64_t
valid(const struct count *c, int64_t now_ms)
{
	return c == NULL || now_ms >= c->until_ms ? 0 : c->failures;
}

static uint64_t
failures_of(const struct failures *f, enum kind kind,
    const struct login_source *who, int64_t now_ms)
{
	return valid(table_find(f->counts, key_of(f->counts, kind, who)),
	    now_ms);
}

static bool
known_good(const struct failures *f, const struct login_source *who,
    int64_t now_ms)
{
	const struct good *g =
	    table_find(f->good, key_of(f->good, KIND_PAIR, who));

	return g != NULL && now_ms < g->until_ms;
}

enum failures_block
failures_blocked(struct failures *f, const struct login_source *who,
    int64_t now_ms)
{
	if (failures_of(f, KIND_PAIR, who, now_ms) >= f->set.per_user)
		return BLOCK_USER;
	if (known_good(f, who, now_ms))
		return BLOCK_NONE;
	if (failures_of(f, KIND_ADDRESS, who, now_ms) >= f->set.per_address)
		return BLOCK_ADDRESS;
	if (failures_of(f, KIND_USER, who, now_ms) >= f->set.per_user)
		return BLOCK_USER;
	return BLOCK_NONE;
}

static uint64_t
add_one(struct failures *f, enum kind kind, const struct login_source *who,
    int64_t now_ms)
{
	struct count *c = table_put(f->counts, key_of(f->counts, kind, who));

	c->failures = valid(c, now_ms) + 1;
	c->until_ms = now_ms + f->set.time_ms;
	return c->failures;
}

static int64_t
delay(const struct failures *f, uint64_t failures)
{
	int64_t ms = f->set.delay_ms;

	for (; failures > 1 && ms > 0 && ms < LIMIT_FAILURE_MS; failures--)
		ms *= 2;
	return MIN(ms, LIMIT_FAILURE_MS);
}

struct failures_verdict
failures_wrong(struct failures *f, const struct login_source *who,
    int64_t now_ms)
{
	uint64_t address = add_one(f, KIND_ADDRESS, who, now_ms);
	uint64_t user = add_one(f, KIND_USER, who, now_ms);
	struct failures_verdict v = {
		.delay_ms = delay(f, MAX(address, user)),
	};

	(void)add_one(f, KIND_PAIR, who, now_ms);
	if (address == f->set.per_address) {
		v.begun = BLOCK_ADDRESS;
		v.count = address;
	} else if (user == f->set.per_user) {
		v.begun = BLOCK_USER;
		v.count = user;
	}
	return v;
}

static void
take_off(struct failures *f, enum kind kind, const struct login_source *who,
    uint64_t failures)
{
	struct count *c = table_find(f->counts, key_of(f->counts, kind, who));

	if (c != NULL)
		c->failures -= MIN(failures, c->failures);
}

void
failures_right(struct failures *f, const struct login_source *who,
    int64_t now_ms)
{
	uint64_t failures = failures_of(f, KIND_PAIR, who, now_ms);
	struct good *g = table_put(f->good, key_of(f->good, KIND_PAIR, who));

	g->until_ms = now_ms + LIMIT_GOOD_ADDRESS_MS;
	table_remove(f->counts, key_of(f->counts, KIND_PAIR, who));
	take_off(f, KIND_ADDRESS, who, failures);
	take_off(f, KIND_USER, who, failures);
}
