#ifndef ENGINE_SEARCH_H
#define ENGINE_SEARCH_H

#include "engine/session.h"
#include "imap/args_search.h"

/*
 * Finds the messages of the session's version that a search program means
 * (RFC 9051 section 6.4.4), in steps.
 *
 * What costs little is asked first: a message is looked up in the store only
 * if its row leaves it open, and its bytes are read only if the keys that are
 * kept of it leave it open too.
 *
 * Substrings are found by i;unicode-casemap, exactly.
 */
struct search;

/*
 * ST_NOTFOUND: the charset isn't known.  ST_BAD: a sequence number beyond the
 * mailbox.  program is borrowed.
 */
enum status search_new(struct session *s, const struct search_program *program,
    struct search **out);
void search_free(struct search **s);

/*
 * The next message.  ST_AGAIN: the step's time is over, call again in the
 * next; ST_NOTFOUND: that was all.  The row borrows from the version.
 */
enum status search_next(struct search *s, struct cmd *c, struct row *out);

/* Rows passed and rows in all, for INPROGRESS. */
void search_progress(const struct search *s, struct cmd *c);

/* "NO [BADCHARSET ...]" or what else search_new() has said. */
enum step search_refuse(struct cmd *c, enum status st);

/* What search.c and search_text.c share. */
enum verdict { NO, YES, MAYBE };

/* A key made ready to be asked of many messages. */
struct prepared {
	struct span needle; /* a collation key */
	struct uidset set;  /* of UIDs or sequence numbers */
	bool has_bit;       /* the keyword is known here */
	unsigned bit;
	uint64_t id; /* EMAILID, THREADID; 0 names none */
};

struct search {
	struct session *session;
	const struct search_program *program;
	struct arena *arena;
	struct prepared *prepared; /* one for each key */
	int64_t now;
	bool needs_keys; /* a key that the row alone can't answer */

	struct rows rows;
	struct row *row; /* the batch at hand */
	unsigned char *verdict;
	uint64_t *content; /* of those that are open, and which they are */
	size_t *open;
	size_t n;
	size_t at; /* the next of them to be given out */
	bool looked_up;
	enum status st;
	struct buf bytes; /* of the message whose content this is: */
	uint64_t bytes_of;
	struct buf text;
};

/* Whether a key that needs the bytes of the message is satisfied. */
enum verdict search_text(struct search *s, const struct row *row, uint32_t i);

#endif
