#ifndef MAIL_CONTROL_INSIDE_H
#define MAIL_CONTROL_INSIDE_H

#include "base/arena.h"
#include "engine/change.h"
#include "io/loop.h"
#include "mail/control_frame.h"
#include "mail/worker.h"

/*
 * The inside of a control connection, for what runs its requests.
 *
 * A request is run by the function of its row, which ends it with
 * control_finish() at once or later; until then no other is read.
 */
struct stream;

struct control {
	struct worker *worker;
	struct stream *stream;
	struct account *account; /* after HELLO */
	struct worker_conn conn;
	struct loop_task move; /* to the worker of its account */
	struct buf in;         /* the request at hand, as it came */
	struct control_request request;
	struct arena *arena; /* of the request at hand */
	bool busy;           /* a request is being run */
	bool ending;         /* when that is done, so is the connection */
	uint64_t wanted;     /* account, while it is being opened */
	int moving;          /* descriptor, between two workers */
	int ticks;           /* CONTROL_ERASE: so often it has waited */
	bool erasing;
	void (*ended)(void *ctx); /* may be NULL */
	void *ctx;
};

/* As control_start(); ended is called on the worker that it ended on. */
void control_serve(struct worker *w, int fd, void (*ended)(void *ctx),
    void *ctx);

/* Answers without more than a status. */
void control_finish(struct control *c, enum status st);
/* text is a sentence for a person. */
void control_finish_text(struct control *c, enum status st, const char *text);

/* For an answer with more in it: appends to the buffer it gives. */
struct buf *control_answer(struct control *c, size_t *out_begun);
void control_answered(struct control *c, size_t begun);

/* Submits a change, or gives up on it; the status is the answer. */
void control_submit(struct control *c, struct change **ch, enum status st);

/* A request's name, or the answer why it can't be one. */
bool control_name(struct control *c, struct span name, struct span *out);

void control_run(struct control *c); /* all but HELLO */
void control_import(struct control *c);
void control_erase(struct control *c);
/* CONTROL_ERASE waits for others to let go of the account. */
void control_erase_tick(struct control *c);

#endif
