#include "mime/envelope.h"

#include "base/limits.h"

enum field {
	DATE,
	SUBJECT,
	IN_REPLY_TO,
	MESSAGE_ID,
	REFERENCES,
	FROM,
	SENDER,
	REPLY_TO,
	TO,
	CC,
	BCC,
	FIELDS,
};

/* clang-format off */
static const struct {
	struct span name;
	bool joined;
} fields[FIELDS] = {
	[DATE]        = { SPAN_INIT("Date"),        false },
	[SUBJECT]     = { SPAN_INIT("Subject"),     false },
	[IN_REPLY_TO] = { SPAN_INIT("In-Reply-To"), false },
	[MESSAGE_ID]  = { SPAN_INIT("Message-ID"),  false },
	[REFERENCES]  = { SPAN_INIT("References"),  false },
	[FROM]        = { SPAN_INIT("From"),        false },
	[SENDER]      = { SPAN_INIT("Sender"),      false },
	[REPLY_TO]    = { SPAN_INIT("Reply-To"),    false },
	[TO]          = { SPAN_INIT("To"),          true },
	[CC]          = { SPAN_INIT("Cc"),          true },
	[BCC]         = { SPAN_INIT("Bcc"),         true },
};
/* clang-format on */

/* What the pass over the header collects. */
struct values {
	struct span first[FIELDS];
	struct buf joined[FIELDS]; /* used from the second on */
};

static void
take_field(struct values *v, enum field which, struct span value)
{
	struct buf *joined = &v->joined[which];

	if (v->first[which].p == NULL) {
		v->first[which] = value;
		return;
	}
	if (!fields[which].joined)
		return;
	if (joined->n == 0)
		buf_add(joined, v->first[which]);
	buf_byte(joined, ',');
	buf_add(joined, value);
}

static void
collect(struct span header, struct values *v)
{
	struct header_iter it = { header };
	struct header_field f;

	while (header_next(&it, &f))
		for (unsigned i = 0; i < FIELDS; i++)
			if (span_eq_nocase(f.name, fields[i].name))
				take_field(v, i, f.value);
}

static struct address_list
addresses(struct arena *a, const struct values *v, enum field which)
{
	struct span value = v->first[which];

	/* What is parsed is copied; the joined text may go. */
	if (v->joined[which].n > 0)
		value = buf_span(&v->joined[which]);
	return address_parse(a, value, LIMIT_ADDRESSES);
}

void
mime_envelope_read(struct arena *a, struct span header, struct envelope *out)
{
	struct values v = { 0 };

	collect(header, &v);
	out->date = v.first[DATE];
	out->subject = v.first[SUBJECT];
	out->in_reply_to = v.first[IN_REPLY_TO];
	out->message_id = v.first[MESSAGE_ID];
	out->references = v.first[REFERENCES];
	out->from = addresses(a, &v, FROM);
	out->sender = addresses(a, &v, SENDER);
	out->reply_to = addresses(a, &v, REPLY_TO);
	out->to = addresses(a, &v, TO);
	out->cc = addresses(a, &v, CC);
	out->bcc = addresses(a, &v, BCC);
	for (unsigned i = 0; i < FIELDS; i++)
		buf_clear(&v.joined[i]);

	if (out->sender.n == 0)
		out->sender = out->from;
	if (out->reply_to.n == 0)
		out->reply_to = out->from;
}

void
mime_envelope_write(struct wire *w, const struct envelope *e)
{
	const struct address_list *const lists[] = { &e->from, &e->sender,
		&e->reply_to, &e->to, &e->cc, &e->bcc };

	buf_byte(w->out, '(');
	wire_nstring(w, e->date);
	buf_byte(w->out, ' ');
	wire_nstring(w, e->subject);
	for (size_t i = 0; i < COUNT(lists); i++) {
		buf_byte(w->out, ' ');
		wire_addresses(w, *lists[i]);
	}
	buf_byte(w->out, ' ');
	wire_nstring(w, e->in_reply_to);
	buf_byte(w->out, ' ');
	wire_nstring(w, e->message_id);
	buf_byte(w->out, ')');
}
