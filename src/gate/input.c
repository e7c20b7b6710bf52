#include "gate/state.h"

static void
announced(struct conn *c)
{
	struct reader_literal lit = reader_literal(&c->reader);

	if (!lit.fits || !conn_takes_literal(c, lit.text)) {
		reader_refuse(&c->reader);
		return;
	}
	reader_inline(&c->reader);
	if (lit.sync)
		write_continue(stream_out(c->stream), SPAN("Ready"));
}

/* What the reader has found in the state that the connection is in. */
static void
happened(struct conn *c, enum reader_event ev)
{
	bool line = c->reader.plain;

	c->reader.plain = false;
	if (ev == READER_LITERAL)
		announced(c);
	else if (ev == READER_COMMAND && line)
		conn_line(c, reader_text(&c->reader));
	else if (ev == READER_COMMAND)
		conn_command(c, reader_text(&c->reader));
	else if (line)
		conn_line_failed(c);
	else
		conn_command_failed(c);
}

static bool
reads_on(struct conn *c)
{
	if (c->securing ||
	    (c->state != CONN_COMMAND && c->state != CONN_CHALLENGE &&
		c->state != CONN_FINAL))
		return false;
	if (stream_room(c->stream))
		return true;
	stream_pause(c->stream); /* its own output comes first */
	return false;
}

size_t
conn_input(struct conn *c, struct span in)
{
	enum reader_event ev = READER_COMMAND;
	struct span rest = in;
	struct span bytes;

	while (ev != READER_MORE && reads_on(c)) {
		ev = reader_next(&c->reader, &rest, &bytes);
		if (ev != READER_MORE)
			happened(c, ev);
	}
	return in.n - rest.n;
}
