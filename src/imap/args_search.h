#ifndef IMAP_ARGS_SEARCH_H
#define IMAP_ARGS_SEARCH_H

#include "imap/args.h"

/*
 * SEARCH, SORT and THREAD with their UID forms: RFC 9051 section 6.4.4,
 * RFC 4731, 5032, 5182, 5256, 5957, 7162, 8474, 8514, 9394.
 */
enum search_op {
	SEARCH_AND, /* of the keys below it, maybe none: true */
	SEARCH_OR,  /* of two or more keys */
	SEARCH_NOT, /* of one key */
	SEARCH_ALL,
	SEARCH_FLAGS,     /* set are on and clear are off */
	SEARCH_KEYWORD,   /* text */
	SEARCH_UNKEYWORD, /* text */
	SEARCH_SEQS,      /* set: sequence numbers */
	SEARCH_UIDS,      /* set */
	SEARCH_BCC,       /* text, here and up to SEARCH_TEXT */
	SEARCH_CC,
	SEARCH_FROM,
	SEARCH_SUBJECT,
	SEARCH_TO,
	SEARCH_HEADER, /* field and text; empty text: the field is there */
	SEARCH_BODY,
	SEARCH_TEXT,
	SEARCH_BEFORE, /* day, here and up to SEARCH_SAVEDSINCE */
	SEARCH_ON,
	SEARCH_SINCE,
	SEARCH_SENTBEFORE,
	SEARCH_SENTON,
	SEARCH_SENTSINCE,
	SEARCH_SAVEDBEFORE,
	SEARCH_SAVEDON,
	SEARCH_SAVEDSINCE,
	SEARCH_SAVEDATESUPPORTED,
	SEARCH_LARGER, /* number: bytes */
	SEARCH_SMALLER,
	SEARCH_OLDER, /* number: seconds */
	SEARCH_YOUNGER,
	SEARCH_MODSEQ,   /* number: at least; the entry was checked */
	SEARCH_EMAILID,  /* text */
	SEARCH_THREADID, /* text */
};

/*
 * The tree as an array, each key before those below it: the first of them is
 * the next element, and `end` is the element behind the last.  Nested ORs are
 * one OR, double NOTs are gone, so its depth is at most the bound of
 * struct grammar whatever a client chains.
 */
struct search_key {
	enum search_op op;
	uint32_t end;
	union {
		struct {
			unsigned set; /* FLAG_ bits, FLAG_RECENT included */
			unsigned clear;
		} flags;
		struct {
			struct span field;
			struct span text; /* in the charset of the command */
		};
		struct seq_set set;
		int64_t day; /* since 1970-01-01 */
		uint64_t number;
	};
};

struct search_program {
	struct span charset;          /* empty if none was named */
	const struct search_key *key; /* key[0] is a SEARCH_AND over all */
	uint32_t n;
	bool has_modseq; /* replies need MODSEQ: RFC 7162 section 3.1.5 */
};

/* RFC 9394: 1:100 from the first, or (last) -1:-100 from the last. */
struct partial_range {
	uint32_t from; /* as it was written, without the sign */
	uint32_t to;
	bool last;
};
struct partial_range tok_partial_range(struct tokens *t);

enum search_return {
	RETURN_MIN = 1 << 0,
	RETURN_MAX = 1 << 1,
	RETURN_ALL = 1 << 2,
	RETURN_COUNT = 1 << 3,
	RETURN_SAVE = 1 << 4,
	RETURN_PARTIAL = 1 << 5,
};

/* SEARCH and UID SEARCH.  struct search_args */
struct search_args {
	bool uid;
	bool esearch; /* RETURN was given: the reply is ESEARCH */
	unsigned ret; /* RETURN_ bits; RETURN () is RETURN (ALL) */
	struct partial_range partial;
	struct search_program program;
};
parse_fn parse_search;
parse_fn parse_uid_search;

enum sort_by {
	SORT_ARRIVAL,
	SORT_CC,
	SORT_DATE,
	SORT_DISPLAYFROM,
	SORT_DISPLAYTO,
	SORT_FROM,
	SORT_SIZE,
	SORT_SUBJECT,
	SORT_TO,
};
struct sort_key {
	enum sort_by by;
	bool reverse;
};

/* SORT and UID SORT.  struct sort_args */
struct sort_args {
	bool uid;
	const struct sort_key *keys;
	size_t n; /* at least 1 */
	struct search_program program;
};
parse_fn parse_sort;
parse_fn parse_uid_sort;

enum thread_by { THREAD_ORDEREDSUBJECT, THREAD_REFERENCES, THREAD_REFS };

/* THREAD and UID THREAD.  struct thread_args */
struct thread_args {
	bool uid;
	enum thread_by by;
	struct search_program program;
};
parse_fn parse_thread;
parse_fn parse_uid_thread;

#endif
