#include "cli/import_maildir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/eol.h"
#include "cli/files.h"
#include "cli/maildir.h"
#include "cli/say.h"

/* Of dovecot-uidlist: a hundred bytes for each message. */
#define SMALL_FILE 1073741824

struct found {
	struct span dir; /* "cur" or "new" */
	char *name;
	struct maildir_file file; /* borrows from name */
	uint32_t uid;             /* 0: unknown */
};

/* A folder as it is read; all that it has lives in the arena. */
struct folder {
	struct importer *im;
	struct arena *arena;
	struct buf path; /* for messages to a person, with a NUL */
	int fd;
	struct maildir_uids uids;
	struct span keywords[MAILDIR_LETTERS];
	struct found *found;
	size_t n;
	size_t cap;
	struct span dir; /* the one being listed */
};

static void
folder_clear(struct folder *f)
{
	if (f->fd != -1)
		close(f->fd);
	free(f->found);
	arena_free(&f->arena);
	buf_clear(&f->path);
}

static void
skip(const struct folder *f, const char *part, const char *name,
    const char *why)
{
	CLEANUP(buf_clear) struct buf path = { 0 };

	buf_printf(&path, "%s%s%s%s%s", (const char *)f->path.p,
	    *part != '\0' ? "/" : "", part, *name != '\0' ? "/" : "", name);
	buf_byte(&path, '\0');
	importer_skip(f->im, (const char *)path.p, why);
}

static bool
take_name(void *ctx, const char *name)
{
	struct folder *f = ctx;
	struct found m = { .dir = f->dir };

	if (name[0] == '.')
		return true;
	m.name = arena_str(f->arena, span_str(name));
	if (!maildir_file_parse(span_str(m.name), &m.file))
		return true;
	m.uid = maildir_uid(&f->uids, m.file.base);
	f->found = mem_grow(f->found, f->n, &f->cap, sizeof(m));
	f->found[f->n++] = m;
	return true;
}

/* False: the folder isn't there. */
static bool
list_dir(struct folder *f, const char *dir)
{
	const char *why;
	int fd;
	enum status st = files_folder(f->fd, dir, &fd, &why);

	if (st == ST_OK) {
		f->dir = span_str(dir);
		st = files_list(fd, take_name, f, &why);
		close(fd);
	}
	if (st != ST_OK && st != ST_NOTFOUND)
		skip(f, dir, "", why);
	return st != ST_NOTFOUND;
}

/* With UIDs in their order first, the others by their names. */
static int
in_order(const void *a, const void *b)
{
	const struct found *x = a;
	const struct found *y = b;
	uint32_t u = x->uid - 1; /* 0 comes last */
	uint32_t v = y->uid - 1;

	if (u != v)
		return u < v ? -1 : 1;
	return span_cmp(x->file.base, y->file.base);
}

/* One of the small files; without it, out stays empty. */
static void
read_small(const struct folder *f, const char *name, struct buf *out)
{
	const char *why;
	enum status st = files_read(f->fd, name, SMALL_FILE, out, NULL, &why);

	if (st == ST_OK)
		return;
	buf_reset(out);
	if (st != ST_NOTFOUND)
		skip(f, name, "", why);
}

static void
read_small_files(struct folder *f)
{
	CLEANUP(buf_clear) struct buf uids = { 0 };
	CLEANUP(buf_clear) struct buf keywords = { 0 };

	read_small(f, "dovecot-uidlist", &uids);
	read_small(f, "dovecot-keywords", &keywords);
	maildir_uids_read(arena_dup(f->arena, buf_span(&uids)), f->arena,
	    &f->uids);
	maildir_keywords_read(arena_dup(f->arena, buf_span(&keywords)),
	    f->keywords);
}

static void
pack_keywords(const struct folder *f, const struct maildir_file *file,
    struct buf *out)
{
	if (file->passed)
		pack_span(out, SPAN("$Forwarded"));
	for (unsigned i = 0; i < MAILDIR_LETTERS; i++)
		if ((file->keywords >> i & 1) != 0 && f->keywords[i].n > 0)
			pack_span(out, f->keywords[i]);
}

static enum status
add_message(struct folder *f, int dir, const struct found *m)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	CLEANUP(buf_clear) struct buf bytes = { 0 };
	CLEANUP(buf_clear) struct buf keywords = { 0 };
	struct control_item item = { .source = m->file.base,
		/* One that nobody has seen yet: above all that there were. */
		.uid = m->uid != 0 ? m->uid : f->uids.uidnext,
		.flags = m->file.flags };
	const char *why;
	struct stat sb;

	if (files_read(dir, m->name, LIMIT_IMPORT_MESSAGE, &text, &sb, &why) !=
	    ST_OK) {
		skip(f, (const char *)m->dir.p, m->name, why);
		return ST_OK;
	}
	eol_to_crlf(&bytes, buf_span(&text));
	if (bytes.n > LIMIT_IMPORT_MESSAGE) {
		skip(f, (const char *)m->dir.p, m->name, "too large");
		return ST_OK;
	}
	pack_keywords(f, &m->file, &keywords);
	item.keywords = buf_span(&keywords);
	item.date.wall = sb.st_mtim.tv_sec;
	item.bytes = buf_span(&bytes);
	return importer_add(f->im, &item);
}

static enum status
add_messages(struct folder *f)
{
	int cur = -1;
	int new = -1;
	const char *why;
	enum status st = ST_OK;

	if (files_folder(f->fd, "cur", &cur, &why) != ST_OK)
		cur = -1;
	if (files_folder(f->fd, "new", &new, &why) != ST_OK)
		new = -1;
	for (size_t i = 0; i < f->n && st == ST_OK; i++) {
		const struct found *m = &f->found[i];

		st =
		    add_message(f, span_eq(m->dir, SPAN("cur")) ? cur : new, m);
		importer_progress(f->im, i + 1);
	}
	if (cur != -1)
		close(cur);
	if (new != -1)
		close(new);
	return st;
}

/* ST_NOTFOUND: it is no Maildir. */
static enum status
import_folder(struct folder *f, struct import_mailbox *m)
{
	bool has_cur;
	bool has_new;
	enum status st;

	read_small_files(f);
	has_cur = list_dir(f, "cur");
	has_new = list_dir(f, "new");
	if (!has_cur && !has_new)
		return ST_NOTFOUND;
	if (f->n > 0)
		qsort(f->found, f->n, sizeof(*f->found), in_order);
	m->total = f->n;
	m->uidvalidity = f->uids.uidvalidity;
	st = importer_begin(f->im, m);
	if (st == ST_BAD || st == ST_LIMIT)
		return ST_OK;
	if (st == ST_OK)
		st = add_messages(f);
	if (st == ST_OK)
		st = importer_end(f->im, f->uids.uidnext);
	return st;
}

/* All the folders of a Maildir++. */
struct tree {
	struct importer *im;
	struct arena *arena;
	const char *path;
	int fd;
	struct sub {
		char *dir;
		struct span mailbox;
	} * sub;
	size_t n;
	size_t cap;
	struct span *subscribed;
	size_t n_subscribed;
	size_t subscribed_cap;
};

static void
tree_clear(struct tree *t)
{
	if (t->fd != -1)
		close(t->fd);
	free(t->sub);
	free(t->subscribed);
	arena_free(&t->arena);
}

static void
open_folder(const struct tree *t, const char *dir, struct folder *out)
{
	*out = (struct folder){ .im = t->im, .arena = arena_new(), .fd = -1 };
	buf_str(&out->path, t->path);
	if (*dir != '\0')
		buf_printf(&out->path, "/%s", dir);
	buf_byte(&out->path, '\0');
}

static bool
is_subscribed(const struct tree *t, struct span mailbox)
{
	for (size_t i = 0; i < t->n_subscribed; i++)
		if (span_eq(t->subscribed[i], mailbox))
			return true;
	return false;
}

static void
read_subscriptions(struct tree *t, const struct folder *root)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct maildir_subscriptions s;
	struct span name;

	read_small(root, "subscriptions", &text);
	s = maildir_subscriptions(buf_span(&text));
	while (maildir_subscription(&s, t->arena, &name)) {
		t->subscribed = mem_grow(t->subscribed, t->n_subscribed,
		    &t->subscribed_cap, sizeof(name));
		t->subscribed[t->n_subscribed++] = name;
	}
}

static bool
take_sub(void *ctx, const char *name)
{
	struct tree *t = ctx;
	struct sub s;
	struct stat sb;

	if (name[0] != '.' ||
	    fstatat(t->fd, name, &sb, AT_SYMLINK_NOFOLLOW) == -1 ||
	    (!S_ISDIR(sb.st_mode) && !S_ISLNK(sb.st_mode)))
		return true;
	s.dir = arena_str(t->arena, span_str(name));
	if (!maildir_folder_name(span_str(s.dir), t->arena, &s.mailbox))
		s.mailbox = SPAN("");
	t->sub = mem_grow(t->sub, t->n, &t->cap, sizeof(s));
	t->sub[t->n++] = s;
	return true;
}

static int
by_mailbox(const void *a, const void *b)
{
	return span_cmp(((const struct sub *)a)->mailbox,
	    ((const struct sub *)b)->mailbox);
}

static enum status
import_sub(struct tree *t, const struct sub *s)
{
	CLEANUP(folder_clear) struct folder f;
	struct import_mailbox m = { .name = s->mailbox,
		.use = maildir_use(s->mailbox),
		.subscribed = is_subscribed(t, s->mailbox) };
	const char *why = "this can't be the name of a mailbox";
	enum status st;

	open_folder(t, s->dir, &f);
	if (s->mailbox.n == 0 ||
	    files_folder(t->fd, s->dir, &f.fd, &why) != ST_OK) {
		skip(&f, "", "", why);
		return ST_OK;
	}
	st = import_folder(&f, &m);
	return st == ST_NOTFOUND ? ST_OK : st; /* a folder of something else */
}

static enum status
import_subs(struct tree *t)
{
	enum status st = ST_OK;
	const char *why;

	if (files_list(t->fd, take_sub, t, &why) != ST_OK) {
		say_error("%s: %s", t->path, why);
		return ST_IO;
	}
	if (t->n > 0)
		qsort(t->sub, t->n, sizeof(*t->sub), by_mailbox);
	for (size_t i = 0; i < t->n && st == ST_OK; i++)
		st = import_sub(t, &t->sub[i]);
	return st;
}

enum status
import_maildir(struct importer *im, const char *path, struct span mailbox)
{
	CLEANUP(tree_clear) struct tree t = { .im = im, .path = path };
	CLEANUP(folder_clear) struct folder root;
	struct import_mailbox m = { .name = mailbox };
	enum status st;

	t.arena = arena_new();
	t.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	open_folder(&t, "", &root);
	root.fd = t.fd == -1 ? -1 : dup(t.fd);
	if (root.fd == -1) {
		say_error("%s: there is no such folder", path);
		return ST_NOTFOUND;
	}
	if (mailbox.n == 0) {
		read_subscriptions(&t, &root);
		m.name = SPAN("INBOX");
		m.subscribed = is_subscribed(&t, m.name);
	} else {
		m.use = maildir_use(mailbox);
	}
	st = import_folder(&root, &m);
	if (st == ST_NOTFOUND)
		say_error("%s: not a Maildir: it has no cur and no new", path);
	if (st == ST_OK && mailbox.n == 0)
		st = import_subs(&t);
	return st;
}
