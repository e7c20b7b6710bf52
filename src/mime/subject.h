#ifndef MIME_SUBJECT_H
#define MIME_SUBJECT_H

#include "base/arena.h"

/*
 * The base subject of RFC 5256 section 2.1, from the value of a Subject
 * field.  *is_reply says whether a "re:", "fw:", "(fwd)" or "[fwd:" was taken
 * off.  At most LIMIT_SORT_KEY bytes of the first LIMIT_SORT_TEXT.
 */
struct span base_subject(struct arena *a, struct span value, bool *is_reply);

#endif
