#include "gate/state.h"
#include "imap/args_session.h"

struct command {
	const char *name;
	parse_fn *parse;
	void (*run)(struct conn *c, struct span tag, const void *args);
};

static void
ok(struct conn *c, struct span tag, const char *text)
{
	conn_reply(c, tag, COND_OK, (struct span){ 0 }, span_str(text));
}

static void
run_capability(struct conn *c, struct span tag, const void *args)
{
	struct buf *out = stream_out(c->stream);

	(void)args;
	BUF_LIT(out, "* CAPABILITY ");
	conn_capability(out, c);
	BUF_LIT(out, "\r\n");
	ok(c, tag, "That is all");
}

static void
run_noop(struct conn *c, struct span tag, const void *args)
{
	(void)args;
	ok(c, tag, "Nothing done");
}

static void
run_logout(struct conn *c, struct span tag, const void *args)
{
	(void)args;
	conn_reply(c, (struct span){ 0 }, COND_BYE, (struct span){ 0 },
	    SPAN("Goodbye"));
	ok(c, tag, "Logged out");
	conn_close(c);
}

/* RFC 2971: the client's words are for the log, ours say no more. */
static void
run_id(struct conn *c, struct span tag, const void *args)
{
	const struct id_args *id = args;
	struct span name = { 0 };
	struct span version = { 0 };

	for (size_t i = 0; i < id->n; i++) {
		if (span_eq_nocase(id->pairs[i].name, SPAN("name")))
			name = id->pairs[i].value;
		if (span_eq_nocase(id->pairs[i].name, SPAN("version")))
			version = id->pairs[i].value;
	}
	log_event(&c->log, LEVEL_INFO, "gate.client.named",
	    LF_SPAN("name", name), LF_SPAN("version", version));
	BUF_LIT(stream_out(c->stream),
	    "* ID (\"name\" \"Newel\" \"version\" \"" NEWEL_VERSION "\")\r\n");
	ok(c, tag, "Pleased to meet you");
}

static void
run_starttls(struct conn *c, struct span tag, const void *args)
{
	(void)args;
	if (c->tls) {
		conn_error(c, tag, "TLS is there already");
		return;
	}
	if (c->gate->tls == NULL) {
		conn_error(c, tag, "There is no TLS here");
		return;
	}
	ok(c, tag, "Begin TLS now");
	conn_start_tls(c);
}

static void
needs_tls(struct conn *c, struct span tag)
{
	conn_reply(c, tag, COND_NO, SPAN("PRIVACYREQUIRED"),
	    SPAN("Not without TLS: use STARTTLS or the port with TLS"));
}

static void
run_login(struct conn *c, struct span tag, const void *args)
{
	if (login_allowed(c))
		conn_login(c, tag, args);
	else
		needs_tls(c, tag);
}

static void
run_authenticate(struct conn *c, struct span tag, const void *args)
{
	const struct authenticate_args *auth = args;

	switch (mechanism_use(c, auth->mechanism)) {
	case MECHANISM_OFFERED:
		conn_authenticate(c, tag, auth);
		break;
	case MECHANISM_NEEDS_TLS:
		needs_tls(c, tag);
		break;
	case MECHANISM_UNKNOWN:
		conn_reply(c, tag, COND_NO, (struct span){ 0 },
		    SPAN("This mechanism is not offered here"));
		break;
	}
}

static const struct command commands[] = {
	{ "AUTHENTICATE", parse_authenticate, run_authenticate },
	{ "CAPABILITY", parse_none, run_capability },
	{ "ID", parse_id, run_id },
	{ "LOGIN", parse_login, run_login },
	{ "LOGOUT", parse_none, run_logout },
	{ "NOOP", parse_none, run_noop },
	{ "STARTTLS", parse_none, run_starttls },
};

/* What mail would do; others are not known at all. */
static const char *const after_login[] = {
	"APPEND",
	"CHECK",
	"CLOSE",
	"COMPRESS",
	"COPY",
	"CREATE",
	"DELETE",
	"ENABLE",
	"EXAMINE",
	"EXPUNGE",
	"FETCH",
	"GETQUOTA",
	"GETQUOTAROOT",
	"IDLE",
	"LIST",
	"LSUB",
	"MOVE",
	"NAMESPACE",
	"RENAME",
	"SEARCH",
	"SELECT",
	"SETQUOTA",
	"SORT",
	"STATUS",
	"STORE",
	"SUBSCRIBE",
	"THREAD",
	"UID COPY",
	"UID EXPUNGE",
	"UID FETCH",
	"UID MOVE",
	"UID SEARCH",
	"UID SORT",
	"UID STORE",
	"UID THREAD",
	"UNSELECT",
	"UNSUBSCRIBE",
};

static const struct command *
find(struct span name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (span_eq_nocase(name, span_str(commands[i].name)))
			return &commands[i];
	return NULL;
}

static const char *
why_not(struct span name)
{
	for (size_t i = 0; i < COUNT(after_login); i++)
		if (span_eq_nocase(name, span_str(after_login[i])))
			return "Log in first";
	return "There is no such command";
}

static void
run_parsed(struct conn *c, const struct command *what,
    const struct command_text *text)
{
	struct tokens t =
	    tok_over(text->args, &grammar_default, c->gate->arena);
	const void *args = NULL;

	if (what->parse(&t, c->gate->arena, &args) == ST_OK)
		what->run(c, text->tag, args);
	else
		conn_error(c, text->tag, t.why);
	arena_reset(c->gate->arena);
}

void
conn_command(struct conn *c, struct span text)
{
	struct command_text parts;
	const struct command *what;
	const char *why;

	why = command_split(text, &parts);
	what = find(parts.name);
	if (why == NULL && what != NULL)
		run_parsed(c, what, &parts);
	else
		conn_error(c, parts.tag,
		    why != NULL ? why : why_not(parts.name));
}

bool
conn_takes_literal(const struct conn *c, struct span text)
{
	struct command_text parts;

	if (command_split(text, &parts) != NULL)
		return false;
	if (span_eq_nocase(parts.name, SPAN("LOGIN")))
		return login_allowed(c);
	return span_eq_nocase(parts.name, SPAN("ID"));
}

/* What is wrong with a literal that conn_takes_literal() refused. */
static const char *
why_no_literal(struct span name)
{
	return find(name) != NULL ? "This command takes no literal"
	                          : why_not(name);
}

void
conn_command_failed(struct conn *c)
{
	struct command_text parts;
	const char *why;

	why = command_split(reader_text(&c->reader), &parts);
	switch (reader_fault(&c->reader)) {
	case READER_REFUSED:
		if (span_eq_nocase(parts.name, SPAN("LOGIN"))) {
			needs_tls(c, parts.tag); /* nothing secret was sent */
			return;
		}
		if (why == NULL)
			why = why_no_literal(parts.name);
		break;
	case READER_TOO_LONG:
		why = "The command is too long";
		break;
	case READER_TOO_BIG:
		why = "The literal is too big";
		break;
	case READER_HAS_NUL:
		why = "The command has a NUL";
		break;
	}
	conn_error(c, parts.tag, why);
}
