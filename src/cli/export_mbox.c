#include "cli/export_mbox.h"

#include "cli/files.h"
#include "cli/maildir.h"
#include "cli/mbox_file.h"

#define FLUSH 1048576

struct file {
	struct exporter *exporter;
	const struct control_mailbox *mailbox;
	int fd;
	bool begun; /* the first message is written */
	struct buf out;
	struct buf text;
	enum status st; /* of the disk */
	const char *why;
};

static void
file_clear(struct file *f)
{
	buf_clear(&f->out);
	buf_clear(&f->text);
}

/* The address in a Return-Path that stands first, as deliveries put it. */
static struct span
sender_of(struct span text)
{
	struct span line = span_head(text, span_find(text, '\n'));
	size_t lt = span_find(line, '<');
	struct span address = span_from(line, lt + 1);

	if (!span_starts_nocase(line, SPAN("Return-Path:")))
		return SPAN("");
	return span_head(address, span_find(address, '>'));
}

static void
flush(struct file *f)
{
	f->st = files_put(f->fd, buf_span(&f->out), &f->why);
	buf_reset(&f->out);
}

static enum status
write_row(void *ctx, const struct control_row *row)
{
	struct file *f = ctx;
	struct mbox_facts facts = { .date = row->date,
		.flags = row->flags,
		.uid = row->uid,
		.keywords = row->keywords };
	enum status st;

	if (f->st != ST_OK)
		return f->st;
	st = exporter_text(f->exporter, row, &f->text);
	if (st != ST_OK)
		return st == ST_NOTFOUND ? ST_OK : st;
	facts.sender = sender_of(buf_span(&f->text));
	if (!f->begun) {
		facts.uidvalidity = f->mailbox->uidvalidity;
		facts.uidnext = f->mailbox->uidnext;
	}
	f->begun = true;
	mbox_write(&f->out, &facts, buf_span(&f->text));
	exporter_count(f->exporter, false);
	if (f->out.n >= FLUSH)
		flush(f);
	return f->st;
}

static enum status
write_file(struct file *f, int root, const char *name)
{
	enum status st = files_create(root, &f->fd, &f->why);

	f->st = st;
	if (st != ST_OK)
		return st;
	st = exporter_each(f->exporter, f->mailbox, write_row, f);
	if (st == ST_OK) {
		flush(f);
		st = f->st;
	}
	if (st != ST_OK) {
		files_discard(root, f->fd);
		return st;
	}
	f->st = files_finish(root, name, f->fd, 0, &f->why);
	return f->st;
}

enum status
export_mbox(struct exporter *e, int root, const char *path,
    const struct control_mailbox *m)
{
	CLEANUP(file_clear) struct file f = { .exporter = e, .mailbox = m };
	CLEANUP(buf_clear) struct buf name = { 0 };
	enum status st;

	maildir_folder_of(m->name, &name);
	buf_drop(&name, 1); /* its dot */
	BUF_LIT(&name, ".mbox");
	buf_byte(&name, '\0');
	st = write_file(&f, root, (const char *)name.p);
	if (f.st != ST_OK) {
		CLEANUP(buf_clear) struct buf what = { 0 };

		buf_printf(&what, "%s/%s", path, (const char *)name.p);
		buf_byte(&what, '\0');
		exporter_skip(e, (const char *)what.p, f.why);
		return ST_OK;
	}
	if (st == ST_OK)
		exporter_end(e);
	return st;
}
