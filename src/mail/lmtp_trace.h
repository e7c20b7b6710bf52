#ifndef MAIL_LMTP_TRACE_H
#define MAIL_LMTP_TRACE_H

#include "base/buf.h"
#include "base/clock.h"

/* What a delivered message says of its way (RFC 5321 section 4.4). */
struct lmtp_trace {
	struct span from;             /* of the envelope; may be empty */
	const struct span *recipient; /* as they were given, at least one */
	size_t recipients;
	struct span client;   /* how it named itself */
	struct span address;  /* its IP address; empty: a local socket */
	struct span hostname; /* ours */
	struct span id;       /* what the log calls this delivery */
	bool utf8;            /* SMTPUTF8 */
	bool tls;
	struct datetime when;
};

/*
 * Appends Return-Path, a Delivered-To for each recipient (but at most
 * LIMIT_LMTP_DELIVERED_TO) and Received, which names a recipient only if
 * there are no others.
 */
void lmtp_trace_header(struct buf *out, const struct lmtp_trace *t);

#endif
