#ifndef GATE_STATE_H
#define GATE_STATE_H

#include <uv.h>

#include "base/arena.h"
#include "base/log.h"
#include "gate/address.h"
#include "gate/gate.h"
#include "imap/reader.h"
#include "imap/write.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/tls.h"

/* Shared by the files of the gate; each says which functions are its own. */

/* A reason to turn a connection away, counted until it is logged. */
enum turned_away {
	AWAY_ADDRESS,
	AWAY_PREAUTH,
	AWAY_NO_TLS,
	AWAY_REASONS,
};

struct gate {
	struct loop *loop;
	struct counters *counters;
	const struct gate_links *links;
	void *ctx;
	const struct config *config;
	struct tls_context *tls; /* NULL: there is no certificate */
	struct listener *listeners;
	uv_timer_t tick;     /* runs while there is something to look after */
	struct arena *arena; /* of the command at hand */

	struct buf mechs; /* as auth said */
	bool ready;       /* auth has said so */
	bool stopping;
	bool finished; /* and it was told */

	/* Before login; the oldest is first. */
	struct conn *first;
	struct conn *last;
	size_t conn_count;
	struct conn **slots; /* by the low bits of their exchange's id */
	size_t slot_count;
	size_t slot_cap;
	uint64_t serial;

	struct pump *pumps;
	size_t pump_count;
	size_t waiting_count; /* of them, for slow clients */

	size_t away[AWAY_REASONS];
	struct address away_last[AWAY_REASONS];
};

enum conn_state {
	CONN_COMMAND,   /* the next command is read */
	CONN_ASKED,     /* auth is to answer */
	CONN_CHALLENGE, /* the client is to answer */
	CONN_FINAL,     /* the same, to the last challenge, with nothing */
	CONN_PASSING,   /* on its way to mail */
	CONN_CLOSED,    /* goes at the end of the turn */
};

/* A client that hasn't logged in. */
struct conn {
	struct gate *gate;
	struct conn *prev;
	struct conn *next;
	struct stream *stream;
	struct reader reader;
	struct loop_task task; /* what can't be done within a callback */
	enum conn_state state;
	int64_t since_ms;
	struct address peer;
	struct address local;

	bool tls;      /* there is, or the handshake is under way */
	bool securing; /* it is: what came before is not to be read */
	bool greeted;
	unsigned errors;
	unsigned failures;

	/* The login at hand. */
	struct buf tag;
	bool authenticate; /* not LOGIN */
	size_t slot;
	uint64_t exchange; /* 0: none */
	unsigned char ticket[MSG_TICKET_BYTES];

	struct log log;
	struct log_field fields[2];
};

/* conn.c: a connection's life. */
void conn_new(struct gate *g, int fd, const struct address *peer, bool tls);
void conn_close(struct conn *c);
void conn_start_tls(struct conn *c);
void conn_bye(struct conn *c, struct span code, const char *text);
void conn_reply(struct conn *c, struct span tag, enum condition cond,
    struct span code, struct span text);
/* "tag BAD why"; too many of them end the connection. */
void conn_error(struct conn *c, struct span tag, const char *why);
/* Reads on, after what made it wait. */
void conn_resume(struct conn *c, enum conn_state state);
/* All that aren't closed; fn may close its own. */
void conn_each(struct gate *g, void (*fn)(struct conn *c));
/* Those that are closed, at once. */
void conn_free_closed(struct gate *g);

/* input.c: what a client says. */
size_t conn_input(struct conn *c, struct span in);

/* command.c: what it wants. */
void conn_command(struct conn *c, struct span text);
/* Whether a literal may be sent for the command whose text starts so. */
bool conn_takes_literal(const struct conn *c, struct span text);
/* The reader has thrown a command away. */
void conn_command_failed(struct conn *c);

/* capability.c */
void conn_capability(struct buf *b, const struct conn *c);
/* Whether a client may use it now. */
enum mechanism_use {
	MECHANISM_UNKNOWN, /* there is none, or not for this connection */
	MECHANISM_NEEDS_TLS,
	MECHANISM_OFFERED,
};
enum mechanism_use mechanism_use(const struct conn *c, struct span name);
bool login_allowed(const struct conn *c);

/* login.c: the exchange with auth, and the way to mail. */
struct login_args;
struct authenticate_args;
void conn_login(struct conn *c, struct span tag, const struct login_args *args);
void conn_authenticate(struct conn *c, struct span tag,
    const struct authenticate_args *args);
void conn_line(struct conn *c, struct span line);
void conn_line_failed(struct conn *c);
void conn_unavailable(struct conn *c);
/* Forgets an exchange; auth is told if it still goes on. */
void conn_forget(struct conn *c);
bool gate_login_message(struct gate *g, const struct message *m);

/* pass.c: gives a client that has logged in to mail. */
void pass_to_mail(struct conn *c);

/* pump.c: bytes between TLS and mail. */
void pump_new(struct gate *g, struct stream *client, int mail,
    const struct address *peer);
void pump_tick(struct gate *g, int64_t now_ms);
void pump_free_all(struct gate *g);

/* listener.c */
void listener_tick(struct gate *g);
void listener_start_all(struct gate *g);
void listener_free_all(struct gate *g);

/* gate.c: once a second, while there is something to look after. */
void gate_tick(struct gate *g, int64_t now_ms);
/* Something came or went: keeps the clock running, or tells the end. */
void gate_changed(struct gate *g);
void gate_turned_away(struct gate *g, enum turned_away why,
    const struct address *peer);

#endif
