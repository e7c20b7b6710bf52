#include "mail/lmtp_trace.h"

#include <stdlib.h>

#include "base/limits.h"

/* A name that may stand in a header field, whatever the client said. */
static void
add_name(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = name.p[i];
		bool fits = ascii_digit(c) ||
		            (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') ||
		            (c != 0 && strchr(".-_:[]", c) != NULL);

		buf_byte(out, fits ? c : '?');
	}
	if (name.n == 0)
		BUF_LIT(out, "unknown");
}

static void
add_address(struct buf *out, struct span address)
{
	if (address.n == 0)
		return;
	BUF_LIT(out, " ([");
	if (span_find(address, ':') < address.n)
		BUF_LIT(out, "IPv6:");
	buf_add(out, address);
	BUF_LIT(out, "])");
}

static void
add_date(struct buf *out, struct datetime when)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c = civil_of(when.wall + when.zone_secs);
	int zone = abs(when.zone_secs) / 60;

	buf_printf(out, "%s, %d %s %d %02d:%02d:%02d %c%02d%02d",
	    days[c.weekday], c.day, months[c.month - 1], c.year, c.hour,
	    c.minute, c.second, when.zone_secs < 0 ? '-' : '+', zone / 60,
	    zone % 60);
}

static void
add_recipients(struct buf *out, const struct lmtp_trace *t)
{
	size_t n = MIN(t->recipients, LIMIT_LMTP_DELIVERED_TO);

	for (size_t i = 0; i < n; i++) {
		BUF_LIT(out, "Delivered-To: ");
		buf_add(out, t->recipient[i]);
		BUF_LIT(out, "\r\n");
	}
}

void
lmtp_trace_header(struct buf *out, const struct lmtp_trace *t)
{
	BUF_LIT(out, "Return-Path: <");
	buf_add(out, t->from);
	BUF_LIT(out, ">\r\n");
	add_recipients(out, t);

	BUF_LIT(out, "Received: from ");
	add_name(out, t->client);
	add_address(out, t->address);
	BUF_LIT(out, "\r\n\tby ");
	buf_add(out, t->hostname);
	/* RFC 3848, RFC 6531 section 4.3 */
	buf_printf(out, " with %sLMTP%s id ", t->utf8 ? "UTF8" : "",
	    t->tls ? "S" : "");
	buf_add(out, t->id);
	if (t->recipients == 1) {
		BUF_LIT(out, "\r\n\tfor <");
		buf_add(out, t->recipient[0]);
		BUF_LIT(out, ">; ");
	} else {
		BUF_LIT(out, ";\r\n\t");
	}
	add_date(out, t->when);
	BUF_LIT(out, "\r\n");
}
