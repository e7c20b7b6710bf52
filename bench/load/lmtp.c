/*
 * Delivery (RFC 2033): each connection hands over one mail after the other,
 * one recipient each, the envelope and DATA in one packet (RFC 2920).
 */
#include "base/mem.h"
#include "load/mail.h"
#include "load/row.h"

/* The reply that a connection waits for; those before RCPT have no turn. */
enum lmtp_state {
	AT_BANNER,
	AT_LHLO,
	AT_READY,
	AT_MAIL,
	AT_RCPT,
	AT_DATA,
	AT_END
};

struct lmtp {
	struct conn conn; /* first: conn.c hands it back */
	struct buf part;  /* the beginning of a line */
	struct lmtp_row *row;
	enum lmtp_state state;
	int64_t began_ns;
};

struct lmtp_row {
	const struct options *o;
	struct tally *t;
	struct lmtp *lmtps;
	unsigned there;
	unsigned busy;
	unsigned todo;
	unsigned mail; /* number of the next message */
};

static void
send_envelope(struct lmtp *l)
{
	struct lmtp_row *row = l->row;

	if (row->todo == 0) {
		l->state = AT_READY;
		if (--row->busy == 0)
			tally_end(row->t);
		return;
	}
	row->todo--;
	l->began_ns = now_ns();
	l->state = AT_MAIL;
	buf_str(&l->conn.out, "MAIL FROM:<sender@mail.example>\r\nRCPT TO:<");
	options_add_user(&l->conn.out, row->o, row->mail);
	buf_str(&l->conn.out, ">\r\nDATA\r\n");
}

/* No line of a made-up mail begins with a dot. */
static void
send_mail(struct lmtp *l)
{
	mail_add(&l->conn.out, l->row->mail++, l->row->o->size);
	buf_str(&l->conn.out, ".\r\n");
	l->state = AT_END;
}

static void
reply(struct lmtp *l, struct span line)
{
	struct lmtp_row *row = l->row;
	bool good = line.n >= 4 && (line.p[0] == '2' || line.p[0] == '3');

	if (!good || l->state == AT_READY)
		die("lmtp: %.*s", SPAN_ARG(line));
	if (line.p[3] == '-')
		return;
	switch (l->state) {
	case AT_BANNER:
		buf_str(&l->conn.out, "LHLO load.example\r\n");
		l->state = AT_LHLO;
		break;
	case AT_LHLO:
		l->state = AT_READY;
		row->t->stop = ++row->there == row->o->connections;
		break;
	case AT_MAIL:
	case AT_RCPT:
		l->state++;
		break;
	case AT_DATA:
		send_mail(l);
		break;
	case AT_END:
		tally_op(row->t, l->began_ns);
		send_envelope(l);
		break;
	case AT_READY:
	default:
		break;
	}
}

static void
on_open(struct conn *conn)
{
	(void)conn;
}

static void
on_data(struct conn *conn, struct span s)
{
	struct lmtp *l = (struct lmtp *)conn;
	size_t n = span_find(s, '\n');

	for (; n < s.n; n = span_find(s, '\n')) {
		buf_add(&l->part, span_head(s, n));
		reply(l, buf_span(&l->part));
		buf_reset(&l->part);
		s = span_from(s, n + 1);
	}
	buf_add(&l->part, s);
	conn_flush(conn);
}

static void
on_closed(struct conn *conn)
{
	(void)conn;
	die("lmtp: connection lost");
}

void
row_lmtp(const struct options *o, struct tally *t)
{
	static const struct conn_events events = { on_open, on_data,
		on_closed };
	struct lmtp_row row = { .o = o,
		.t = t,
		.todo = o->count,
		.mail = o->from,
		.busy = o->connections };

	row.lmtps = mem_array(o->connections, sizeof(row.lmtps[0]));
	for (unsigned i = 0; i < o->connections; i++) {
		row.lmtps[i].row = &row;
		conn_start(&row.lmtps[i].conn, &o->lmtp, &events);
	}
	loop_run(&t->stop);

	t->stop = false;
	tally_begin(t);
	for (unsigned i = 0; i < o->connections; i++) {
		send_envelope(&row.lmtps[i]);
		conn_flush(&row.lmtps[i].conn);
	}
	loop_run(&t->stop);
	for (unsigned i = 0; i < o->connections; i++) {
		conn_stop(&row.lmtps[i].conn);
		buf_clear(&row.lmtps[i].part);
	}
	mem_free(&row.lmtps);
}
