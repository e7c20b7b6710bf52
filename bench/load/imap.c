#include "load/imap.h"

void
imap_send_line(struct imap *c, struct span line)
{
	conn_put(&c->conn, line);
	conn_put(&c->conn, SPAN("\r\n"));
	conn_flush(&c->conn);
}

void
imap_send(struct imap *c, struct span command)
{
	buf_byte(&c->conn.out, 'a');
	buf_u64(&c->conn.out, ++c->sent);
	buf_byte(&c->conn.out, ' ');
	c->sent_ns = now_ns();
	imap_send_line(c, command);
}

void
imap_logout(struct imap *c)
{
	c->leaving = true;
	imap_send(c, SPAN("LOGOUT"));
}

static void
log_in(struct imap *c)
{
	struct buf line = { 0 };

	buf_printf(&line, "LOGIN %.*s %s", SPAN_ARG(c->user), c->password);
	imap_send(c, buf_span(&line));
	buf_clear(&line);
}

/* "aN OK ..." */
static void
tagged(struct imap *c, struct span line)
{
	size_t space = span_find(line, ' ');
	struct span rest = span_from(line, space + 1);
	bool ok = span_starts_nocase(rest, SPAN("OK"));
	uint64_t tag;

	if (line.n < 2 ||
	    !span_u64(span_of(line.p + 1, space - 1), UINT32_MAX, &tag) ||
	    tag != ++c->answered)
		die("tag out of order: %.*s", SPAN_ARG(line));
	if (!ok && !span_starts_nocase(rest, SPAN("NO")))
		die("refused: %.*s", SPAN_ARG(line));
	if (tag == 1 && !ok)
		die("no login: %.*s", SPAN_ARG(line));
	if (tag == 1) {
		c->on->ready(c);
		return;
	}
	c->refused += !ok;
	if (!c->leaving)
		c->on->done(c, ok);
}

static void
untagged(struct imap *c, struct span line)
{
	struct span rest = span_from(line, 2);
	size_t space = span_find(rest, ' ');
	struct span word = span_from(rest, space + 1);
	uint64_t n;

	if (c->sent == 0) {
		log_in(c);
		return;
	}
	c->lines++;
	if (ascii_digit(line.p[2]) &&
	    span_u64(span_head(rest, space), UINT32_MAX, &n)) {
		if (span_eq_nocase(word, SPAN("EXISTS")))
			c->exists = (uint32_t)n;
		else if (span_eq_nocase(word, SPAN("EXPUNGE")))
			c->exists--;
	} else if (span_starts_nocase(rest, SPAN("BYE")) && !c->leaving) {
		die("the server left: %.*s", SPAN_ARG(line));
	}
	if (c->on->untagged != NULL)
		c->on->untagged(c, line);
}

static void
response(void *user, struct span line)
{
	struct imap *c = user;

	if (line.n > 2 && line.p[0] == '*' && line.p[1] == ' ')
		untagged(c, line);
	else if (span_starts(line, SPAN("+")) && c->on->more != NULL)
		c->on->more(c);
	else
		tagged(c, line);
}

static void
on_open(struct conn *conn)
{
	(void)conn;
}

static void
on_data(struct conn *conn, struct span s)
{
	struct imap *c = (struct imap *)conn;

	c->bytes += s.n;
	wire_feed(&c->wire, s, response, c);
	if (c->leaving && c->answered == c->sent) {
		imap_drop(c);
		c->on->done(c, true);
	}
}

static void
on_closed(struct conn *conn)
{
	const struct imap *c = (const struct imap *)conn;

	die("%.*s: connection lost", SPAN_ARG(c->user));
}

void
imap_start(struct imap *c, const struct address *to,
    const struct imap_events *on)
{
	static const struct conn_events events = { on_open, on_data,
		on_closed };

	c->on = on;
	c->sent = 0;
	c->answered = 0;
	c->exists = 0;
	c->leaving = false;
	conn_start(&c->conn, to, &events);
}

void
imap_drop(struct imap *c)
{
	conn_stop(&c->conn);
	wire_clear(&c->wire);
}
