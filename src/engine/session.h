#ifndef ENGINE_SESSION_H
#define ENGINE_SESSION_H

#include "base/uint64_list.h"
#include "engine/account.h"
#include "engine/command.h"
#include "engine/sync.h"
#include "engine/sync_list.h"
#include "imap/reader.h"
#include "imap/token.h"
#include "io/loop.h"
#include "io/stream.h"

/*
 * One connection after login: reads commands, runs them one after the other,
 * and tells the client what others have changed.
 *
 * The session holds the version of the selected mailbox that its client has
 * been told of.  Sequence numbers are that version's; at the end of each
 * command, and in IDLE, the session moves to the current version and sends
 * the difference (sync.h).
 *
 * Ownership  A session owns its stream, its reference to the account and
 *            itself: it ends when the connection does, and calls ended().
 * Threads    It lives on the loop of its account.
 */
enum enabled {
	ENABLED_CONDSTORE = 1 << 0,
	ENABLED_QRESYNC = 1 << 1,
	ENABLED_UTF8 = 1 << 2,
	ENABLED_IMAP4REV2 = 1 << 3,
	ENABLED_OBJECTID = 1 << 4, /* OBJECTID+ (object_id.h) */
};

/* What holds for all sessions; borrowed.  Sizes are bytes. */
struct session_config {
	size_t command_line;
	uint64_t append_limit;
	size_t output_limit;
	int64_t idle_ms;
	int64_t stall_ms;
	bool literal_minus; /* announce LITERAL- instead of LITERAL+ */
	const char *hostname;
	const char *spool_folder;
	struct grammar grammar;
};

struct session_start {
	const struct session_config *config;
	struct account *account; /* a reference that is taken over */
	struct span user;
	int fd;
	struct span tag;       /* of the command that logged in; borrowed */
	struct span input;     /* what came behind it; borrowed */
	const struct log *log; /* outlives the session */
	void (*ended)(void *ctx);
	void *ctx;
};

struct session {
	const struct session_config *config;
	struct account *account;
	struct loop *loop;
	struct stream *stream;
	struct log log;
	struct log_field fields[3];
	char *user;
	uint64_t id;

	enum state state;
	unsigned enabled; /* ENABLED_ bits */
	struct grammar grammar;
	bool compressed;

	/* The selected mailbox. */
	struct mailbox *mailbox;
	struct version *version; /* that the client knows */
	bool read_only;
	struct uidset recent;    /* UIDs that are \Recent here */
	struct uidset saved;     /* "$": UIDs (RFC 5182) */
	struct uint64_list told; /* mod-sequences of its own that it has told */
	bool told_newer;         /* states that are newer than its version */
	const struct keywords *keywords; /* that FLAGS has told */

	struct reader reader;
	struct cmd cmd;
	struct incoming *incoming; /* an APPEND that is being read, or NULL */
	/* Of a literal: the reply, for when the rest has been read. */
	struct {
		enum condition condition;
		struct span code;
		struct span text;
	} refusal;
	struct loop_task step;
	struct watcher watcher;
	struct sync sync;
	struct sync_list sync_list;
	bool changed; /* there may be something to tell */
	bool idling;
	unsigned char idle_tag[LIMIT_TAG]; /* then cmd has no arena */
	const char *bye;  /* to be said when the command at hand is done */
	bool ending;      /* BYE has been sent */
	bool waiting;     /* a step has returned STEP_WAIT */
	bool dead;        /* gone, but a command of it still waits */
	bool deflate;     /* COMPRESS: to start behind the reply */
	int64_t input_ms; /* when the client last sent something */
	int64_t told_ms;  /* when it was last sent something in IDLE */
	unsigned faults;  /* bad commands in a row */

	void (*ended)(void *ctx);
	void *ctx;
};

/* Writes the tagged OK of the login and goes on from there. */
struct session *session_new(const struct session_start *start);

/*
 * Says "* BYE text" when the command at hand is done, and ends the connection
 * once that is written.  text is a literal.
 */
void session_bye(struct session *s, const char *text);

/* Ends it now, without a word. */
void session_drop(struct session *s);

/* Once a second or so: limits on time, and signs of life in IDLE. */
void session_tick(struct session *s, int64_t now_ms);

/* Lets a command that waits go on. */
void session_wake(struct session *s);

/* The output, to be written to within a step. */
struct buf *session_out(struct session *s);
/* Whether a step may go on producing output; if not, return STEP_MORE. */
bool session_room(struct session *s);

static inline bool
session_utf8(const struct session *s)
{
	return s->grammar.utf8;
}

static inline bool
session_rev2(const struct session *s)
{
	return (s->enabled & ENABLED_IMAP4REV2) != 0;
}

/* CONDSTORE has been asked for in some way: MODSEQ goes into FETCHes. */
static inline bool
session_condstore(const struct session *s)
{
	return (s->enabled & (ENABLED_CONDSTORE | ENABLED_QRESYNC)) != 0;
}

/* RFC 7162 section 3.1: any use of MODSEQ enables CONDSTORE. */
void session_enable_condstore(struct session *s);

static inline bool
session_objectid(const struct session *s)
{
	return (s->enabled & ENABLED_OBJECTID) != 0;
}

/* Any use of OBJECTID+ enables it, which the client is told. */
void session_enable_objectid(struct session *s);

/* Leaves the selected mailbox; nothing is expunged. */
void session_unselect(struct session *s);

/*
 * The version that says how a message of the session's version is now: its
 * own, unless the client has been told of newer states and a sync is held
 * back: it reads what it wrote, and mod-sequences don't go back.  *row gets
 * that state; borrowed for this step.
 */
const struct version *session_state(struct session *s, struct row *row);

/*
 * To be called before session_resolve() where a set may name very many
 * messages: true if some of them had to be read and there are more; return
 * STEP_MORE.
 */
bool session_load(struct session *s, const struct seq_set *set, bool uid);

/*
 * A client's set as UIDs of the session's version, existing ones only; "$" is
 * the saved result.  ST_BAD: a sequence number beyond the mailbox.
 */
enum status session_resolve(struct session *s, const struct seq_set *set,
    bool uid, struct uidset *out);

/*
 * "* n FETCH (UID u FLAGS (...) MODSEQ (m))" for one row, which is of the
 * version v; the sequence number is the row's.  MODSEQ is there if CONDSTORE
 * is enabled.
 */
void session_write_flags(struct session *s, const struct version *v,
    const struct row *row);
/* The same without FLAGS, for what the client asked to be silent. */
void session_write_modseq(struct session *s, const struct row *row);
/* "(\Seen $Work)" with \Recent where it applies. */
void session_write_flag_list(struct session *s, struct buf *b,
    const struct version *v, const struct row *row);

#endif
