#ifndef IMAP_ARGS_SEARCH_H
#define IMAP_ARGS_SEARCH_H

#include "imap/args.h"

/*
 * SEARCH and UID SEARCH: RFC 9051 section 6.4.4, RFC 4731, 5032, 5182, 6203,
 * 7162, 8474, 8514, 9394.  SORT and THREAD (args_sort.h) have the same keys.
 */
enum search_op {
	SEARCH_AND,   /* of the keys below it, at least one */
	SEARCH_OR,    /* of two or more keys */
	SEARCH_NOT,   /* of one key */
	SEARCH_FUZZY, /* the same */
	SEARCH_ALL,
	SEARCH_FLAGS, /* those in set are on and those in clear are off */
	SEARCH_KEYWORD,
	SEARCH_UNKEYWORD,
	SEARCH_SEQS, /* seqs: sequence numbers */
	SEARCH_UIDS, /* seqs: UIDs */
	SEARCH_BCC,
	SEARCH_BODY,
	SEARCH_CC,
	SEARCH_FROM,
	SEARCH_HEADER, /* field and text; empty text: the field is there */
	SEARCH_SUBJECT,
	SEARCH_TEXT,
	SEARCH_TO,
	SEARCH_BEFORE,
	SEARCH_ON,
	SEARCH_SINCE,
	SEARCH_SAVEDBEFORE,
	SEARCH_SAVEDON,
	SEARCH_SAVEDSINCE,
	SEARCH_SAVEDATESUPPORTED,
	SEARCH_SENTBEFORE,
	SEARCH_SENTON,
	SEARCH_SENTSINCE,
	SEARCH_LARGER, /* number: bytes */
	SEARCH_SMALLER,
	SEARCH_OLDER, /* number: seconds */
	SEARCH_YOUNGER,
	SEARCH_MODSEQ,  /* number: at least */
	SEARCH_EMAILID, /* text: the object id */
	SEARCH_THREADID,
};

/*
 * The tree as an array, each key before those below it: the first of them is
 * the next element, and `end` is the index behind the last.  Nested ORs are
 * one OR, double NOTs and FUZZYs are gone, so the tree is no deeper than
 * search_nesting of struct grammar, however many keys a client chains.
 */
struct search_key {
	enum search_op op;
	uint32_t end;
	bool fuzzy;        /* below FUZZY, with no NOT in between */
	unsigned set;      /* FLAG_ bits, FLAG_RECENT included */
	unsigned clear;    /* the same */
	struct span field; /* the name of a header field */
	struct span text;  /* in the charset of the command */
	struct seq_set seqs;
	int64_t day; /* since 1970-01-01 */
	uint64_t number;
};

struct search_program {
	struct span charset;           /* empty if none was named */
	const struct search_key *keys; /* [0] is a SEARCH_AND over all */
	uint32_t n;
	bool has_modseq; /* the reply has a MODSEQ: RFC 7162 section 3.1.5 */
	bool has_fuzzy;
	bool scored; /* RELEVANCY is asked for: RFC 6203 */
};

/* The keys of a search up to the end of the command. */
void tok_search_keys(struct tokens *t, struct search_program *out);

/* RFC 9394: 1:100 counts from the first, -1:-100 from the last. */
struct partial_range {
	uint32_t from; /* as it was written, without the sign */
	uint32_t to;
	bool from_end;
};
struct partial_range tok_partial_range(struct tokens *t);

/* RFC 6203: RELEVANCY was asked for, which only FUZZY has. */
void tok_relevancy(struct tokens *t, struct search_program *p);

enum search_return {
	RETURN_MIN = 1 << 0,
	RETURN_MAX = 1 << 1,
	RETURN_ALL = 1 << 2,
	RETURN_COUNT = 1 << 3,
	RETURN_SAVE = 1 << 4,
	RETURN_PARTIAL = 1 << 5,
	RETURN_RELEVANCY = 1 << 6,
};

/* struct search_args */
struct search_args {
	bool uid;
	bool esearch; /* RETURN was given: the reply is ESEARCH */
	unsigned ret; /* RETURN_ bits; RETURN () is RETURN (ALL) */
	struct partial_range partial;
	struct search_program program;
};
parse_fn parse_search;
parse_fn parse_uid_search;

#endif
