#ifndef MAIL_CONTROL_FRAME_H
#define MAIL_CONTROL_FRAME_H

#include "base/clock.h"
#include "base/pack.h"
#include "base/status.h"

/*
 * What the command line and the mail process say to each other on the
 * control socket, a stream socket of the instance's user.
 *
 * The command line asks, the mail process answers: one reply for each
 * request, in their order.  Each is a frame: its length as 4 bytes
 * (big-endian), then fields packed with base/pack.h.  The first request is
 * CONTROL_HELLO; it says which account the connection is about.
 *
 * Names of mailboxes are in their internal form (imap/mailbox_name.h), flags
 * and uses as in imap/flag.h.
 *
 * Ownership  Everything that is read borrows from the frame.
 */
#define CONTROL_VERSION 1

enum control_op {
	CONTROL_HELLO = 1, /* version, account */
	CONTROL_MAILBOXES, /* -> control_mailbox, for each */
	CONTROL_USAGE,     /* -> bytes, messages */
	CONTROL_CREATE,    /* name */
	CONTROL_DELETE,    /* name */
	CONTROL_RENAME,    /* name, to */
	CONTROL_ERASE,     /* all of the account's mail */
	/*
	 * Makes a mailbox if it isn't there: name, use, subscribed,
	 * uidvalidity (0: any; taken only by a mailbox that never had a
	 * message) -> control_target
	 */
	CONTROL_PREPARE,
	/*
	 * Adds messages in one change: mailbox, items (control_item) -> for
	 * each 1, or 0 if it was imported before.
	 */
	CONTROL_IMPORT,
	CONTROL_UIDNEXT, /* mailbox, uid: the next, at least */
	/* mailbox, uid: the first -> 1 if there are more, control_row each */
	CONTROL_ROWS,
	CONTROL_BODY,     /* content, offset -> bytes, none at its end */
	CONTROL_REINDEX,  /* begins to build the search index anew */
	CONTROL_INDEXING, /* -> how far that is: 1 if it is done, messages,
	                     messages in all */
	CONTROL_OPS,
};

struct control_request {
	enum control_op op;
	uint64_t version;
	uint64_t account;
	struct span name;
	struct span to;
	unsigned use;
	bool subscribed;
	uint32_t uidvalidity;
	uint64_t mailbox;
	uint32_t uid;
	uint64_t content;
	uint64_t offset;
	struct span items; /* packed */
};

/* A message to import. */
struct control_item {
	struct span source; /* what it is called where it comes from */
	uint32_t uid;       /* 0: the next one */
	unsigned flags;
	struct span keywords; /* packed: control_keyword() */
	struct datetime date;
	struct span bytes;
};

struct control_mailbox {
	uint64_t id;
	struct span name;
	bool exists; /* else it is only subscribed to */
	bool subscribed;
	unsigned use;
	uint32_t uidvalidity;
	uint32_t uidnext;
	uint32_t messages;
	uint32_t unseen;
	uint64_t bytes;
};

struct control_target {
	uint64_t mailbox;
	uint32_t uidvalidity;
	uint32_t uidnext;
};

/* A message to export. */
struct control_row {
	uint32_t uid;
	unsigned flags;
	struct span keywords;
	struct datetime date;
	uint64_t size;
	uint64_t content;
};

struct control_reply {
	enum status st;
	struct span text; /* a sentence for a person, if it isn't ST_OK */
	struct unpack rest;
};

/*
 * A frame at the front of in: its fields, and how many bytes it is.
 * ST_AGAIN: there is more to come.  ST_LIMIT: above LIMIT_CONTROL_FRAME.
 */
enum status control_frame(struct span in, struct span *out_fields,
    size_t *out_n);

/* Appends a frame. */
void control_ask(struct buf *b, const struct control_request *r);
/* ST_BAD. */
enum status control_request_read(struct span fields,
    struct control_request *out);

/* Appends the front of a frame; the rest is appended to it, then it ends. */
size_t control_reply_begin(struct buf *b, enum status st, struct span text);
void control_reply_end(struct buf *b, size_t begun);
/* ST_BAD. */
enum status control_reply_read(struct span fields, struct control_reply *out);

/* These append one, and read the next: false at the end, or at an error. */
void control_item_pack(struct buf *b, const struct control_item *i);
bool control_item_next(struct unpack *u, struct control_item *out);
void control_mailbox_pack(struct buf *b, const struct control_mailbox *m);
bool control_mailbox_next(struct unpack *u, struct control_mailbox *out);
void control_row_pack(struct buf *b, const struct control_row *r);
bool control_row_next(struct unpack *u, struct control_row *out);
void control_target_pack(struct buf *b, const struct control_target *t);
bool control_target_next(struct unpack *u, struct control_target *out);

/* Keywords are made with pack_span(); takes one off. */
bool control_keyword(struct span *keywords, struct span *out);

#endif
