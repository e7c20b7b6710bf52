#ifndef IMAP_ARGS_STORE_H
#define IMAP_ARGS_STORE_H

#include "imap/args.h"

/* STORE and UID STORE, RFC 9051, 7162.  struct store_args */
enum store_how { STORE_REPLACE, STORE_ADD, STORE_REMOVE };

struct store_args {
	bool uid;
	struct seq_set set;
	enum store_how how;
	bool silent;
	struct flag_list flags; /* may be empty */
	bool conditional;       /* UNCHANGEDSINCE */
	uint64_t unchanged_since;
};
parse_fn parse_store;
parse_fn parse_uid_store;

/* COPY, MOVE and their UID forms, RFC 6851.  struct copy_args */
struct copy_args {
	bool uid;
	struct seq_set set;
	struct span mailbox;
};
parse_fn parse_copy;
parse_fn parse_uid_copy;

/* UID EXPUNGE, RFC 4315 (EXPUNGE is parse_none).  struct expunge_args */
struct expunge_args {
	struct seq_set set;
};
parse_fn parse_uid_expunge;

#endif
