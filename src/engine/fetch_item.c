#include "engine/fetch.h"
#include "engine/object_id.h"
#include "engine/repeated.h"

static void
write_pair(const struct session *s, struct buf *b, const struct wire_pair *p)
{
	buf_add(b, session_utf8(s) ? p->wire_utf8 : p->wire);
}

static void
write_envelope(struct cmd *c)
{
	struct fetch *f = c->progress;
	struct buf *b = f->out;
	struct repeated r;

	if (message_envelope_read(f->envelope, session_utf8(c->session), &r) ==
	    ST_OK) {
		repeated_write(b, &r);
		return;
	}
	/* Ten fields there must be, whatever has happened to them. */
	f->damaged = true;
	BUF_LIT(b, "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

/* The state as this very command has left it. */
static const struct version *
state_now(const struct fetch *f, struct session *s, struct row *row)
{
	struct row now;

	if (f->marked_version == NULL ||
	    !uidset_has(&f->marked, row->state->uid) ||
	    version_find(f->marked_version, row->state->uid, &now) != ST_OK)
		return session_state(s, row);
	row->state = now.state;
	return f->marked_version;
}

static void
write_state(struct cmd *c, const struct fetch_item *item)
{
	const struct fetch *f = c->progress;
	struct session *s = c->session;
	struct buf *b = f->out;
	struct row row = f->row;
	const struct version *v = state_now(f, s, &row);

	if (item->what == FETCH_FLAGS) {
		session_write_flag_list(s, b, v, &row);
		return;
	}
	buf_byte(b, '(');
	buf_u64(b, row.state->modseq);
	buf_byte(b, ')');
}

static void
write_facts(struct cmd *c, const struct fetch_item *item)
{
	const struct fetch *f = c->progress;
	const struct msg_facts *facts = f->row.facts;
	struct buf *b = f->out;
	struct datetime internal = { facts->internal_wall,
		facts->internal_zone_min * 60 };
	struct datetime saved = { facts->saved_wall, 0 };

	if (item->what == FETCH_INTERNALDATE)
		write_internaldate(b, &internal);
	else if (item->what == FETCH_SAVEDATE)
		write_internaldate(b, &saved);
	else if (item->what == FETCH_RFC822_SIZE)
		buf_u64(b, facts->size);
	else if (item->what == FETCH_EMAILID)
		object_id_write(b, 'E', object_id_email(c->session, facts));
	else if (item->what == FETCH_THREADID)
		object_id_write(b, 'T', facts->thread);
	else
		object_id_write_message(b, c->session, facts);
}

void
fetch_write_item(struct cmd *c, const struct fetch_item *item)
{
	const struct fetch *f = c->progress;
	struct session *s = c->session;
	struct buf *b = f->out;

	switch (item->what) {
	case FETCH_UID:
		buf_u64(b, f->row.state->uid);
		break;
	case FETCH_FLAGS:
	case FETCH_MODSEQ:
		write_state(c, item);
		break;
	case FETCH_ENVELOPE:
		write_envelope(c);
		break;
	case FETCH_BODY:
		write_pair(s, b, &f->structure.body);
		break;
	case FETCH_BODYSTRUCTURE:
		write_pair(s, b, &f->structure.bodystructure);
		break;
	case FETCH_PREVIEW: /* RFC 8970: it is always there, so LAZY is too */
		write_string(b, f->preview, session_utf8(s));
		break;
	case FETCH_INTERNALDATE:
	case FETCH_RFC822_SIZE:
	case FETCH_EMAILID:
	case FETCH_THREADID:
	case FETCH_SAVEDATE:
	case FETCH_OBJECTID:
		write_facts(c, item);
		break;
	case FETCH_SECTION:
	case FETCH_BINARY:
	case FETCH_BINARY_SIZE:
	default:
		break; /* fetch_part.c */
	}
}
