#include "cli/import_mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "cli/eol.h"
#include "cli/maildir.h"
#include "cli/mbox_file.h"
#include "cli/say.h"

/*
 * A message in a file has no name: it is called by a hash of all that it is
 * but its flags, and where the file has the same several times, by their
 * count.
 */
static const struct hash_key of_first = { 0x6d626f78, 1 };
static const struct hash_key of_second = { 0x6d626f78, 2 };

struct name {
	uint64_t first;
	uint64_t second;
};

struct names {
	struct name *slot; /* a hash table: free where second is 0 */
	size_t n;
	size_t cap;
};

/* A file that is mapped, or nothing. */
struct mapped {
	struct span bytes;
};

static void
mapped_clear(struct mapped *m)
{
	if (m->bytes.n > 0)
		(void)munmap((void *)(uintptr_t)m->bytes.p, m->bytes.n);
}

static enum status
map(const char *path, struct mapped *out)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat sb;
	void *p = NULL;
	int error = 0;

	if (fd == -1 || fstat(fd, &sb) == -1)
		error = errno;
	else if (!S_ISREG(sb.st_mode))
		error = EISDIR;
	else if (sb.st_size > 0)
		p = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_PRIVATE, fd,
		    0);
	if (p == MAP_FAILED)
		error = errno;
	if (fd != -1)
		close(fd);
	if (error != 0) {
		say_error("%s: %s", path, strerror(error));
		return ST_NOTFOUND;
	}
	if (p != NULL)
		out->bytes = span_of(p, (size_t)sb.st_size);
	return ST_OK;
}

static struct name *
slot_of(const struct names *s, struct name n)
{
	size_t i = n.first & (s->cap - 1);

	while (s->slot[i].second != 0 &&
	       (s->slot[i].first != n.first || s->slot[i].second != n.second))
		i = (i + 1) & (s->cap - 1);
	return &s->slot[i];
}

static void
grow(struct names *s)
{
	struct names more = { .n = s->n, .cap = MAX(s->cap * 2, 1024) };

	more.slot = mem_array(more.cap, sizeof(*more.slot));
	for (size_t i = 0; i < s->cap; i++)
		if (s->slot[i].second != 0)
			*slot_of(&more, s->slot[i]) = s->slot[i];
	free(s->slot);
	*s = more;
}

static void
names_clear(struct names *s)
{
	free(s->slot);
}

/* The next name that isn't taken yet. */
static struct name
name_of(struct names *s, const struct mbox_message *m)
{
	CLEANUP(buf_clear) struct buf all = { 0 };
	struct name n;

	if (s->n * 2 >= s->cap)
		grow(s);
	pack_i64(&all, m->date.wall);
	buf_add(&all, buf_span(&m->text));
	n.first = hash_sip(&of_first, buf_span(&all));
	n.second = hash_sip(&of_second, buf_span(&all)) | 1;
	while (slot_of(s, n)->second != 0)
		n.second += 2;
	*slot_of(s, n) = n;
	s->n++;
	return n;
}

static enum status
add_message(struct importer *im, const struct mbox_message *m, uint32_t uidnext,
    struct names *names, const char *path, size_t offset)
{
	CLEANUP(buf_clear) struct buf bytes = { 0 };
	struct name name = name_of(names, m);
	struct control_item item = { .source = span_of(&name, sizeof(name)),
		.uid = m->uid != 0 ? m->uid : uidnext,
		.flags = m->flags,
		.keywords = buf_span(&m->keywords),
		.date = m->date };

	eol_to_crlf(&bytes, buf_span(&m->text));
	item.bytes = buf_span(&bytes);
	if (bytes.n > LIMIT_IMPORT_MESSAGE) {
		CLEANUP(buf_clear) struct buf what = { 0 };

		buf_printf(&what, "%s, at byte %zu", path, offset);
		buf_byte(&what, '\0');
		importer_skip(im, (const char *)what.p, "too large");
		return ST_OK;
	}
	return importer_add(im, &item);
}

static enum status
add_messages(struct importer *im, struct mbox_reader *r, const char *path)
{
	CLEANUP(mbox_message_clear) struct mbox_message m = { 0 };
	CLEANUP(names_clear) struct names names = { 0 };
	enum status st = ST_OK;

	while (st == ST_OK && mbox_next(r, &m)) {
		st = add_message(im, &m, r->uidnext, &names, path,
		    (size_t)(m.raw.p - r->file.p));
		importer_progress(im, r->at);
	}
	return st;
}

enum status
import_mbox(struct importer *im, const char *path, struct span mailbox)
{
	CLEANUP(mapped_clear) struct mapped file = { 0 };
	CLEANUP(mbox_message_clear) struct mbox_message first = { 0 };
	struct import_mailbox m = { .name = mailbox,
		.use = maildir_use(mailbox) };
	struct mbox_reader r;
	struct mbox_reader ahead;
	enum status st = map(path, &file);

	if (st != ST_OK)
		return st;
	st = mbox_open(file.bytes, &r);
	if (st != ST_OK) {
		say_error("%s: not in mbox format: it doesn't begin with a "
			  "line \"From SENDER DATE\"",
		    path);
		return st;
	}
	ahead = r;
	(void)mbox_next(&ahead, &first); /* it has UIDVALIDITY */
	m.uidvalidity = ahead.uidvalidity;
	m.total = file.bytes.n;
	st = importer_begin(im, &m);
	if (st == ST_OK)
		st = add_messages(im, &r, path);
	if (st == ST_OK)
		st = importer_end(im, r.uidnext);
	return st;
}
