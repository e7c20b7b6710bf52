#include "base/limits.h"
#include "mail/lmtp_address.h"
#include "mail/lmtp_inside.h"

static void
run_lhlo(struct lmtp *l, struct span args)
{
	args = span_trim(args);
	if (args.n == 0) {
		lmtp_reply_error(l, "501 5.5.4 Say your name");
		return;
	}
	lmtp_end_transaction(l);
	l->greeted = true;
	buf_reset(&l->client);
	buf_add(&l->client, span_head(args, LIMIT_LMTP_CLIENT));

	BUF_LIT(l->out, "250-");
	buf_add(l->out, l->settings->hostname);
	BUF_LIT(l->out, "\r\n250-PIPELINING\r\n250-SIZE ");
	buf_u64(l->out, l->settings->message_limit);
	BUF_LIT(l->out, "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
			"250-ENHANCEDSTATUSCODES\r\n250 CHUNKING\r\n");
}

/* RFC 2033 section 4.1: these are not for LMTP. */
static void
run_hello(struct lmtp *l, struct span args)
{
	(void)args;
	lmtp_reply_error(l, "500 5.5.1 This is LMTP, say LHLO");
}

/* Parameters of MAIL, each once. */
struct mail_params {
	bool has_size;
	bool has_body;
	bool utf8;
	uint64_t size;
};

static const char *
read_size(struct span value, struct mail_params *p)
{
	/* RFC 1870 section 4: up to 20 digits. */
	if (p->has_size || value.n > 20 ||
	    !span_u64(value, UINT64_MAX, &p->size))
		return "501 5.5.4 SIZE is not understood";
	p->has_size = true;
	return NULL;
}

static const char *
read_body(struct span value, struct mail_params *p)
{
	if (p->has_body)
		return "501 5.5.4 BODY is given twice";
	if (!span_eq_nocase(value, SPAN("7BIT")) &&
	    !span_eq_nocase(value, SPAN("8BITMIME")))
		return "555 5.5.4 There is no such BODY";
	p->has_body = true;
	return NULL;
}

static const char *
read_param(struct span param, struct mail_params *p)
{
	size_t equals = span_find(param, '=');
	struct span key = span_head(param, equals);
	struct span value = span_from(param, equals + 1);

	if (span_eq_nocase(key, SPAN("SIZE")))
		return read_size(value, p);
	if (span_eq_nocase(key, SPAN("BODY")))
		return read_body(value, p);
	if (!span_eq_nocase(param, SPAN("SMTPUTF8")))
		return "555 5.5.4 There is no such parameter";
	p->utf8 = true;
	return NULL;
}

/* NULL, or the reply to what is wrong with them. */
static const char *
read_params(struct span in, struct mail_params *p)
{
	while (in.n > 0) {
		size_t n;
		const char *wrong;

		if (in.p[0] != ' ')
			return "501 5.5.4 Parameters are not understood";
		in = span_from(in, 1);
		n = span_find(in, ' ');
		if (n == 0)
			continue;
		wrong = read_param(span_head(in, n), p);
		if (wrong != NULL)
			return wrong;
		in = span_from(in, n);
	}
	return NULL;
}

/* The path behind FROM: or TO:, and what follows it. */
static bool
take_path(struct span *args, struct span keyword, struct lmtp_path *out)
{
	struct span s = span_trim(*args);

	if (!span_starts_nocase(s, keyword))
		return false;
	s = span_trim(span_from(s, keyword.n));
	if (!lmtp_path_take(&s, out))
		return false;
	*args = s;
	return true;
}

static void
run_mail(struct lmtp *l, struct span args)
{
	struct mail_params params = { 0 };
	struct lmtp_path path;
	const char *wrong;

	if (!l->greeted || l->in_mail) {
		lmtp_reply_order(l,
		    l->in_mail ? "There is a sender" : "Say LHLO");
		return;
	}
	if (!take_path(&args, SPAN("FROM:"), &path)) {
		lmtp_reply_error(l, "501 5.1.7 The sender is not understood");
		return;
	}
	wrong = read_params(args, &params);
	if (wrong != NULL) {
		lmtp_reply_error(l, wrong);
		return;
	}
	if (path.has_utf8 && !params.utf8) {
		lmtp_reply(l, "553 5.6.7 That address needs SMTPUTF8");
		return;
	}
	if (params.size > l->settings->message_limit) {
		lmtp_reply(l, "552 5.3.4 Message too big");
		return;
	}
	l->in_mail = true;
	l->utf8 = params.utf8;
	l->declared = params.size;
	buf_add(&l->from, path.text);
	lmtp_reply(l, "250 2.1.0 OK");
}

static void
run_rcpt(struct lmtp *l, struct span args)
{
	struct lmtp_recipient r;
	struct lmtp_mailbox m;
	struct lmtp_path path;

	if (!l->in_mail || l->has_chunks) {
		lmtp_reply_order(l,
		    l->in_mail ? "The message began" : "Say MAIL");
		return;
	}
	if (!take_path(&args, SPAN("TO:"), &path) || path.text.n == 0) {
		lmtp_reply_error(l,
		    "501 5.1.3 The recipient is not understood");
		return;
	}
	if (args.n > 0) {
		lmtp_reply_error(l, "555 5.5.4 There is no such parameter");
		return;
	}
	if (path.has_utf8 && !l->utf8) {
		lmtp_reply(l, "553 5.6.7 That address needs SMTPUTF8");
		return;
	}
	if (l->recipients == l->settings->recipient_limit) {
		lmtp_reply(l, "452 4.5.3 Too many recipients");
		return;
	}
	m = lmtp_path_mailbox(&path, l->settings->delimiter, &l->scratch);
	r = (struct lmtp_recipient){ path.text, m.user, m.folder };
	l->found = LMTP_UNDECIDED;
	l->state = AT_RECIPIENT;
	l->ops->recipient(l->ctx, &r);
}

/* RFC 2033 section 4.2: without recipients there is nothing to reply to. */
static void
run_data(struct lmtp *l, struct span args)
{
	if (args.n > 0) {
		lmtp_reply_error(l, "501 5.5.4 DATA takes nothing");
		return;
	}
	if (!l->in_mail || l->has_chunks || l->recipients == 0) {
		lmtp_reply_order(l, l->has_chunks
					? "The message began with BDAT"
				    : l->in_mail ? "There are no recipients"
						 : "Say MAIL");
		return;
	}
	l->dots = (struct lmtp_dots){ 0 };
	l->state = AT_DATA;
	lmtp_reply(l, "354 Go on, a dot alone ends it");
}

/*
 * RFC 3030 section 2.  The octets follow the command even if it is refused;
 * if their number isn't understood, nothing behind it can be.
 */
static void
run_bdat(struct lmtp *l, struct span args)
{
	size_t n = span_find(args, ' ');
	struct span last = span_from(args, n + 1);
	uint64_t size;

	if (!span_u64(span_head(args, n), UINT64_MAX, &size) ||
	    (n < args.n && !span_eq_nocase(last, SPAN("LAST")))) {
		lmtp_reply(l, "421 4.5.4 BDAT is not understood");
		l->state = AT_END;
		return;
	}
	l->chunk = size;
	l->chunk_size = size;
	l->chunk_is_last = n < args.n;
	l->chunk_is_wrong = !l->in_mail;
	l->has_chunks = l->in_mail;
	l->state = AT_CHUNK;
}

static void
run_rset(struct lmtp *l, struct span args)
{
	if (args.n > 0) {
		lmtp_reply_error(l, "501 5.5.4 RSET takes nothing");
		return;
	}
	lmtp_end_transaction(l);
	lmtp_reply(l, "250 2.0.0 OK");
}

static void
run_noop(struct lmtp *l, struct span args)
{
	(void)args;
	lmtp_reply(l, "250 2.0.0 OK");
}

static void
run_vrfy(struct lmtp *l, struct span args)
{
	if (args.n == 0)
		lmtp_reply_error(l, "501 5.5.4 Say whom");
	else
		lmtp_reply(l, "252 2.5.0 Say RCPT to find out");
}

static void
run_help(struct lmtp *l, struct span args)
{
	(void)args;
	lmtp_reply(l, "214 2.0.0 LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY QUIT");
}

static void
run_quit(struct lmtp *l, struct span args)
{
	if (args.n > 0) {
		lmtp_reply_error(l, "501 5.5.4 QUIT takes nothing");
		return;
	}
	lmtp_end_transaction(l);
	lmtp_reply(l, "221 2.0.0 Bye");
	l->state = AT_END;
}

static const struct {
	struct span name;
	void (*run)(struct lmtp *l, struct span args);
} commands[] = {
	{ SPAN_INIT("BDAT"), run_bdat },
	{ SPAN_INIT("DATA"), run_data },
	{ SPAN_INIT("EHLO"), run_hello },
	{ SPAN_INIT("HELO"), run_hello },
	{ SPAN_INIT("HELP"), run_help },
	{ SPAN_INIT("LHLO"), run_lhlo },
	{ SPAN_INIT("MAIL"), run_mail },
	{ SPAN_INIT("NOOP"), run_noop },
	{ SPAN_INIT("QUIT"), run_quit },
	{ SPAN_INIT("RCPT"), run_rcpt },
	{ SPAN_INIT("RSET"), run_rset },
	{ SPAN_INIT("VRFY"), run_vrfy },
};

/* No command has any of them, so a line isn't two to someone else. */
static bool
has_control(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if ((line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7f)
			return true;
	return false;
}

void
lmtp_run_command(struct lmtp *l, struct span line)
{
	size_t n;

	if (has_control(line)) {
		lmtp_reply_error(l, "500 5.5.2 Control characters");
		return;
	}
	line = span_trim(line);
	n = span_find(line, ' ');
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (!span_eq_nocase(commands[i].name, span_head(line, n)))
			continue;
		commands[i].run(l, span_trim(span_from(line, n + 1)));
		return;
	}
	lmtp_reply_error(l, "500 5.5.1 There is no such command");
}
