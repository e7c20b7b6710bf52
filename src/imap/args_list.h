#ifndef IMAP_ARGS_LIST_H
#define IMAP_ARGS_LIST_H

#include "imap/args.h"
#include "imap/list_pattern.h"

/*
 * LIST and LSUB: RFC 9051 section 6.3.9, RFC 5258, 5819, 6154.
 * struct list_args
 */
enum list_select {
	LIST_SUBSCRIBED = 1 << 0,
	LIST_REMOTE = 1 << 1,
	LIST_RECURSIVEMATCH = 1 << 2, /* never without a base option */
	LIST_SPECIAL_USE = 1 << 3,
};

enum list_return {
	LIST_RETURN_SUBSCRIBED = 1 << 0,
	LIST_RETURN_CHILDREN = 1 << 1,
	LIST_RETURN_SPECIAL_USE = 1 << 2,
	LIST_RETURN_STATUS = 1 << 3,
};

struct list_args {
	/*
	 * Of the extended form: it has options or a pattern list, even if
	 * they are empty.  Such a command always gets its replies as LIST.
	 */
	bool extended;
	/* LIST "" "": the delimiter and an empty root are asked for. */
	bool root;
	unsigned select;       /* LIST_ bits */
	unsigned ret;          /* LIST_RETURN_ bits */
	unsigned status_items; /* STATUS_ bits, for LIST_RETURN_STATUS */
	const struct list_pattern *patterns;
	size_t n; /* may be 0: then nothing matches */
};
parse_fn parse_list;
parse_fn parse_lsub;

/* Whether any of the patterns matches. */
bool list_args_match(const struct list_args *args, struct span name);

#endif
