#include "engine/thread_keys.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/message.h"
#include "engine/record.h"

/* Leaves whose messages have more references are read again each time. */
#define REFS_KEPT ((size_t)LEAF_MESSAGES * 16)

/* A leaf is read as a whole if at least one in so many rows is wanted. */
#define SPARSE 4

struct thread_key {
	uint64_t message_id;
	uint64_t subject;
	uint32_t first_ref;
	uint16_t ref_count;
	bool is_reply;
};

struct thread_keys {
	struct thread_keys *next; /* a loader's */
	uint64_t *refs;
	size_t ref_count;
	size_t ref_cap;
	struct thread_key key[];
};

_Static_assert(LEAF_MESSAGES <= RECORDS_MAX, "a leaf is read at once");
_Static_assert(LIMIT_REFERENCES <= UINT16_MAX, "ref_count counts them");

void
thread_keys_free(struct thread_keys **kp)
{
	struct thread_keys *k = TAKE(*kp);

	if (k == NULL)
		return;
	free(k->refs);
	free(k);
}

struct reading {
	struct account *account;
	struct thread_keys *keys;
	enum status st;
};

static enum status
take_refs(struct thread_keys *k, const struct message_links *m)
{
	size_t n = k->ref_count + m->reference_count;

	while (k->ref_cap < n)
		k->refs = mem_grow(k->refs, k->ref_cap, &k->ref_cap,
		    sizeof(*k->refs));
	k->ref_count = n;
	return references_read(m, k->refs + (n - m->reference_count));
}

static bool
take(void *ctx, size_t i, struct span value)
{
	struct reading *r = ctx;
	struct thread_keys *k = r->keys;
	struct thread_key *to = &k->key[i];
	struct message_links m;

	r->st = message_links_read(value, &m);
	if (r->st == ST_OK && m.reference_count > LIMIT_REFERENCES)
		r->st = ST_CORRUPT;
	if (r->st != ST_OK)
		return false;
	*to = (struct thread_key){
		.message_id = m.message_id,
		.first_ref = (uint32_t)k->ref_count,
		.ref_count = (uint16_t)m.reference_count,
		.is_reply = m.is_reply,
	};
	if (m.base_subject.n > 0)
		to->subject =
		    hash_sip(&r->account->subject_key, m.base_subject) | 1;
	if (m.reference_count > 0)
		r->st = take_refs(k, &m);
	return r->st == ST_OK;
}

static enum status
read_keys(struct account *a, const uint64_t *contents, size_t n,
    struct thread_keys **out)
{
	struct thread_keys *k =
	    mem_alloc(sizeof(*k) + n * sizeof(struct thread_key));
	struct reading r = { a, k, ST_OK };
	enum status st = records_read(a, RECORD_LINKS, contents, n, take, &r);

	if (st == ST_OK)
		st = r.st;
	if (st != ST_OK) {
		thread_keys_free(&k);
		return st;
	}
	k->refs = mem_resize(k->refs, k->ref_count * sizeof(*k->refs));
	*out = k;
	return ST_OK;
}

static void
fill(struct thread_message *m, const struct row *row,
    const struct thread_keys *keys, size_t at)
{
	const struct thread_key *k = &keys->key[at];

	m->refs = keys->refs + k->first_ref;
	m->ref_count = k->ref_count;
	m->message_id = k->message_id;
	m->subject = k->subject;
	m->is_reply = k->is_reply;
	m->date = row->facts->sent_wall;
	m->arrival = row->facts->internal_wall;
}

/* Of the rows that are asked for only. */
static enum status
load_some(struct thread_loader *l, const struct row *rows,
    struct thread_message *m, size_t n)
{
	uint64_t contents[LEAF_MESSAGES];
	struct thread_keys *k;
	enum status st;

	for (size_t i = 0; i < n; i++)
		contents[i] = rows[i].facts->content;
	st = read_keys(l->account, contents, n, &k);
	if (st != ST_OK)
		return st;
	k->next = l->own;
	l->own = k;
	for (size_t i = 0; i < n; i++)
		fill(&m[i], &rows[i], k, i);
	return ST_OK;
}

/*
 * Of all that the leaf has, to be kept with it.  If that can't be, be it that
 * a message is damaged which nobody asks for, the leaf stays without.
 */
static void
read_leaf(struct thread_loader *l, struct facts_block *f)
{
	uint64_t contents[LEAF_MESSAGES];
	struct thread_keys *k;

	for (uint32_t i = 0; i < f->n; i++)
		contents[i] = f->f[i].content;
	if (read_keys(l->account, contents, f->n, &k) != ST_OK)
		return;
	if (k->ref_count > REFS_KEPT)
		thread_keys_free(&k);
	f->thread_keys = k;
}

enum status
thread_load(struct thread_loader *l, const struct row *rows,
    struct thread_message *m, size_t n, size_t *out_done)
{
	uint32_t first;
	struct facts_block *f =
	    version_leaf(l->version, rows[0].seq, &first)->facts;
	enum status st = ST_OK;
	size_t here = 1;

	while (here < n && rows[here].seq < first + f->n)
		here++;
	if (f->thread_keys == NULL && here * SPARSE >= f->n)
		read_leaf(l, f);
	if (f->thread_keys != NULL)
		for (size_t i = 0; i < here; i++)
			fill(&m[i], &rows[i], f->thread_keys,
			    rows[i].seq - first);
	else
		st = load_some(l, rows, m, here);
	if (st == ST_OK)
		*out_done = here;
	return st;
}

void
thread_loader_clear(struct thread_loader *l)
{
	while (l->own != NULL) {
		struct thread_keys *k = l->own;

		l->own = k->next;
		thread_keys_free(&k);
	}
}
