#ifndef ENGINE_SEARCH_H
#define ENGINE_SEARCH_H

#include "engine/message_text.h"
#include "engine/session.h"
#include "imap/args_search.h"
#include "search/fuzzy.h"
#include "search/index.h"

/*
 * Finds the messages of the session's version that a search program means
 * (RFC 9051 section 6.4.4), in steps.
 *
 * What costs little is asked first: a message is looked up in the store only
 * if its row leaves it open, and its bytes are read only if the keys that are
 * kept of it leave it open too; that in other threads (search_read.c).
 *
 * Substrings are found by i;unicode-casemap, exactly.  The account's index
 * (engine/indexer.h) is asked first: what it covers and doesn't name can't
 * have them.
 *
 * Below FUZZY (RFC 6203) texts are searched as search/fuzzy.h says, dates and
 * sizes a little beside what was asked for fit less well, and all else is
 * exact.  The index narrows that too, and changes neither what is found nor
 * how well it fits.
 */
struct search;

/*
 * ST_NOTFOUND: the charset isn't known.  ST_BAD: a sequence number beyond the
 * mailbox.  ST_LIMIT: too many words below FUZZY.  program is borrowed.
 */
enum status search_new(struct session *s, const struct search_program *program,
    struct search **out);
void search_free(struct search **s);

/*
 * The next message.  ST_AGAIN: return search_again(); ST_NOTFOUND: that was
 * all.  The row borrows from the version.
 */
enum status search_next(struct search *s, struct cmd *c, struct row *out);

/*
 * How relevant the message is that was given last: 1 to SEARCH_RELEVANT, if
 * the program is scored.  What clients are told is relative to the highest of
 * all that were found, so that this has 100 (RFC 6203 section 4).
 */
#define SEARCH_RELEVANT 1000
unsigned search_relevancy(const struct search *s);
unsigned search_score(unsigned relevancy, unsigned highest);

/* STEP_MORE if the step's time is over, STEP_WAIT if messages are read. */
enum step search_again(const struct search *s);

/* Rows passed and rows in all, for INPROGRESS. */
void search_progress(const struct search *s, struct cmd *c);

/* "NO [BADCHARSET ...]" or what else search_new() has said. */
enum step search_refuse(struct cmd *c, enum status st);

/* What the files of search share. */
enum verdict { NO, YES, MAYBE };

/* A key made ready to be asked of many messages. */
struct prepared {
	struct span needle;        /* a collation key */
	const struct fuzzy *fuzzy; /* NULL: it is searched exactly */
	struct uidset set;         /* of UIDs or sequence numbers */
	bool has_bit;              /* the keyword is known here */
	unsigned bit;
	uint64_t id;     /* EMAILID, THREADID; 0 names none */
	uint32_t lookup; /* of keys that need the store: which of them it is */
	struct documents candidates; /* of those: what the index says */
};

#define SEARCH_JOBS 2 /* at a time */

struct search {
	struct session *session;
	const struct search_program *program;
	struct arena *arena;
	struct prepared *prepared; /* one for each key */
	int64_t now;
	uint32_t lookups; /* keys that the row alone can't answer */
	uint64_t covered; /* contents up to this are in the index */
	unsigned fuzzy_words;
	bool asked_index;
	const struct documents *must; /* that all found must be among */
	size_t must_at;               /* in it, about where the rows are */

	struct rows rows;
	size_t most;     /* rows of a batch */
	struct row *row; /* the batch at hand */
	unsigned char *verdict;
	uint16_t *relevancy; /* of those that are found, if scored */
	uint16_t given;      /* of the last */
	uint64_t *content;   /* of those that are open, and which they are */
	size_t *open;
	size_t n;
	size_t at; /* the next of them to be given out */
	bool looked_up;
	enum record_column column; /* that is being read */
	enum status st;

	/* What is known of keys that need the store. */
	unsigned char *answer; /* a fit for each row and lookup */
	bool *answered;        /* which rows have all of them */
	uint32_t jobs;         /* under way; none while search_next() runs */
};

/* What has been found out about a row of the batch, by lookup. */
static inline unsigned char *
search_answers(const struct search *s, size_t row)
{
	return s->answer + row * s->lookups;
}

static inline bool
search_has_keys_below(enum search_op op)
{
	return op == SEARCH_AND || op == SEARCH_OR || op == SEARCH_NOT ||
	       op == SEARCH_FUZZY;
}

/* The keys that need what is kept of a message, or all of it. */
static inline bool
search_is_lookup(enum search_op op)
{
	return op == SEARCH_SUBJECT || op == SEARCH_FROM || op == SEARCH_TO ||
	       op == SEARCH_CC || op == SEARCH_BCC || op == SEARCH_BODY ||
	       op == SEARCH_TEXT || op == SEARCH_HEADER;
}

/* And the keys that need all of it. */
static inline bool
search_needs_text(enum search_op op)
{
	return op == SEARCH_BODY || op == SEARCH_TEXT || op == SEARCH_HEADER;
}

/*
 * How well a key fits a message: 1 to FIT_YES, FIT_NO, or it is open, that is
 * not known yet.
 */
enum { FIT_NO = 0, FIT_YES = 100, FIT_OPEN = 255 };

/* About one row. */
struct question {
	struct search *s;
	const struct row *row;
	const unsigned char *answers;
};

unsigned search_fit(const struct question *q, uint32_t i);

/* What the row alone can say about a key. */
unsigned search_by_row(const struct search *s, uint32_t i,
    const struct row *row);

/*
 * How relevant a message is that the whole program fits.  False: a key that
 * may matter is open.
 */
bool search_relevancy_of(const struct question *q, uint16_t *out);

/* Starts to ask the index about all keys that need the store: s->jobs. */
void search_ask_index(struct search *s);

/* The candidates and what is covered are there. */
void search_index_answered(struct search *s);

/* Starts to read the messages that are open, some of them: s->jobs. */
void search_read(struct search *s);

/* Of a text that is a key already.  In any thread. */
unsigned search_fit_key(const struct search *s, const struct prepared *p,
    struct span key);

/*
 * Whether a message has what a key looks for in its bytes.  parts is what
 * was kept of it.  In any thread.
 */
enum status search_text(const struct search *s, uint32_t key,
    const struct mime_parts *parts, struct message_bytes *m, unsigned *fit);

#endif
