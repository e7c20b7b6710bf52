#include "store/rocks/place.h"

#include "base/pack.h"

struct place
place_first(void)
{
	return (struct place){
		.key = { hash_key_random(), hash_key_random() },
	};
}

void
place_pack(const struct place *p, struct buf *out)
{
	pack_u64(out, p->pass);
	pack_u64(out, p->offset);
	pack_u64(out, p->sequence);
	for (int i = 0; i < 2; i++) {
		pack_be64(out, p->key[i].k0);
		pack_be64(out, p->key[i].k1);
	}
}

bool
place_unpack(struct span s, struct place *out)
{
	struct unpack u = unpack_over(s);
	struct place p;

	p.pass = unpack_u64(&u);
	p.offset = unpack_u64(&u);
	p.sequence = unpack_u64(&u);
	for (int i = 0; i < 2; i++) {
		p.key[i].k0 = unpack_be64(&u);
		p.key[i].k1 = unpack_be64(&u);
	}
	if (!unpack_end(&u) || p.offset % PLACE_UNIT != 0)
		return false;
	*out = p;
	return true;
}

bool
place_is_before(const struct place *a, const struct place *b)
{
	if (a->pass != b->pass)
		return a->pass < b->pass;
	return a->offset < b->offset;
}

bool
place_same_pass(const struct place *a, const struct place *b)
{
	return a->pass == b->pass &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

struct place
place_next_pass(const struct place *p)
{
	return (struct place){
		.pass = p->pass + 1,
		.sequence = p->sequence,
		.key = { p->key[1], hash_key_random() },
	};
}
