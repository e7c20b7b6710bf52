#include "engine/capability.h"
#include "engine/session.h"
#include "imap/args_session.h"

/* Commands about the session itself. */

enum step
run_capability(struct cmd *c)
{
	struct buf *b = session_out(c->session);

	BUF_LIT(b, "* CAPABILITY ");
	capability_write(b, c->session);
	BUF_LIT(b, "\r\n");
	return cmd_finish(c, ST_OK, "That is all");
}

/* NOOP, and CHECK: everything is on disk already. */
enum step
run_noop(struct cmd *c)
{
	return cmd_finish(c, ST_OK, "Nothing else");
}

enum step
run_logout(struct cmd *c)
{
	write_condition(session_out(c->session), (struct span){ 0 }, COND_BYE,
	    (struct span){ 0 }, SPAN("Goodbye"), false);
	return cmd_finish(c, ST_OK, "Logged out");
}

/* RFC 2971: what a client says of itself is worth a line in the log. */
static void
log_id(struct session *s, const struct id_args *args)
{
	struct log_field f[3] = { LF_DONE, LF_DONE, LF_DONE };
	size_t n = 0;

	for (size_t i = 0; i < args->n && n < 2; i++) {
		const struct id_pair *p = &args->pairs[i];

		if (p->value.p == NULL)
			continue;
		if (span_eq_nocase(p->name, SPAN("name")))
			f[n++] = LF_SPAN("client", p->value);
		else if (span_eq_nocase(p->name, SPAN("version")))
			f[n++] = LF_SPAN("client_version", p->value);
	}
	if (n > 0)
		log_emit(&s->log, LEVEL_INFO, "session.id", f);
}

enum step
run_id(struct cmd *c)
{
	log_id(c->session, c->args);
	BUF_LIT(session_out(c->session),
	    "* ID (\"name\" \"Newel\" \"version\" \"" NEWEL_VERSION "\")\r\n");
	return cmd_finish(c, ST_OK, "Nice to meet you");
}

/* RFC 5161: names that mean nothing here are passed over. */
enum step
run_enable(struct cmd *c)
{
	static const struct {
		const char *name;
		unsigned bits;
	} known[] = {
		{ "CONDSTORE", ENABLED_CONDSTORE },
		{ "QRESYNC", ENABLED_QRESYNC | ENABLED_CONDSTORE },
		{ "UTF8=ACCEPT", ENABLED_UTF8 },
		{ "IMAP4rev2", ENABLED_IMAP4REV2 },
		{ "OBJECTID+", ENABLED_OBJECTID },
	};
	const struct enable_args *args = c->args;
	struct session *s = c->session;
	struct buf *b = session_out(s);
	unsigned bits = 0;

	BUF_LIT(b, "* ENABLED");
	for (size_t i = 0; i < args->n; i++) {
		for (size_t k = 0; k < COUNT(known); k++) {
			if (!span_eq_nocase(args->names[i],
				span_str(known[k].name)))
				continue;
			buf_byte(b, ' ');
			buf_str(b, known[k].name);
			bits |= known[k].bits;
		}
	}
	BUF_LIT(b, "\r\n");
	if ((bits & ENABLED_CONDSTORE) != 0)
		session_enable_condstore(s);
	s->enabled |= bits;
	if (session_rev2(s))
		sync_list_start(s);
	s->grammar.utf8 =
	    (s->enabled & (ENABLED_UTF8 | ENABLED_IMAP4REV2)) != 0;
	return cmd_finish(c, ST_OK, "Enabled");
}

/* RFC 2177.  DONE ends it, or anything else: session_read.c. */
enum step
run_idle(struct cmd *c)
{
	struct session *s = c->session;

	write_continue(session_out(s), SPAN("idling"));
	s->idling = true;
	s->reader.plain = true;
	s->told_ms = loop_now_ms(s->loop);
	loop_soon(s->loop, &s->step); /* what is new already */
	return STEP_WAIT;
}

/* RFC 4978. */
enum step
run_compress(struct cmd *c)
{
	const struct compress_args *args = c->args;
	struct session *s = c->session;

	if (!span_eq_nocase(args->algorithm, SPAN("DEFLATE")))
		return cmd_no(c, NULL, "DEFLATE is all there is");
	if (s->compressed)
		return cmd_no(c, "COMPRESSIONACTIVE", "It is on already");
	s->compressed = true;
	s->deflate = true;
	return cmd_finish(c, ST_OK, "DEFLATE from here on");
}

/* RFC 2342: all mailboxes are the user's own, without a prefix. */
enum step
run_namespace(struct cmd *c)
{
	BUF_LIT(session_out(c->session),
	    "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
	return cmd_finish(c, ST_OK, "Your own mailboxes are all there is");
}
