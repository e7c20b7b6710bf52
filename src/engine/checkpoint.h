#ifndef ENGINE_CHECKPOINT_H
#define ENGINE_CHECKPOINT_H

#include "engine/account.h"

/*
 * Writes a mailbox anew as a root and the images of the segments and leaves
 * that have changed, and drops the operations before it; so that opening a
 * mailbox costs what has changed since, and not its history or its size.
 *
 * It happens behind the changes: images are packed in another thread from a
 * version that is on disk, and are committed as any change is.
 */
void checkpoint_if_due(struct mailbox *mb);

/* A session has left the mailbox: what it changed may be worth one. */
void checkpoint_when_left(struct mailbox *mb);

#endif
