#ifndef IMAP_ARGS_SORT_H
#define IMAP_ARGS_SORT_H

#include "imap/args_search.h"

/* SORT and UID SORT: RFC 5256, 5957, 6203.  struct sort_args */
enum sort_by {
	SORT_ARRIVAL,
	SORT_CC,
	SORT_DATE,
	SORT_DISPLAYFROM,
	SORT_DISPLAYTO,
	SORT_FROM,
	SORT_RELEVANCY, /* the highest first */
	SORT_SIZE,
	SORT_SUBJECT,
	SORT_TO,
};

struct sort_key {
	enum sort_by by;
	bool reverse;
};

struct sort_args {
	bool uid;
	const struct sort_key *keys;
	size_t n; /* at least 1 */
	struct search_program program;
};
parse_fn parse_sort;
parse_fn parse_uid_sort;

/* THREAD and UID THREAD: RFC 5256.  struct thread_args */
enum thread_by { THREAD_ORDEREDSUBJECT, THREAD_REFERENCES, THREAD_REFS };

struct thread_args {
	bool uid;
	enum thread_by by;
	struct search_program program;
};
parse_fn parse_thread;
parse_fn parse_uid_thread;

#endif
