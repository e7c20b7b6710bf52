#include "cli/maildir.h"

#include <stdlib.h>

#include "imap/flag.h"
#include "imap/mailbox_name.h"
#include "imap/mutf7.h"

/* A dot within a level. */
static const struct span dot = SPAN_INIT("&AC4-");

/* The offset of a dot as it is written, or s.n. */
static size_t
find_dot(struct span s)
{
	for (size_t i = 0; i + dot.n <= s.n; i++)
		if (span_starts(span_from(s, i), dot))
			return i;
	return s.n;
}

/* One level; other programs write some in UTF-8. */
static bool
decode_level(struct span level, struct buf *out)
{
	if (level.n == 0)
		return false;
	for (;;) {
		size_t n = find_dot(level);
		struct span piece = span_head(level, n);

		if (memchr(piece.p, '/', piece.n) != NULL)
			return false;
		if (!mutf7_to_utf8(piece, out)) {
			if (!utf8_valid(piece))
				return false;
			buf_add(out, piece);
		}
		if (n == level.n)
			return true;
		buf_byte(out, '.');
		level = span_from(level, n + dot.n);
	}
}

/* Levels with a separator between them as a mailbox. */
static bool
decode(struct span levels, unsigned char separator, struct arena *a,
    struct span *out)
{
	CLEANUP(buf_clear) struct buf b = { 0 };

	for (;;) {
		size_t n = span_find(levels, separator);

		if (!decode_level(span_head(levels, n), &b))
			return false;
		if (n == levels.n)
			break;
		buf_byte(&b, MAILBOX_DELIMITER);
		levels = span_from(levels, n + 1);
	}
	return mailbox_name_decode(buf_span(&b), true, a, out);
}

bool
maildir_folder_name(struct span folder, struct arena *a, struct span *out)
{
	return folder.n > 1 && folder.p[0] == '.' &&
	       decode(span_from(folder, 1), '.', a, out);
}

/* Names in the store are valid UTF-8; one that isn't stays as it is. */
static void
encode(struct span level, struct buf *out)
{
	for (;;) {
		size_t n = span_find(level, '.');

		if (!utf8_to_mutf7(span_head(level, n), out))
			buf_add(out, span_head(level, n));
		if (n == level.n)
			return;
		buf_add(out, dot);
		level = span_from(level, n + 1);
	}
}

void
maildir_folder_of(struct span mailbox, struct buf *out)
{
	for (;;) {
		size_t n = span_find(mailbox, MAILBOX_DELIMITER);

		buf_byte(out, '.');
		encode(span_head(mailbox, n), out);
		if (n == mailbox.n)
			return;
		mailbox = span_from(mailbox, n + 1);
	}
}

static const struct {
	unsigned char letter;
	unsigned flag;
} letters[] = {
	/* in the order in which they are to be written */
	{ 'D', FLAG_DRAFT },
	{ 'F', FLAG_FLAGGED },
	{ 'P', 0 },
	{ 'R', FLAG_ANSWERED },
	{ 'S', FLAG_SEEN },
	{ 'T', FLAG_DELETED },
};

static void
take_letter(unsigned char c, struct maildir_file *f)
{
	if (c >= 'a' && c <= 'z')
		f->keywords |= (uint32_t)1 << (c - 'a');
	f->passed = f->passed || c == 'P';
	for (size_t i = 0; i < COUNT(letters); i++)
		if (letters[i].letter == c)
			f->flags |= letters[i].flag;
}

bool
maildir_file_parse(struct span name, struct maildir_file *out)
{
	size_t n = span_find(name, ':');
	struct span info = span_from(name, n);

	*out = (struct maildir_file){ .base = span_head(name, n) };
	if (n == 0 || name.p[0] == '.')
		return false;
	if (!span_starts(info, SPAN(":2,")))
		return true;
	for (size_t i = 3; i < info.n && info.p[i] != ','; i++)
		take_letter(info.p[i], out);
	return true;
}

void
maildir_file_info(const struct maildir_file *f, struct buf *out)
{
	BUF_LIT(out, ":2,");
	for (size_t i = 0; i < COUNT(letters); i++)
		if ((f->flags & letters[i].flag) != 0 ||
		    (letters[i].flag == 0 && f->passed))
			buf_byte(out, letters[i].letter);
	for (unsigned i = 0; i < MAILDIR_LETTERS; i++)
		if ((f->keywords >> i & 1) != 0)
			buf_byte(out, (unsigned char)('a' + i));
}

/* Takes a line off the text, without its end. */
static struct span
take_line(struct span *text)
{
	size_t n = span_find(*text, '\n');
	struct span line = span_head(*text, n);

	*text = span_from(*text, n + 1);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static struct span
take_word(struct span *line)
{
	size_t n = span_find(*line, ' ');
	struct span word = span_head(*line, n);

	*line = span_from(*line, n + 1);
	return word;
}

static uint32_t
number(struct span s)
{
	uint64_t v;

	return span_u64(s, UINT32_MAX, &v) ? (uint32_t)v : 0;
}

/* "1 VALIDITY NEXT" or "3 Vvalidity Nnext Gguid". */
static bool
read_head(struct span line, struct maildir_uids *out)
{
	struct span version = take_word(&line);

	if (span_eq(version, SPAN("1"))) {
		out->uidvalidity = number(take_word(&line));
		out->uidnext = number(take_word(&line));
		return true;
	}
	while (line.n > 0) {
		struct span word = take_word(&line);

		if (word.n > 0 && word.p[0] == 'V')
			out->uidvalidity = number(span_from(word, 1));
		if (word.n > 0 && word.p[0] == 'N')
			out->uidnext = number(span_from(word, 1));
	}
	return span_eq(version, SPAN("3"));
}

/* "UID name" or "UID fields :name", and the name may have its flags. */
static bool
read_uid(struct span line, struct maildir_uid *out)
{
	out->uid = number(take_word(&line));
	while (line.n > 0 && line.p[0] != ':' && span_find(line, ' ') < line.n)
		(void)take_word(&line);
	if (line.n > 0 && line.p[0] == ':')
		line = span_from(line, 1);
	out->base = span_head(line, span_find(line, ':'));
	return out->uid > 0 && out->uid < UINT32_MAX && out->base.n > 0;
}

static int
by_base(const void *a, const void *b)
{
	return span_cmp(((const struct maildir_uid *)a)->base,
	    ((const struct maildir_uid *)b)->base);
}

static size_t
count_lines(struct span text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

void
maildir_uids_read(struct span text, struct arena *a, struct maildir_uids *out)
{
	*out = (struct maildir_uids){ 0 };
	if (!read_head(take_line(&text), out)) {
		*out = (struct maildir_uids){ 0 };
		return;
	}
	out->item = ARENA_ARRAY(a, count_lines(text), struct maildir_uid);
	while (text.n > 0)
		out->n += read_uid(take_line(&text), &out->item[out->n]);
	qsort(out->item, out->n, sizeof(*out->item), by_base);
}

uint32_t
maildir_uid(const struct maildir_uids *u, struct span base)
{
	const struct maildir_uid key = { .base = base };
	const struct maildir_uid *found;

	if (u->n == 0)
		return 0;
	found = bsearch(&key, u->item, u->n, sizeof(key), by_base);
	return found != NULL ? found->uid : 0;
}

void
maildir_keywords_read(struct span text, struct span out[MAILDIR_LETTERS])
{
	memset(out, 0, MAILDIR_LETTERS * sizeof(out[0]));
	while (text.n > 0) {
		struct span line = take_line(&text);
		uint64_t i;

		if (span_u64(take_word(&line), MAILDIR_LETTERS - 1, &i) &&
		    flag_is_keyword(line))
			out[i] = line;
	}
}

struct maildir_subscriptions
maildir_subscriptions(struct span text)
{
	struct maildir_subscriptions s = { text, false };

	s.tabs = span_eq(take_line(&text), SPAN("V\t2"));
	if (s.tabs)
		s.rest = text;
	return s;
}

bool
maildir_subscription(struct maildir_subscriptions *s, struct arena *a,
    struct span *out)
{
	while (s->rest.n > 0) {
		struct span line = take_line(&s->rest);
		unsigned char separator = '.';

		if (s->tabs)
			separator = '\t';
		else if (span_find(line, '/') < line.n)
			separator = '/';
		if (decode(line, separator, a, out))
			return true;
	}
	return false;
}

unsigned
maildir_use(struct span mailbox)
{
	static const struct {
		const char *name;
		unsigned use;
	} known[] = {
		{ "Archive", USE_ARCHIVE },
		{ "Archives", USE_ARCHIVE },
		{ "Deleted Items", USE_TRASH },
		{ "Deleted Messages", USE_TRASH },
		{ "Drafts", USE_DRAFTS },
		{ "Junk", USE_JUNK },
		{ "Junk E-mail", USE_JUNK },
		{ "Sent", USE_SENT },
		{ "Sent Items", USE_SENT },
		{ "Sent Messages", USE_SENT },
		{ "Spam", USE_JUNK },
		{ "Trash", USE_TRASH },
	};

	if (span_starts(mailbox, SPAN("INBOX/")))
		mailbox = span_from(mailbox, 6);
	for (size_t i = 0; i < COUNT(known); i++)
		if (span_eq_nocase(mailbox, span_str(known[i].name)))
			return known[i].use;
	return 0;
}
