#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "imap/args_search.h"

/* What follows the name of a key. */
enum operand {
	NOTHING,
	TEXT,
	FIELD_TEXT,
	ATOM,
	DATE,
	NUMBER,
	SECONDS,
	UIDS,
	MODSEQ,
};

struct key_name {
	struct span name;
	enum search_op op;
	enum operand operand;
	unsigned set; /* for SEARCH_FLAGS */
	unsigned clear;
};

/* clang-format off */
static const struct key_name names[] = { /* in order */
	{ SPAN_INIT("ALL"),         SEARCH_ALL,         NOTHING, 0, 0 },
	{ SPAN_INIT("ANSWERED"),    SEARCH_FLAGS,       NOTHING, FLAG_ANSWERED, 0 },
	{ SPAN_INIT("BCC"),         SEARCH_BCC,         TEXT,    0, 0 },
	{ SPAN_INIT("BEFORE"),      SEARCH_BEFORE,      DATE,    0, 0 },
	{ SPAN_INIT("BODY"),        SEARCH_BODY,        TEXT,    0, 0 },
	{ SPAN_INIT("CC"),          SEARCH_CC,          TEXT,    0, 0 },
	{ SPAN_INIT("DELETED"),     SEARCH_FLAGS,       NOTHING, FLAG_DELETED, 0 },
	{ SPAN_INIT("DRAFT"),       SEARCH_FLAGS,       NOTHING, FLAG_DRAFT, 0 },
	{ SPAN_INIT("EMAILID"),     SEARCH_EMAILID,     ATOM,    0, 0 },
	{ SPAN_INIT("FLAGGED"),     SEARCH_FLAGS,       NOTHING, FLAG_FLAGGED, 0 },
	{ SPAN_INIT("FROM"),        SEARCH_FROM,        TEXT,    0, 0 },
	{ SPAN_INIT("HEADER"),      SEARCH_HEADER,      FIELD_TEXT, 0, 0 },
	{ SPAN_INIT("KEYWORD"),     SEARCH_KEYWORD,     ATOM,    0, 0 },
	{ SPAN_INIT("LARGER"),      SEARCH_LARGER,      NUMBER,  0, 0 },
	{ SPAN_INIT("MODSEQ"),      SEARCH_MODSEQ,      MODSEQ,  0, 0 },
	{ SPAN_INIT("NEW"),         SEARCH_FLAGS,       NOTHING, FLAG_RECENT, FLAG_SEEN },
	{ SPAN_INIT("OLD"),         SEARCH_FLAGS,       NOTHING, 0, FLAG_RECENT },
	{ SPAN_INIT("OLDER"),       SEARCH_OLDER,       SECONDS, 0, 0 },
	{ SPAN_INIT("ON"),          SEARCH_ON,          DATE,    0, 0 },
	{ SPAN_INIT("RECENT"),      SEARCH_FLAGS,       NOTHING, FLAG_RECENT, 0 },
	{ SPAN_INIT("SAVEDATESUPPORTED"), SEARCH_SAVEDATESUPPORTED, NOTHING, 0, 0 },
	{ SPAN_INIT("SAVEDBEFORE"), SEARCH_SAVEDBEFORE, DATE,    0, 0 },
	{ SPAN_INIT("SAVEDON"),     SEARCH_SAVEDON,     DATE,    0, 0 },
	{ SPAN_INIT("SAVEDSINCE"),  SEARCH_SAVEDSINCE,  DATE,    0, 0 },
	{ SPAN_INIT("SEEN"),        SEARCH_FLAGS,       NOTHING, FLAG_SEEN, 0 },
	{ SPAN_INIT("SENTBEFORE"),  SEARCH_SENTBEFORE,  DATE,    0, 0 },
	{ SPAN_INIT("SENTON"),      SEARCH_SENTON,      DATE,    0, 0 },
	{ SPAN_INIT("SENTSINCE"),   SEARCH_SENTSINCE,   DATE,    0, 0 },
	{ SPAN_INIT("SINCE"),       SEARCH_SINCE,       DATE,    0, 0 },
	{ SPAN_INIT("SMALLER"),     SEARCH_SMALLER,     NUMBER,  0, 0 },
	{ SPAN_INIT("SUBJECT"),     SEARCH_SUBJECT,     TEXT,    0, 0 },
	{ SPAN_INIT("TEXT"),        SEARCH_TEXT,        TEXT,    0, 0 },
	{ SPAN_INIT("THREADID"),    SEARCH_THREADID,    ATOM,    0, 0 },
	{ SPAN_INIT("TO"),          SEARCH_TO,          TEXT,    0, 0 },
	{ SPAN_INIT("UID"),         SEARCH_UIDS,        UIDS,    0, 0 },
	{ SPAN_INIT("UNANSWERED"),  SEARCH_FLAGS,       NOTHING, 0, FLAG_ANSWERED },
	{ SPAN_INIT("UNDELETED"),   SEARCH_FLAGS,       NOTHING, 0, FLAG_DELETED },
	{ SPAN_INIT("UNDRAFT"),     SEARCH_FLAGS,       NOTHING, 0, FLAG_DRAFT },
	{ SPAN_INIT("UNFLAGGED"),   SEARCH_FLAGS,       NOTHING, 0, FLAG_FLAGGED },
	{ SPAN_INIT("UNKEYWORD"),   SEARCH_UNKEYWORD,   ATOM,    0, 0 },
	{ SPAN_INIT("UNSEEN"),      SEARCH_FLAGS,       NOTHING, 0, FLAG_SEEN },
	{ SPAN_INIT("YOUNGER"),     SEARCH_YOUNGER,     SECONDS, 0, 0 },
};
/* clang-format on */

/* A key whose own keys are still being read. */
struct frame {
	uint32_t at;   /* its index */
	uint32_t left; /* keys to come; 0 for a list, which its end closes */
	bool fuzzy;    /* what is around it */
};

struct builder {
	struct tokens *t;
	struct search_key *keys;
	uint32_t n;
	uint32_t max;
	struct frame *frames; /* frames[0] is the whole search */
	unsigned depth;       /* of frames in use */
	bool ready;           /* the next token starts a key */
	bool has_modseq;
	bool fuzzy; /* how keys are matched where it is */
	bool has_fuzzy;
};

static int
by_name(const void *key, const void *elem)
{
	const struct span *name = key;
	const struct key_name *k = elem;

	return span_cmp_nocase(*name, k->name);
}

/* The key that is to be filled; there is always one, also after an error. */
static struct search_key *
add(struct builder *b, enum search_op op)
{
	if (b->n == b->max) {
		tok_limit(b->t, "The search has too many keys");
		b->n--;
	}
	b->keys[b->n] =
	    (struct search_key){ .op = op, .end = b->n + 1, .fuzzy = b->fuzzy };
	return &b->keys[b->n++];
}

static void
push(struct builder *b, enum search_op op, uint32_t left)
{
	if (b->depth > b->t->g->search_nesting) {
		tok_limit(b->t, "The search is nested too deeply");
		return;
	}
	b->frames[b->depth++] = (struct frame){ b->n, left, b->fuzzy };
	b->ready = true;
	(void)add(b, op);
}

static struct frame *
top(struct builder *b)
{
	return &b->frames[b->depth - 1];
}

static void
close_top(struct builder *b)
{
	b->keys[top(b)->at].end = b->n;
	b->fuzzy = top(b)->fuzzy;
	b->depth--;
}

/* A key is whole, and with it those that waited for it alone. */
static void
key_done(struct builder *b)
{
	while (top(b)->left == 1)
		close_top(b);
	b->ready = top(b)->left > 1;
	if (b->ready) {
		top(b)->left--;
		tok_space(b->t);
	}
}

/* NOT NOT x is x: the first is still waiting, with nothing in it. */
static void
start_not(struct builder *b)
{
	tok_space(b->t);
	if (b->keys[top(b)->at].op != SEARCH_NOT) {
		push(b, SEARCH_NOT, 1);
		b->fuzzy = false;
	} else {
		b->fuzzy = top(b)->fuzzy;
		b->depth--;
		b->n--;
	}
}

/*
 * RFC 6203 section 3.  FUZZY is for finding more, so below a NOT it would do
 * the opposite of what it is for, unless it stands there itself.
 */
static void
start_fuzzy(struct builder *b)
{
	tok_space(b->t);
	if (b->keys[top(b)->at].op != SEARCH_FUZZY)
		push(b, SEARCH_FUZZY, 1);
	b->fuzzy = true;
	b->has_fuzzy = true;
}

/* OR in OR is one more key of the outer one. */
static void
start_or(struct builder *b)
{
	tok_space(b->t);
	if (b->keys[top(b)->at].op == SEARCH_OR)
		top(b)->left++;
	else
		push(b, SEARCH_OR, 2);
}

/* "/flags/\\Seen" SP all: RFC 7162 section 3.1.5; there is one per message. */
static uint64_t
modseq(struct builder *b)
{
	struct tokens *t = b->t;

	b->has_modseq = true;
	if (tok_at(t, '"')) {
		if (!span_starts_nocase(tok_string(t), SPAN("/flags/")))
			tok_bad(t, "MODSEQ knows entries of flags only");
		tok_space(t);
		if (!tok_accept_word(t, SPAN("all")) &&
		    !tok_accept_word(t, SPAN("priv")) &&
		    !tok_accept_word(t, SPAN("shared")))
			tok_bad(t, "Expected all, priv or shared");
		tok_space(t);
	}
	return tok_number64(t);
}

static void
read_operand(struct builder *b, enum operand what, struct search_key *k)
{
	struct tokens *t = b->t;

	if (what != NOTHING)
		tok_space(t);
	switch (what) {
	case NOTHING:
		break;
	case FIELD_TEXT:
		k->field = tok_astring(t);
		tok_space(t);
		k->text = tok_astring(t);
		break;
	case TEXT:
		k->text = tok_astring(t);
		break;
	case ATOM:
		k->text = tok_atom(t);
		break;
	case DATE:
		k->day = tok_date(t);
		break;
	case NUMBER:
		k->number = tok_number64(t);
		break;
	case SECONDS:
		k->number = tok_nz_number(t);
		break;
	case UIDS:
		k->seqs = tok_seq_set(t);
		break;
	case MODSEQ:
		k->number = modseq(b);
		break;
	}
}

static void
named_key(struct builder *b)
{
	struct span name = tok_word(b->t);
	const struct key_name *row;
	struct search_key *k;

	if (span_eq_nocase(name, SPAN("NOT"))) {
		start_not(b);
		return;
	}
	if (span_eq_nocase(name, SPAN("OR"))) {
		start_or(b);
		return;
	}
	if (span_eq_nocase(name, SPAN("FUZZY"))) {
		start_fuzzy(b);
		return;
	}
	row = bsearch(&name, names, COUNT(names), sizeof(names[0]), by_name);
	if (row == NULL) {
		tok_bad(b->t, "There is no such search key");
		return;
	}
	k = add(b, row->op);
	k->set = row->set;
	k->clear = row->clear;
	read_operand(b, row->operand, k);
	key_done(b);
}

static void
start_key(struct builder *b)
{
	if (tok_accept(b->t, '(')) {
		push(b, SEARCH_AND, 0);
	} else if (tok_at_seq_set(b->t)) {
		struct search_key *k = add(b, SEARCH_SEQS);

		k->seqs = tok_seq_set(b->t);
		key_done(b);
	} else {
		named_key(b);
	}
}

/* Goes on to where a key starts: false at the end of the whole search. */
static bool
next_key(struct builder *b)
{
	struct tokens *t = b->t;

	while (!b->ready && b->depth > 1 && tok_accept(t, ')')) {
		close_top(b);
		key_done(b);
	}
	if (b->ready)
		return !tok_failed(t);
	if (b->depth == 1 && tok_at_end(t))
		return false;
	tok_space(t);
	return !tok_failed(t) && !(b->depth == 1 && tok_at_end(t));
}

void
tok_search_keys(struct tokens *t, struct search_program *out)
{
	size_t most = MIN((size_t)LIMIT_SEARCH_KEYS, t->rest.n + 2);
	struct builder b = { .t = t, .max = (uint32_t)most };

	b.keys = ARENA_ARRAY(t->arena, most, struct search_key);
	b.frames =
	    ARENA_ARRAY(t->arena, t->g->search_nesting + 1, struct frame);
	push(&b, SEARCH_AND, 0);
	do
		start_key(&b);
	while (next_key(&b));
	if (tok_failed(t))
		return;
	assert(b.depth == 1);
	close_top(&b);
	out->keys = b.keys;
	out->n = b.n;
	out->has_modseq = b.has_modseq;
	out->has_fuzzy = b.has_fuzzy;
}
