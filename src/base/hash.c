#include "base/hash.h"

#include <endian.h>

#include "base/random.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void
rounds(struct sip *s, int n)
{
	while (n-- > 0) {
		s->v0 += s->v1;
		s->v1 = rotl(s->v1, 13) ^ s->v0;
		s->v0 = rotl(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotl(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotl(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotl(s->v1, 17) ^ s->v2;
		s->v2 = rotl(s->v2, 32);
	}
}

static void
absorb(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

/* Up to eight bytes, little endian. */
static uint64_t
word_at(const unsigned char *p, size_t n)
{
	uint64_t w = 0;

	if (n == sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		return le64toh(w);
	}
	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return w;
}

uint64_t
hash_sip(const struct hash_key *key, struct span in)
{
	struct sip s = {
		key->k0 ^ 0x736f6d6570736575U,
		key->k1 ^ 0x646f72616e646f6dU,
		key->k0 ^ 0x6c7967656e657261U,
		key->k1 ^ 0x7465646279746573U,
	};
	size_t whole = in.n / 8 * 8;

	for (size_t i = 0; i < whole; i += 8)
		absorb(&s, word_at(in.p + i, 8));
	absorb(&s,
	    word_at(whole < in.n ? in.p + whole : (const unsigned char *)"",
		in.n - whole) |
		(uint64_t)in.n << 56);
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

struct hash_key
hash_key_random(void)
{
	struct hash_key k;

	random_bytes(&k, sizeof(k));
	return k;
}
