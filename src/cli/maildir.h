#ifndef CLI_MAILDIR_H
#define CLI_MAILDIR_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * Names and small files of Maildir++, as Dovecot writes them: pure functions
 * over their bytes.
 *
 * In what a folder is called, "." stands between the levels and each level is
 * modified UTF-7.  A dot within a level is written as "&AC4-", which no other
 * program writes.
 */
#define MAILDIR_LETTERS 26

/*
 * The mailbox of a subfolder's name, ".Work.2024"; false if it can't be one.
 * The result borrows from the arena, and may still be refused by the server.
 */
bool maildir_folder_name(struct span folder, struct arena *a, struct span *out);

/* Appends the subfolder's name of a mailbox; INBOX has none. */
void maildir_folder_of(struct span mailbox, struct buf *out);

/* A message's file: "1700000000.M1P2.host,S=100,W=102:2,FS". */
struct maildir_file {
	struct span base;  /* before the ":", which never changes */
	unsigned flags;    /* imap/flag.h */
	bool passed;       /* P: $Forwarded */
	uint32_t keywords; /* bit 0 is the letter a */
};

/* False for names that are no message's: those that begin with a dot. */
bool maildir_file_parse(struct span name, struct maildir_file *out);

/* Appends ":2," and the letters. */
void maildir_file_info(const struct maildir_file *f, struct buf *out);

/* dovecot-uidlist, versions 1 and 3. */
struct maildir_uids {
	uint32_t uidvalidity; /* 0: there is no such list */
	uint32_t uidnext;
	struct maildir_uid {
		struct span base;
		uint32_t uid;
	} * item; /* sorted by base */
	size_t n;
};

/* Borrows from text and the arena.  Lines that make no sense are left out. */
void maildir_uids_read(struct span text, struct arena *a,
    struct maildir_uids *out);
/* 0 if it isn't in the list. */
uint32_t maildir_uid(const struct maildir_uids *u, struct span base);

/* dovecot-keywords: the names of letters; empty where there is none. */
void maildir_keywords_read(struct span text, struct span out[MAILDIR_LETTERS]);

/*
 * Takes the next name off the text of a file "subscriptions", which begins at
 * the first call; as a mailbox, in the arena.
 */
struct maildir_subscriptions {
	struct span rest;
	bool tabs; /* between the levels: its version 2 */
};
struct maildir_subscriptions maildir_subscriptions(struct span text);
bool maildir_subscription(struct maildir_subscriptions *s, struct arena *a,
    struct span *out);

/* A use that a mailbox has by its name, USE_ of imap/flag.h, or 0. */
unsigned maildir_use(struct span mailbox);

#endif
