#ifndef ENGINE_VERSION_EDIT_H
#define ENGINE_VERSION_EDIT_H

#include "engine/version.h"

/*
 * Makes the next version of a mailbox.  version_edit() gives a version that
 * shares everything with its base; until version_seal() only its maker may
 * see it, and the calls in between change it.  A call that fails leaves it
 * fit for nothing but version_unref().
 */
struct version *version_edit(const struct version *base, uint64_t modseq);

/* The UID must be at least uidnext, which becomes one more. */
enum status version_append(struct version *v, const struct msg_state *state,
    const struct msg_facts *facts);

/*
 * Changes the flags of those messages of a set of UIDs for which that makes a
 * difference: they get the version's mod-sequence and are added to changed
 * (which may be NULL).
 */
enum status version_set_flags(struct version *v, const struct uidset *uids,
    enum flag_op op, struct flags mask, struct uidset *changed);

/* Takes messages out; each is shown to fn before it goes. */
typedef void version_gone_fn(void *ctx, const struct row *row);
enum status version_expunge(struct version *v, const struct uidset *uids,
    version_gone_fn *fn, void *ctx);

/* Takes over the caller's reference. */
void version_set_keywords(struct version *v, const struct keywords *k);

void version_seal(struct version *v);

#endif
