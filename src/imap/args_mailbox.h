#ifndef IMAP_ARGS_MAILBOX_H
#define IMAP_ARGS_MAILBOX_H

#include "imap/args.h"

/* DELETE, SUBSCRIBE, UNSUBSCRIBE, GETQUOTAROOT.  struct mailbox_args */
struct mailbox_args {
	struct span name;
};
parse_fn parse_mailbox;

/*
 * SELECT and EXAMINE, RFC 7162, and OBJECTID as in
 * draft-ietf-mailmaint-imap-objectid-bis-06.  struct select_args
 */
struct qresync_args {
	uint32_t uidvalidity;
	uint64_t modseq;
	struct seq_set known_uids; /* n is 0 if it was left out; has no "*" */
	/* The client's idea of which sequence number has which UID. */
	struct seq_set match_seqs;
	struct seq_set match_uids;
};
struct select_args {
	struct span name;
	struct span given; /* the name before it was put into its one form */
	bool condstore;
	const struct qresync_args *qresync; /* NULL if not asked */
	bool objectid;                      /* OBJECTID+ is asked for */
	/* The mailbox to look for before its name; empty if not given. */
	struct span mailbox_id;
	struct span account_id;
};
parse_fn parse_select;

/* CREATE, RFC 6154.  struct create_args */
struct create_args {
	struct span name;
	unsigned special_use; /* USE_ bits; an unknown one is NO [USEATTR] */
};
parse_fn parse_create;

/* RENAME.  struct rename_args */
struct rename_args {
	struct span from;
	struct span to;
};
parse_fn parse_rename;

/* STATUS, RFC 9051, 7162, 7889, 8438, 8474, 9208.  struct status_args */
enum status_item {
	STATUS_MESSAGES = 1 << 0,
	STATUS_RECENT = 1 << 1,
	STATUS_UIDNEXT = 1 << 2,
	STATUS_UIDVALIDITY = 1 << 3,
	STATUS_UNSEEN = 1 << 4,
	STATUS_DELETED = 1 << 5,
	STATUS_SIZE = 1 << 6,
	STATUS_HIGHESTMODSEQ = 1 << 7,
	STATUS_APPENDLIMIT = 1 << 8,
	STATUS_MAILBOXID = 1 << 9,
	STATUS_DELETED_STORAGE = 1 << 10,
	STATUS_OBJECTID = 1 << 11,
};
struct status_args {
	struct span name;
	unsigned items; /* STATUS_ bits */
};
parse_fn parse_status;

/* The item list alone, for LIST RETURN (STATUS ...). */
unsigned tok_status_items(struct tokens *t);

/* GETQUOTA and SETQUOTA, RFC 9208.  struct quota_args */
struct quota_limit {
	struct span resource; /* as "STORAGE" */
	uint64_t limit;
};
struct quota_args {
	struct span root;
	const struct quota_limit *limits; /* of SETQUOTA */
	size_t n;
};
parse_fn parse_getquota;
parse_fn parse_setquota;

#endif
