#include "cli/export_maildir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/files.h"
#include "cli/maildir.h"
#include "imap/flag.h"

#define SMALL_FILE 1073741824

/* A message that is there already, by its name without its sizes. */
struct there {
	struct span key;
	char *name;
};

struct folder {
	struct exporter *exporter;
	const struct control_mailbox *mailbox;
	struct arena *arena;
	struct buf path; /* for messages to a person, with a NUL */
	int fd;
	int cur;
	struct buf uids; /* the new dovecot-uidlist */
	struct span keyword[MAILDIR_LETTERS];
	struct there *there;
	size_t n;
	size_t cap;
};

static void
folder_clear(struct folder *f)
{
	if (f->fd != -1)
		close(f->fd);
	if (f->cur != -1)
		close(f->cur);
	buf_clear(&f->path);
	buf_clear(&f->uids);
	free(f->there);
	arena_free(&f->arena);
}

static void
skip(struct folder *f, const char *name, const char *why)
{
	CLEANUP(buf_clear) struct buf what = { 0 };

	buf_printf(&what, "%s%s%s", (const char *)f->path.p,
	    *name != '\0' ? "/" : "", name);
	buf_byte(&what, '\0');
	exporter_skip(f->exporter, (const char *)what.p, why);
}

/* A name without its sizes and flags. */
static struct span
key_of(struct span name)
{
	size_t n = span_find(name, ':');

	return span_head(name, MIN(n, span_find(name, ',')));
}

static bool
take_there(void *ctx, const char *name)
{
	struct folder *f = ctx;
	struct there t = { .name = arena_str(f->arena, span_str(name)) };

	t.key = key_of(span_str(t.name));
	f->there = mem_grow(f->there, f->n, &f->cap, sizeof(t));
	f->there[f->n++] = t;
	return true;
}

static int
by_key(const void *a, const void *b)
{
	return span_cmp(((const struct there *)a)->key,
	    ((const struct there *)b)->key);
}

static const struct there *
find(const struct folder *f, struct span key)
{
	const struct there t = { .key = key };

	if (f->n == 0)
		return NULL;
	return bsearch(&t, f->there, f->n, sizeof(t), by_key);
}

/* The letter of a keyword, one more if there is room; -1. */
static int
letter_of(struct folder *f, struct span keyword)
{
	for (int i = 0; i < MAILDIR_LETTERS; i++) {
		if (f->keyword[i].n == 0)
			f->keyword[i] = arena_dup(f->arena, keyword);
		if (span_eq_nocase(f->keyword[i], keyword))
			return i;
	}
	return -1;
}

static void
take_flags(struct folder *f, const struct control_row *row,
    struct maildir_file *out)
{
	struct span keywords = row->keywords;
	struct span word;

	out->flags = row->flags;
	while (control_keyword(&keywords, &word)) {
		int letter;

		if (span_eq_nocase(word, SPAN("$Forwarded"))) {
			out->passed = true;
			continue;
		}
		letter = letter_of(f, word);
		if (letter >= 0)
			out->keywords |= (uint32_t)1 << letter;
		else
			skip(f, "dovecot-keywords",
			    "there is no letter left for a keyword");
	}
}

static void
list_uid(struct folder *f, uint32_t uid, struct span base)
{
	buf_printf(&f->uids, "%" PRIu32 " :", uid);
	buf_add(&f->uids, base);
	buf_byte(&f->uids, '\n');
}

static void
rename_there(struct folder *f, const struct control_row *row,
    const struct there *t, const struct maildir_file *flags)
{
	CLEANUP(buf_clear) struct buf name = { 0 };
	struct maildir_file old;

	(void)maildir_file_parse(span_str(t->name), &old);
	list_uid(f, row->uid, old.base);
	buf_add(&name, old.base);
	maildir_file_info(flags, &name);
	buf_byte(&name, '\0');
	if (strcmp(t->name, (const char *)name.p) != 0 &&
	    renameat(f->cur, t->name, f->cur, (const char *)name.p) == -1)
		skip(f, t->name, strerror(errno));
	else
		exporter_count(f->exporter, true);
}

static enum status
write_message(struct folder *f, const struct control_row *row, struct buf *name,
    const struct maildir_file *flags)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	const char *why;
	size_t base;
	enum status st = exporter_text(f->exporter, row, &text);

	if (st != ST_OK)
		return st == ST_NOTFOUND ? ST_OK : st;
	buf_printf(name, ",S=%zu,W=%" PRIu64, text.n, row->size);
	base = name->n;
	maildir_file_info(flags, name);
	buf_byte(name, '\0');
	st = files_write(f->cur, (const char *)name->p, buf_span(&text),
	    row->date.wall, &why);
	if (st != ST_OK) {
		skip(f, (const char *)name->p, why);
		return ST_OK;
	}
	list_uid(f, row->uid, span_of(name->p, base));
	exporter_count(f->exporter, false);
	return ST_OK;
}

static enum status
write_row(void *ctx, const struct control_row *row)
{
	CLEANUP(buf_clear) struct buf name = { 0 };
	struct folder *f = ctx;
	struct maildir_file flags = { 0 };
	const struct there *t;

	take_flags(f, row, &flags);
	buf_printf(&name,
	    "%" PRIi64 ".M%" PRIu64 "U%" PRIu32 "V%" PRIu32 ".newel",
	    row->date.wall, f->mailbox->id, row->uid, f->mailbox->uidvalidity);
	t = find(f, buf_span(&name));
	if (t == NULL)
		return write_message(f, row, &name, &flags);
	rename_there(f, row, t, &flags);
	return ST_OK;
}

/* False: what is there belongs to another mailbox. */
static bool
read_there(struct folder *f)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct maildir_uids uids = { 0 };
	const char *why;

	if (files_read(f->fd, "dovecot-uidlist", SMALL_FILE, &text, NULL,
		&why) == ST_OK)
		maildir_uids_read(buf_span(&text), f->arena, &uids);
	if (uids.uidvalidity != 0 &&
	    uids.uidvalidity != f->mailbox->uidvalidity)
		return false;
	buf_reset(&text);
	if (files_read(f->fd, "dovecot-keywords", SMALL_FILE, &text, NULL,
		&why) != ST_OK)
		buf_reset(&text);
	maildir_keywords_read(arena_dup(f->arena, buf_span(&text)), f->keyword);
	if (files_list(f->cur, take_there, f, &why) == ST_OK && f->n > 0)
		qsort(f->there, f->n, sizeof(*f->there), by_key);
	return true;
}

static void
write_small(struct folder *f, const char *name, const struct buf *text)
{
	const char *why;

	if (files_write(f->fd, name, buf_span(text), 0, &why) != ST_OK)
		skip(f, name, why);
}

static void
write_small_files(struct folder *f, bool is_root)
{
	CLEANUP(buf_clear) struct buf text = { 0 };

	if (!is_root)
		write_small(f, "maildirfolder", &text);
	for (int i = 0; i < MAILDIR_LETTERS && f->keyword[i].n > 0; i++)
		buf_printf(&text, "%d %.*s\n", i, SPAN_ARG(f->keyword[i]));
	if (text.n > 0)
		write_small(f, "dovecot-keywords", &text);
	buf_reset(&text);
	buf_printf(&text, "3 V%" PRIu32 " N%" PRIu32 "\n",
	    f->mailbox->uidvalidity, f->mailbox->uidnext);
	buf_add(&text, buf_span(&f->uids));
	write_small(f, "dovecot-uidlist", &text);
}

/* The folder and those that every Maildir has. */
static bool
make_folders(struct folder *f, int root, const char *name)
{
	const char *why = "";
	int fd = -1;
	enum status st = ST_OK;

	f->fd = *name == '\0' ? dup(root) : -1;
	if (*name != '\0')
		st = files_make_folder(root, name, &f->fd, &why);
	if (st == ST_OK && files_make_folder(f->fd, "tmp", &fd, &why) == ST_OK)
		close(fd);
	if (st == ST_OK && files_make_folder(f->fd, "new", &fd, &why) == ST_OK)
		close(fd);
	if (st == ST_OK)
		st = files_make_folder(f->fd, "cur", &f->cur, &why);
	if (st != ST_OK)
		skip(f, "", why);
	return st == ST_OK;
}

enum status
export_maildir(struct exporter *e, int root, const char *path,
    const struct control_mailbox *m)
{
	CLEANUP(folder_clear)
	struct folder f = { .exporter = e, .mailbox = m, .fd = -1, .cur = -1 };
	CLEANUP(buf_clear) struct buf name = { 0 };
	bool is_root = span_eq(m->name, SPAN("INBOX"));
	enum status st;

	f.arena = arena_new();
	if (!is_root)
		maildir_folder_of(m->name, &name);
	buf_byte(&name, '\0');
	buf_printf(&f.path, "%s%s%s", path, is_root ? "" : "/",
	    (const char *)name.p);
	buf_byte(&f.path, '\0');
	if (!make_folders(&f, root, (const char *)name.p))
		return ST_OK;
	if (!read_there(&f)) {
		skip(&f, "", "there is mail of another mailbox");
		return ST_OK;
	}
	st = exporter_each(e, m, write_row, &f);
	if (st != ST_OK)
		return st;
	write_small_files(&f, is_root);
	exporter_end(e);
	return ST_OK;
}

/* Version 2: tabs between the levels. */
void
export_subscriptions(struct exporter *e, int root, const char *path,
    const struct control_mailbox *m, size_t n)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	CLEANUP(buf_clear) struct buf name = { 0 };
	const char *why;

	BUF_LIT(&text, "V\t2\n\n");
	for (size_t i = 0; i < n; i++) {
		if (!m[i].subscribed)
			continue;
		buf_reset(&name);
		maildir_folder_of(m[i].name, &name);
		for (size_t j = 1; j < name.n; j++)
			buf_byte(&text, name.p[j] == '.' ? '\t' : name.p[j]);
		buf_byte(&text, '\n');
	}
	if (files_write(root, "subscriptions", buf_span(&text), 0, &why) !=
	    ST_OK)
		exporter_skip(e, path, why);
}
