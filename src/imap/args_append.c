#include "imap/args_append.h"

#include "base/limits.h"

static void
count_message(struct tokens *t, size_t n)
{
	if (n == LIMIT_APPEND_MESSAGES)
		tok_limit(t, "There are too many messages");
}

/* Everything of a message before its literal. */
static void
options(struct tokens *t, struct append_message *m)
{
	*m = (struct append_message){ 0 };
	tok_space(t);
	if (tok_at(t, '(')) {
		m->flags = tok_flag_list(t);
		tok_space(t);
	}
	if (tok_at(t, '"')) {
		m->date = tok_date_time(t);
		m->has_date = true;
		tok_space(t);
	}
	m->utf8 = tok_accept_word(t, SPAN("UTF8"));
	if (m->utf8) {
		tok_space(t);
		tok_byte(t, '(');
	}
}

static void
body(struct tokens *t, struct append_message *m)
{
	if (!tok_at_literal(t))
		tok_bad(t, "Expected a message");
	m->body = tok_literal(t, true);
	if (m->utf8 && !m->body.literal8)
		tok_bad(t, "A message in UTF-8 is a binary literal");
	if (m->utf8)
		tok_byte(t, ')');
	if (!tok_failed(t) && m->body.size == 0)
		tok_fail(t, ST_DENIED, NULL, "A message has no bytes");
}

/* Not a space before the line's end, which clients may leave behind. */
static bool
another(const struct tokens *t)
{
	return t->rest.n > 1 && t->rest.p[0] == ' ' && t->rest.p[1] != ' ';
}

enum status
parse_append(struct tokens *t, struct arena *a, const void **out)
{
	struct append_args *args = ARENA_NEW(a, struct append_args);
	struct append_message *m;
	size_t most = MIN((size_t)LIMIT_APPEND_MESSAGES, t->rest.n / 5 + 1);

	tok_space(t);
	args->mailbox = tok_mailbox(t);
	m = ARENA_ARRAY(a, most, struct append_message);
	args->messages = m;
	do {
		count_message(t, args->n);
		if (tok_failed(t))
			break;
		options(t, &m[args->n]);
		body(t, &m[args->n]);
		args->n++;
	} while (another(t));
	if (tok_end(t) == ST_OK)
		*out = args;
	return t->st;
}

/* Goes on behind what was scanned before: a message, to be read over. */
static void
resume(struct append_scan *s, struct tokens *t)
{
	struct append_message m = { .utf8 = s->utf8 };

	t->rest = span_from(t->rest, s->at);
	body(t, &m);
	count_message(t, s->n);
}

enum status
append_scan(struct append_scan *s, struct tokens *t, struct append_message *out)
{
	struct append_message m;
	size_t at = t->rest.n;

	if (s->n > 0) {
		resume(s, t);
	} else {
		tok_space(t);
		if (!tok_failed(t) && tok_at_end(t))
			return ST_AGAIN;
		s->mailbox = tok_mailbox(t);
	}
	options(t, &m);
	if (!tok_at_end(t))
		tok_bad(t, "Expected a message");
	if (tok_failed(t))
		return t->st;
	s->at = at;
	s->utf8 = m.utf8;
	s->n++;
	*out = m;
	return ST_OK;
}
