#include <inttypes.h>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/mail_link.h"
#include "cli/say.h"
#include "imap/flag.h"

/* Runs one request that is answered by its status only. */
static enum exit_code
ask(const struct args *a, const struct control_request *r, const char *what)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;
	struct control_reply reply;

	if (mail_link_open(a, a->words[0], &l) != ST_OK ||
	    mail_link_do(l, r, what, &reply) != ST_OK)
		return EXIT_FAILED;
	return EXIT_DONE;
}

enum exit_code
run_mailbox_create(const struct args *a)
{
	struct control_request r = { .op = CONTROL_CREATE,
		.name = span_str(a->words[1]) };

	return ask(a, &r, a->words[1]);
}

enum exit_code
run_mailbox_delete(const struct args *a)
{
	struct control_request r = { .op = CONTROL_DELETE,
		.name = span_str(a->words[1]) };

	return ask(a, &r, a->words[1]);
}

enum exit_code
run_mailbox_rename(const struct args *a)
{
	struct control_request r = { .op = CONTROL_RENAME,
		.name = span_str(a->words[1]),
		.to = span_str(a->words[2]) };

	return ask(a, &r, a->words[1]);
}

static void
write_uses(struct buf *b, unsigned uses)
{
	for (unsigned bit = 1; bit <= USE_TRASH; bit <<= 1) {
		if ((uses & bit) == 0)
			continue;
		if (b->n > 0)
			buf_byte(b, ' ');
		buf_add(b, special_use_name(bit));
	}
}

static void
json_mailbox(struct json *j, const struct control_mailbox *m)
{
	CLEANUP(buf_clear) struct buf uses = { 0 };

	write_uses(&uses, m->use);
	json_open(j, '{');
	json_key(j, "name");
	json_span(j, m->name);
	json_key(j, "messages");
	json_u64(j, m->messages);
	json_key(j, "unseen");
	json_u64(j, m->unseen);
	json_key(j, "bytes");
	json_u64(j, m->bytes);
	json_key(j, "uidvalidity");
	json_u64(j, m->uidvalidity);
	json_key(j, "uidnext");
	json_u64(j, m->uidnext);
	json_key(j, "subscribed");
	json_bool(j, m->subscribed);
	json_key(j, "special_use");
	json_span(j, buf_span(&uses));
	json_close(j, '}');
}

static void
say_mailbox(const struct control_mailbox *m)
{
	CLEANUP(buf_clear) struct buf size = { 0 };
	CLEANUP(buf_clear) struct buf uses = { 0 };

	say_size(m->bytes, &size);
	write_uses(&uses, m->use);
	say("%9" PRIu32 " %8" PRIu32 " %8.*s  %.*s%s%.*s\n", m->messages,
	    m->unseen, SPAN_ARG(buf_span(&size)), SPAN_ARG(m->name),
	    uses.n > 0 ? "  " : "", SPAN_ARG(buf_span(&uses)));
}

enum exit_code
run_mailbox_list(const struct args *a)
{
	CLEANUP(mail_link_close) struct mail_link *l = NULL;
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct json j = { .out = &text };
	struct control_request r = { .op = CONTROL_MAILBOXES };
	bool as_json = args_value(a, "--json") != NULL;
	struct control_mailbox m;
	struct control_reply reply;

	if (mail_link_open(a, a->words[0], &l) != ST_OK ||
	    mail_link_do(l, &r, a->words[0], &reply) != ST_OK)
		return EXIT_FAILED;
	if (!as_json)
		say("%9s %8s %8s  %s\n", "MESSAGES", "UNSEEN", "SIZE", "NAME");
	json_open(&j, '[');
	while (control_mailbox_next(&reply.rest, &m)) {
		if (!m.exists)
			continue;
		if (as_json)
			json_mailbox(&j, &m);
		else
			say_mailbox(&m);
	}
	json_close(&j, ']');
	if (as_json)
		say_json(&text);
	return EXIT_DONE;
}
