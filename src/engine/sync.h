#ifndef ENGINE_SYNC_H
#define ENGINE_SYNC_H

#include "engine/command.h"
#include "engine/version.h"

/*
 * Moves a session from the version that its client knows to the current one,
 * and tells the client the difference: EXPUNGE or VANISHED, EXISTS, RECENT,
 * new keywords, changed flags (RFC 9051 section 7.5, RFC 7162).
 *
 * It runs in steps as a command does.  Where EXPUNGE may not be sent
 * (RFC 9051 section 7.5.1), a session whose messages were expunged stays
 * where it is until the next command; if none were, it moves.
 */
struct sync {
	struct version *to; /* NULL: no sync is under way */
	enum { SYNC_COMPARE, SYNC_GONE, SYNC_COUNTS, SYNC_FLAGS } stage;
	struct uidset gone; /* UIDs, or sequence numbers to be sent */
	union {
		struct version_gone compare;
		struct rows rows; /* behind that */
	};
};

enum step sync_step(struct session *s, bool no_expunge);
void sync_clear(struct sync *y);

/*
 * The session has told its client what its own change did, by FETCHes or
 * because it was asked to be silent: sync passes over this mod-sequence.  0: it
 * had nothing to change, and told how that is now.
 */
void sync_told(struct session *s, uint64_t modseq);

/* "* n EXISTS" and, before IMAP4rev2, "* n RECENT". */
void sync_write_counts(struct session *s, const struct version *v);
/* "* FLAGS" and "* OK [PERMANENTFLAGS". */
void sync_write_keywords(struct session *s, const struct version *v);

/* New messages up to uidnext that no other session has seen: \Recent. */
void sync_claim_recent(struct session *s, const struct version *v);

#endif
