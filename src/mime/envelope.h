#ifndef MIME_ENVELOPE_H
#define MIME_ENVELOPE_H

#include "mime/wire.h"

/*
 * The fields that ENVELOPE and the sort keys are made of.  A field that
 * isn't there has no pointer.  Of several with one name the first counts,
 * but To, Cc and Bcc are put together (RFC 5322 section 4.5.3).
 */
struct envelope {
	struct span date;
	struct span subject;
	struct span in_reply_to;
	struct span message_id;
	struct span references;
	struct address_list from;
	struct address_list sender;
	struct address_list reply_to;
	struct address_list to;
	struct address_list cc;
	struct address_list bcc;
};

/* Sender and Reply-To are From if they are absent or empty. */
void mime_envelope_read(struct arena *a, struct span header,
    struct envelope *out);

/* "(" ten fields ")". */
void mime_envelope_write(struct wire *w, const struct envelope *e);

#endif
