#ifndef ENGINE_COMMAND_H
#define ENGINE_COMMAND_H

#include "base/arena.h"
#include "imap/args.h"
#include "imap/write.h"

/*
 * Commands: the table of them, and how one runs.
 *
 * A command runs in steps; none takes longer than a few milliseconds.  What
 * it must remember between steps is in `progress`, in its arena.  When its
 * last step is done the framework syncs the session and writes the tagged
 * reply that the command has set with cmd_finish() or one of its like.
 */
struct session;
struct uidset;

/* The states of RFC 9051 section 3 that are left after login. */
enum state {
	STATE_AUTHED = 1 << 0,
	STATE_SELECTED = 1 << 1,
	STATE_USER = STATE_AUTHED | STATE_SELECTED,
};

enum command_flag {
	CMD_NO_EXPUNGE = 1 << 0, /* no EXPUNGE may be sent in its reply */
	CMD_NO_SYNC = 1 << 1,    /* nothing is told at its end */
	CMD_WRITES = 1 << 2,     /* refused in a mailbox that was EXAMINEd */
};

enum step {
	STEP_DONE, /* the reply is set */
	STEP_MORE, /* call again, when there is room for output */
	STEP_WAIT, /* call again after session_wake(), which must come */
};

/* One command in flight.  All of it lives in its arena. */
struct cmd {
	struct session *session;
	struct arena *arena;
	const struct command *what; /* NULL: none is running */
	const void *args;           /* as what->parse made them */
	void *progress; /* the command's own; NULL at its first step */
	struct span tag;
	enum condition condition; /* of the reply */
	struct span code;
	struct span text;
	enum status st; /* of what it waited for */
	int64_t began_ms;
	int64_t slice_us;    /* when this step began */
	uint32_t ticks;      /* for cmd_slice_over() */
	int64_t progress_ms; /* of the last INPROGRESS (RFC 9585) */
	uint32_t done;       /* for it: of goal; 0 and 0 are unknown */
	uint32_t goal;
	bool in_response; /* nothing else may be written: it isn't finished */
	bool syncing;     /* the reply is set, changes are being told */
	void (*cleanup)(struct cmd *c); /* for what isn't in the arena */
};

typedef enum step run_fn(struct cmd *c);

struct command {
	const char *name; /* upper case; the table is sorted by it */
	unsigned states;  /* STATE_ bits: where it is allowed */
	unsigned flags;   /* CMD_ bits */
	parse_fn *parse;
	run_fn *run;
};

/* NULL if no command has this name, in whatever case. */
const struct command *command_by_name(struct span name);

/*
 * Time is up for this step: return STEP_MORE.  Cheap enough for each row; the
 * other is for what takes longer than a row, and looks at the clock each time.
 */
bool cmd_slice_over(struct cmd *c);
bool cmd_slice_over_now(const struct cmd *c);

/*
 * The tagged reply.  done is the text of an OK; for anything else the reply
 * is what that status means to a client.  All return STEP_DONE.
 */
enum step cmd_finish(struct cmd *c, enum status st, const char *done);
/* OK with a code, as "COPYUID 1 2 3", which must live as long as the arena. */
enum step cmd_finish_code(struct cmd *c, struct span code, const char *done);
enum step cmd_no(struct cmd *c, const char *code, const char *text);
/* The mailbox to put messages in isn't there (RFC 9051 section 6.3.12). */
enum step cmd_trycreate(struct cmd *c);
enum step cmd_bad(struct cmd *c, const char *text);

/*
 * Submits a change and returns STEP_WAIT; the next step finds the result in
 * c->st.
 */
struct change;
enum step cmd_submit(struct cmd *c, struct change **change);

run_fn run_append;
run_fn run_capability;
run_fn run_close;
run_fn run_compress;
run_fn run_copy;
run_fn run_create;
run_fn run_delete;
run_fn run_enable;
run_fn run_examine;
run_fn run_expunge;
run_fn run_fetch;
run_fn run_getquota;
run_fn run_getquotaroot;
run_fn run_id;
run_fn run_idle;
run_fn run_list;
run_fn run_logout;
run_fn run_lsub;
run_fn run_move;
run_fn run_namespace;
run_fn run_noop;
run_fn run_rename;
run_fn run_search;
run_fn run_select;
run_fn run_setquota;
run_fn run_sort;
run_fn run_status;
run_fn run_store;
run_fn run_subscribe;
run_fn run_thread;
run_fn run_uid_expunge;
run_fn run_unselect;
run_fn run_unsubscribe;

#endif
