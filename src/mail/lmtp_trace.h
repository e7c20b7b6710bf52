#ifndef MAIL_LMTP_TRACE_H
#define MAIL_LMTP_TRACE_H

#include "base/buf.h"
#include "base/clock.h"

/* What a delivered message says of its way (RFC 5321 section 4.4). */
struct lmtp_trace {
	struct span from;      /* of the envelope; may be empty */
	struct span recipient; /* as it was given */
	struct span client;    /* how it named itself */
	struct span address;   /* its IP address; empty: a local socket */
	struct span hostname;  /* ours */
	struct span id;        /* what the log calls this delivery */
	bool utf8;             /* SMTPUTF8 */
	bool tls;
	struct datetime when;
};

/* Appends Return-Path, Delivered-To and Received. */
void lmtp_trace_header(struct buf *out, const struct lmtp_trace *t);

#endif
