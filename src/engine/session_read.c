#include "engine/session_in.h"

#include "engine/incoming.h"
#include "engine/upload.h"

/* Of all messages of one APPEND together. */
#define UPLOAD_MAX ((uint64_t)1 << 30)

static void
ask_for_literal(struct session *s)
{
	write_continue(session_out(s), SPAN("Go on"));
}

/* Notes why a literal is refused; said once the command has been read. */
static void
refuse(struct session *s, enum condition condition, const char *code,
    const char *text)
{
	s->refusal.condition = condition;
	s->refusal.code = code == NULL ? (struct span){ 0 } : span_str(code);
	s->refusal.text = span_str(text);
	reader_refuse(&s->reader);
}

static void
too_big(struct session *s)
{
	log_event(&s->log, LEVEL_WARN, "session.limit.reached",
	    LF_STR("setting", "limits.append"));
	refuse(s, COND_NO, "TOOBIG",
	    "The message is larger than limits.append allows");
}

/* The mailbox and the size are looked at before a message is sent. */
static bool
may_append(struct session *s, uint64_t size)
{
	const struct incoming *in = s->incoming;
	const struct account *acc = s->account;
	const struct mbox *m = mbox_find(acc->list, in->scan.mailbox);
	uint64_t before = in->upload == NULL ? 0 : upload_bytes(in->upload);

	if (m == NULL || !m->exists)
		refuse(s, COND_NO, "TRYCREATE", "There is no such mailbox");
	else if (size > s->config->append_limit || before + size > UPLOAD_MAX)
		too_big(s);
	else if (acc->quota_bytes > 0 &&
		 acc->head.bytes + before + size > acc->quota_bytes)
		refuse(s, COND_NO, "OVERQUOTA",
		    "There is no room left in this account");
	else if (in->scan.n > LIMIT_APPEND_MESSAGES)
		refuse(s, COND_NO, "LIMIT", "Too many messages at once");
	else
		return true;
	return false;
}

/* ST_AGAIN: the literal is no message. */
static enum status
scan_append(struct session *s, const struct reader_literal *l)
{
	struct append_message message;
	struct command_text text;
	struct incoming *in;
	struct tokens t;
	enum status st;

	if (command_split(l->text, &text) != NULL ||
	    !span_eq_nocase(text.name, SPAN("APPEND")))
		return ST_AGAIN;
	if (s->incoming == NULL)
		s->incoming = incoming_new(s);
	in = s->incoming;
	t = tok_over(text.args, &s->grammar, in->arena);
	st = append_scan(&in->scan, &t, &message);
	if (st != ST_OK && st != ST_AGAIN)
		refuse(s, st == ST_BAD ? COND_BAD : COND_NO, t.code,
		    t.why != NULL ? t.why : "Invalid arguments");
	return st;
}

/* False if it is something else than a message. */
static bool
take_message(struct session *s, const struct reader_literal *l)
{
	struct incoming *in;
	enum status st = scan_append(s, l);

	if (st != ST_OK)
		return st != ST_AGAIN;
	if (!may_append(s, l->size))
		return true;
	in = s->incoming;
	if (in->upload == NULL)
		in->upload = upload_new(s->config->spool_folder, &s->log);
	else
		incoming_next(in, l->size);
	reader_outside(&s->reader);
	if (l->sync)
		ask_for_literal(s);
	return true;
}

static void
decide_literal(struct session *s)
{
	struct reader_literal l = reader_literal(&s->reader);

	/* RFC 7888 section 5: LITERAL- allows 4096 bytes without asking. */
	if (!l.sync && s->config->literal_minus && l.size > 4096) {
		log_event(&s->log, LEVEL_WARN, "session.limit.reached",
		    LF_STR("setting", "imap.literal"));
		refuse(s, COND_BAD, "TOOBIG",
		    "Literals above 4096 bytes must be synchronising");
		return;
	}
	if (take_message(s, &l))
		return;
	if (!l.fits) {
		refuse(s, COND_NO, "TOOBIG", "The literal is too large");
		return;
	}
	reader_inline(&s->reader);
	if (l.sync)
		ask_for_literal(s);
}

static void
start_failed(struct session *s, const char *why)
{
	static const struct command nothing = { .name = "",
		.flags = CMD_NO_SYNC };

	s->cmd.what = &nothing;
	(void)cmd_bad(&s->cmd, why);
	s->cmd.syncing = true;
}

/* Finds and parses the command; what fails gets its reply at once. */
static void
start(struct session *s, struct span line)
{
	struct cmd *c = &s->cmd;
	struct command_text text;
	struct tokens t;
	const char *why;
	enum status st;

	c->arena = session_arena();
	c->began_ms = loop_now_ms(s->loop);
	c->progress_ms = c->began_ms;
	line = arena_dup(c->arena, line);
	why = command_split(line, &text);
	c->tag = text.tag;
	if (why == NULL) {
		c->what = command_by_name(text.name);
		if (c->what == NULL)
			why = "There is no such command";
		else if ((c->what->states & s->state) == 0)
			why = "No mailbox is selected";
	}
	if (why != NULL) {
		start_failed(s, why);
		return;
	}
	t = tok_over(text.args, &s->grammar, c->arena);
	st = c->what->parse(&t, c->arena, &c->args);
	if (st == ST_OK && (c->what->flags & CMD_WRITES) != 0 && s->read_only)
		(void)cmd_no(c, "NOPERM", "The mailbox is open for reading");
	else if (st == ST_OK)
		return;
	else if (st == ST_BAD)
		(void)cmd_bad(c, t.why != NULL ? t.why : "Invalid arguments");
	else
		(void)cmd_no(c, t.code, t.why);
	c->syncing = true;
}

static void
got_line(struct session *s, struct span line)
{
	if (s->idling) {
		s->idling = false;
		s->reader.plain = false;
		if (!span_eq_nocase(line, SPAN("DONE")))
			(void)cmd_bad(&s->cmd, "Expected DONE");
		else
			(void)cmd_finish(&s->cmd, ST_OK, "No longer idle");
		s->cmd.syncing = true;
	} else {
		if (s->incoming != NULL && s->incoming->upload != NULL)
			upload_end_message(s->incoming->upload);
		start(s, line);
	}
	if (!session_run(s) && !s->idling)
		stream_pause(s->stream);
}

static void
failed(struct session *s)
{
	static const char *const whys[] = {
		[READER_TOO_LONG] = "The command line is too long",
		[READER_TOO_BIG] = "The literal was refused",
		[READER_REFUSED] = "The literal was refused",
		[READER_HAS_NUL] = "NUL is not allowed in a command",
	};
	struct span line = reader_text(&s->reader);
	enum reader_fault fault = reader_fault(&s->reader);
	struct command_text text;

	s->idling = false;
	s->reader.plain = false;
	incoming_free(&s->incoming);
	if (s->cmd.what == NULL) { /* or it is an IDLE, with its tag */
		s->cmd.arena = session_arena();
		(void)command_split(line, &text);
		s->cmd.tag = arena_dup(s->cmd.arena, text.tag);
	}
	start_failed(s, whys[fault]);
	/* Both are this session's own decision, whatever the size. */
	if (fault == READER_REFUSED || fault == READER_TOO_BIG) {
		s->cmd.condition = s->refusal.condition;
		s->cmd.code = s->refusal.code;
		s->cmd.text = s->refusal.text;
	}
	if (fault == READER_TOO_LONG)
		log_event(&s->log, LEVEL_WARN, "session.line.toolong",
		    LF_STR("setting", "limits.command-line"));
	(void)session_run(s);
}

size_t
session_read(struct session *s, struct span in)
{
	struct span rest = in;
	struct span bytes;

	while (!s->ending && (s->cmd.what == NULL || s->idling)) {
		switch (reader_next(&s->reader, &rest, &bytes)) {
		case READER_COMMAND:
			got_line(s, reader_text(&s->reader));
			break;
		case READER_LITERAL:
			decide_literal(s);
			break;
		case READER_BYTES:
			/* A failure is seen when the command runs. */
			(void)upload_add(s->incoming->upload, bytes);
			break;
		case READER_FAILED:
			failed(s);
			break;
		case READER_MORE:
		default:
			if (reader_idle(&s->reader))
				reader_clear(&s->reader);
			return in.n;
		}
	}
	if (s->ending)
		loop_soon(s->loop, &s->step);
	return in.n - rest.n;
}
