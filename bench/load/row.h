#ifndef LOAD_ROW_H
#define LOAD_ROW_H

#include "load/imap.h"
#include "load/rng.h"
#include "load/spread.h"

/* What a row is to do; the fields are the options of the command line. */
struct options {
	struct address imap;
	struct address lmtp;
	const char *user; /* users are this with 0, 1, ... for its "%" */
	const char *password;
	const char *mailbox;
	char **commands; /* of the row script, up to NULL */
	unsigned users;
	unsigned connections;
	unsigned count;   /* of what the row counts, over all connections */
	unsigned batch;   /* messages in one APPEND */
	unsigned size;    /* bytes of a message, 0 for a natural spread */
	unsigned every;   /* commands between two logins, 0 for one login */
	unsigned from;    /* number of the first message */
	unsigned seconds; /* that a row without a count lasts */
};

/* What it did. */
struct tally {
	int64_t begin_ns;
	int64_t end_ns;
	double cpu_secs; /* the generator's own */
	uint64_t ops;
	uint64_t refused;
	uint64_t bytes;
	struct spread took;
	struct buf steps; /* JSON of the row script */
	bool stop;        /* ends the loop */
};

/*
 * Between these the server is measured.  begin prints "ready" and waits for a
 * line on standard input, so that whoever started the row can look at the
 * server before and after; end stops the loop.
 */
void tally_begin(struct tally *t);
void tally_end(struct tally *t);

/* One operation that began at start_ns. */
void tally_op(struct tally *t, int64_t start_ns);

/* Adds the name of user i, or the only one if the name has no "%". */
void options_add_user(struct buf *out, const struct options *o, unsigned i);

/* Prints one line of JSON. */
void tally_print(struct tally *t, const char *row);

/* One of the sessions of a row. */
struct worker {
	struct imap imap; /* first: imap.c hands it back */
	struct crew *crew;
	uint64_t rng;
	unsigned index;
	unsigned at;      /* where it is in its work */
	unsigned found;   /* by a SEARCH */
	int64_t began_ns; /* its operation */
};

struct crew {
	const struct options *o;
	struct tally *t;
	const struct imap_events *on;
	struct worker *workers; /* o->connections of them */
	unsigned opened;
	unsigned there;
	unsigned busy;
	unsigned todo; /* operations that nobody has taken yet */
};

/*
 * Logs everybody in, a few at a time so that no server is swamped, and returns
 * when each has been reported with crew_here.
 */
void crew_gather(struct crew *c, const struct options *o, struct tally *t,
    const struct imap_events *on);
void crew_here(struct worker *w);

/*
 * Measures: calls go for each worker, then turns the loop until each of them
 * has nothing left and has said so with crew_rest.
 */
void crew_work(struct crew *c, void (*go)(struct worker *w));
void crew_rest(struct worker *w);

void crew_dismiss(struct crew *c);

static inline struct worker *
worker_of(struct imap *c)
{
	return (struct worker *)c;
}

void row_append(const struct options *o, struct tally *t);
void row_count(const struct options *o, struct tally *t);
void row_fair(const struct options *o, struct tally *t);
void row_growth(const struct options *o, struct tally *t);
void row_idle(const struct options *o, struct tally *t);
void row_lmtp(const struct options *o, struct tally *t);
void row_login(const struct options *o, struct tally *t);
void row_mails(const struct options *o, struct tally *t);
void row_mixed(const struct options *o, struct tally *t);
void row_script(const struct options *o, struct tally *t);
void row_wake(const struct options *o, struct tally *t);

#endif
