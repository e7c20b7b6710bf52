#ifndef ENGINE_INCOMING_H
#define ENGINE_INCOMING_H

#include "base/limits.h"
#include "imap/args_append.h"

/*
 * The messages of one APPEND, taken as they come, before it is parsed.
 *
 * Of several, what the engine keeps of them is made while others come: by
 * portions, in the threads for work (work.h), and by the loop itself as long as
 * the account has LIMIT_PORTIONS there.  It is stored at once (deposit.h), in
 * the order of the messages.  APPEND does with the last of them what is left.
 *
 * Bounds  A portion has at most UPLOAD_MEMORY bytes; as long as more than some
 *         MiB were made and are not yet stored, no other is begun.
 */
struct change;
struct message;
struct session;

struct incoming {
	struct session *session;
	struct append_scan scan;
	struct arena *arena;   /* the scan's */
	struct upload *upload; /* NULL before the first message */

	/* Its own. */
	struct made *made; /* by number of the message; not of the last ones */
	size_t made_n;
	size_t made_cap;
	size_t looked_at; /* those before it are stored, if they were made */
	struct deposit **deposit;
	size_t deposits;
	size_t deposits_cap;
	struct portion *portion[LIMIT_PORTIONS];
	size_t portions;
	enum status st; /* of counting them (message_count()) */
	bool awaited;
};

struct incoming *incoming_new(struct session *s);
/* What is being made comes to nothing. */
void incoming_free(struct incoming **in);

/* A message has come, and the next one, of so many bytes, will. */
void incoming_next(struct incoming *in, uint64_t size);

/* Of the command: whether a message is made here.  in may be NULL. */
bool incoming_took(const struct incoming *in, size_t i);
/* All of those have been made; if not, the session is woken when they are. */
bool incoming_all_made(struct incoming *in);
/* Then, if in->st is ST_OK: that message, borrowed. */
struct message *incoming_message(const struct incoming *in, size_t i);
/* Its content, if that is stored already; or 0. */
uint64_t incoming_content(const struct incoming *in, size_t i);
/* As deposit_status() and deposit_use(), of all of them. */
enum status incoming_use(struct incoming *in, struct change *c);

#endif
