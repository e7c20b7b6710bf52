#ifndef ENGINE_FORMAT_H
#define ENGINE_FORMAT_H

#include "base/pack.h"
#include "engine/leaf.h"

/*
 * What the engine's keys and values mean; docs/store-format.md shows them.
 * Keys are a letter and big-endian numbers; values begin with their format.
 *
 * Errors  Decoders give ST_CORRUPT for what doesn't decode and ST_BAD for a
 *         format that isn't this program's.
 */
#define FORMAT 7

#define KEY_CAP 24

struct key {
	unsigned char p[KEY_CAP];
	size_t n;
};

enum key_kind {
	KEY_STATE = 'A',   /*                     the account's counters */
	KEY_ENTRY = 'M',   /* mailbox             name and attributes */
	KEY_ROOT = 'R',    /* mailbox             a checkpoint's segments */
	KEY_SEGMENT = 'S', /* mailbox, image      the leaves of a segment */
	KEY_LEAF = 'C',    /* mailbox, image      the rows of a leaf */
	KEY_OP = 'O',      /* mailbox, mod-seq    changes since then */
	KEY_GONE = 'X',    /* mailbox, mod-seq    UIDs that were expunged */
	KEY_RECORD = 'E',  /* content             all columns of its record */
	KEY_PAGE = 'B',    /* column, page        one column of many */
	KEY_THREAD = 'T',  /* hash of Message-ID  THREADID */
	KEY_GARBAGE = 'G', /* mod-seq             contents without a message */
	KEY_SHARED = 'L',  /* page               contents of several messages */
	KEY_IMPORT = 'I',  /* mailbox, hash       a message imported before */
};

struct key key_of(enum key_kind kind);
struct key key_of1(enum key_kind kind, uint64_t a);
struct key key_of2(enum key_kind kind, uint64_t a, uint64_t b);

static inline struct span
key_span(const struct key *k)
{
	return span_of(k->p, k->n);
}

/* The numbers of a key of this kind; false if it isn't one. */
bool key_read(struct span key, enum key_kind kind, uint64_t *out_a,
    uint64_t *out_b);

/* The first byte of every value; false for another format. */
void pack_format(struct buf *b);
enum status unpack_format(struct unpack *u);

/* The end of decoding a value. */
enum status unpack_status(const struct unpack *u);

/*
 * KEY_RECORD: what is kept of a content beside its body, each column for those
 * who read it alone (message.h tells what is in it).  Their numbers are those
 * in KEY_PAGE.  A record is begun, then each column is added and ended, in this
 * order.
 */
enum record_column {
	RECORD_ENVELOPE,
	RECORD_STRUCTURE,
	RECORD_PREVIEW,
	RECORD_PARTS,
	RECORD_LINKS,
	RECORD_NAMES,
	RECORD_SUBJECT,
	RECORD_ADDRESSES,
	RECORD_COLUMNS
};

void record_begin(struct buf *b);
void record_end_column(struct buf *b, enum record_column column);
/* Of a record; empty if that is damaged, which no column is. */
struct span record_column(struct span record, enum record_column column);

/* KEY_STATE.  Every counter is the next to be used. */
struct account_state {
	uint64_t version; /* the store's, not part of the value */
	uint64_t modseq;  /* the last that was used */
	uint64_t content;
	uint64_t paged; /* page of records, of KEY_PAGE (record_paging.h) */
	uint64_t mailbox;
	uint32_t uidvalidity;
	uint64_t bytes; /* RFC 9208: STORAGE, as sizes of messages */
	uint64_t messages;
};

void pack_state(struct buf *b, const struct account_state *s);
enum status unpack_state(struct span value, struct account_state *out);

/* KEY_ROOT: all of a mailbox as of a mod-sequence, but its segments' leaves. */
struct root {
	struct version *version; /* with unloaded segments */
	uint32_t recent_uid;     /* \Recent: from this UID on */
	uint64_t next_image;
	uint64_t gone_floor; /* expunges after this are in KEY_GONE */
};

void pack_root(struct buf *b, const struct root *r);
/* The caller gets the version, whose source is borrowed. */
enum status unpack_root(struct span value, const struct leaf_source *source,
    struct root *out);

/* KEY_SEGMENT: its leaves, which have images, but not their rows. */
void pack_segment(struct buf *b, const struct segment *s);
enum status unpack_segment(struct span value, struct segment *into);

/* KEY_LEAF: leaf_format.c. */
void pack_leaf(struct buf *b, const struct leaf *l);
enum status unpack_leaf(struct span value, struct leaf *into);

/* A set of UIDs, as in KEY_GONE and in operations. */
void pack_uidset(struct buf *b, const struct uidset *s);
void unpack_uidset(struct unpack *u, struct uidset *out);

/* One message's row, within an operation. */
void pack_row(struct buf *b, const struct msg_state *s,
    const struct msg_facts *f);
void unpack_row(struct unpack *u, struct msg_state *s, struct msg_facts *f);

#endif
