#ifndef MIME_DECODE_H
#define MIME_DECODE_H

#include "base/buf.h"
#include "base/status.h"
#include "mime/summary.h"

/*
 * From what is on the wire to bytes, and from bytes to text.
 *
 * Broken input never stops decoding: what makes no sense in base64 is passed
 * over, what makes none in quoted-printable stays as it is, and bytes that a
 * charset doesn't have become U+FFFD.
 */

/*
 * A content-transfer-encoding (RFC 2045 section 6), in pieces.  Starts as
 * { .encoding = e }.  Identity encodings and unknown ones pass bytes on.
 * However the input is cut into pieces, the output is the same.
 */
struct mime_decoder {
	enum mime_encoding encoding;
	unsigned held; /* bytes in hold, or characters in bits */
	uint32_t bits;
	unsigned char hold[80];
};

void mime_decoder_feed(struct mime_decoder *d, struct span in, struct buf *out);
/* What was held back at the end. */
void mime_decoder_end(struct mime_decoder *d, struct buf *out);

/* All at once. */
void mime_decode(enum mime_encoding e, struct span in, struct buf *out);
/* Exactly what mime_decode would add, without the memory. */
uint64_t mime_decoded_size(enum mime_encoding e, struct span in);

/*
 * Adds text in a charset (any case, aliases known) as UTF-8.  US-ASCII and
 * an empty name take what is UTF-8 as that and any other 8-bit byte as
 * windows-1252 (mime/charset.h).  ST_NOTFOUND: the charset isn't known and
 * nothing was added.  A thread keeps the converters that it has used.
 */
enum status mime_to_utf8(struct span charset, struct span in, struct buf *out);

/*
 * Adds the value of a header field as one line of UTF-8: unfolded, RFC 2047
 * words decoded, raw 8-bit text taken as above.  Words that can't be decoded
 * stay as they are.
 */
void mime_header_text(struct span value, struct buf *out);

#endif
