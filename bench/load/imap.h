#ifndef LOAD_IMAP_H
#define LOAD_IMAP_H

#include "load/conn.h"
#include "load/wire.h"

/*
 * One IMAP session: greeting, LOGIN, then whatever commands its owner sends.
 * Replies are matched with their tags; BAD, BYE or a tag out of order end the
 * program, NO is counted and told.
 */
struct imap;

struct imap_events {
	void (*ready)(struct imap *c);                      /* logged in */
	void (*done)(struct imap *c, bool ok);              /* tagged reply */
	void (*untagged)(struct imap *c, struct span line); /* or NULL */
	void (*more)(struct imap *c);                       /* "+", or NULL */
};

struct imap {
	struct conn conn; /* first: conn.c hands it back */
	struct wire wire;
	const struct imap_events *on;
	const char *password;
	struct buf user;
	unsigned sent;     /* commands, LOGIN among them */
	unsigned answered; /* tagged replies */
	uint32_t exists;   /* messages in the selected mailbox */
	uint64_t lines;   /* untagged responses since they were last set to 0 */
	uint64_t bytes;   /* received since this was last set to 0 */
	uint64_t refused; /* NO */
	int64_t sent_ns;  /* when the last command was sent */
	bool leaving;
};

/* Connects and logs in.  A session that has logged out may start again. */
void imap_start(struct imap *c, const struct address *to,
    const struct imap_events *on);

/* One command without tag and CRLF; literals in it must not synchronise. */
void imap_send(struct imap *c, struct span command);

/* DONE, or another line that is no command. */
void imap_send_line(struct imap *c, struct span line);

/* LOGOUT; done is called with the connection closed. */
void imap_logout(struct imap *c);

/* Gives its memory back and closes without a word. */
void imap_drop(struct imap *c);

#endif
