#include "engine/list_line.h"

static void
add_attribute(struct buf *b, const char *name)
{
	if (b->p[b->n - 1] != '(')
		buf_byte(b, ' ');
	buf_str(b, name);
}

static bool
exists(const struct list_line *l)
{
	return l->mbox != NULL && l->mbox->exists;
}

static void
write_attributes(struct buf *b, const struct list_line *l)
{
	bool subscribed = l->mbox != NULL && l->mbox->subscribed;

	if (!exists(l) && !l->lsub)
		add_attribute(b, "\\NonExistent \\Noselect");
	/* RFC 3501 section 6.3.9: also what is there for names below it. */
	else if (!exists(l) || (l->lsub && !subscribed))
		add_attribute(b, "\\Noselect");
	add_attribute(b, mbox_has_children(l->list, l->name)
			     ? "\\HasChildren"
			     : "\\HasNoChildren");
	if (l->subscribed && subscribed)
		add_attribute(b, "\\Subscribed");
	for (unsigned bit = 1; exists(l) && bit <= l->mbox->use; bit <<= 1) {
		if ((l->mbox->use & bit) != 0) {
			struct span use = special_use_name(bit);

			if (b->p[b->n - 1] != '(')
				buf_byte(b, ' ');
			buf_add(b, use);
		}
	}
}

void
list_line_write(struct session *s, const struct list_line *l)
{
	struct buf *b = session_out(s);

	buf_str(b, l->lsub ? "* LSUB (" : "* LIST (");
	write_attributes(b, l);
	BUF_LIT(b, ") \"/\" ");
	write_mailbox(b, l->name, session_utf8(s));
}
