#include "cli/mbox_file.h"

#include <inttypes.h>

#include "imap/flag.h"

void
mbox_message_clear(struct mbox_message *m)
{
	buf_clear(&m->keywords);
	buf_clear(&m->text);
}

/* A line with its end. */
static struct span
line_at(struct span s)
{
	return span_head(s, span_find(s, '\n') + 1);
}

static struct span
without_end(struct span line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* Takes the last word off. */
static struct span
last_word(struct span *s)
{
	size_t n;
	struct span word;

	*s = span_trim(*s);
	n = s->n;
	while (n > 0 && s->p[n - 1] != ' ')
		n--;
	word = span_from(*s, n);
	s->n = n;
	return word;
}

static bool
number(struct span s, uint64_t max, int *out)
{
	uint64_t v;

	if (!span_u64(s, max, &v))
		return false;
	*out = (int)v;
	return true;
}

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };

static bool
name_of(struct span s, const char (*names)[4], size_t n, int *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!span_eq_nocase(s, span_str(names[i])))
			continue;
		*out = (int)i;
		return true;
	}
	return false;
}

/* "17:01" or "17:01:02". */
static bool
time_of_day(struct span s, struct civil *c)
{
	size_t colon = span_find(s, ':');
	struct span rest = span_from(s, colon + 1);
	size_t second = span_find(rest, ':');

	c->second = 0;
	return number(span_head(s, colon), 23, &c->hour) &&
	       number(span_head(rest, second), 59, &c->minute) &&
	       (second == rest.n ||
		   number(span_from(rest, second + 1), 60, &c->second));
}

/* "+0130" */
static bool
zone(struct span s, int32_t *out)
{
	uint64_t v;

	if (s.n != 5 || (s.p[0] != '+' && s.p[0] != '-') ||
	    !span_u64(span_from(s, 1), 1459, &v) || v % 100 > 59)
		return false;
	*out = (int32_t)(v / 100 * 3600 + v % 100 * 60);
	if (s.p[0] == '-')
		*out = -*out;
	return true;
}

/* From the end: [zone] year [zone] time day month weekday. */
static bool
date_at_end(struct span *line, struct datetime *out)
{
	struct civil c = { 0 };
	struct span word = last_word(line);
	int weekday;

	*out = (struct datetime){ 0 };
	if (zone(word, &out->zone_secs))
		word = last_word(line);
	if (word.n != 4 || !number(word, 9999, &c.year))
		return false;
	word = last_word(line);
	if (zone(word, &out->zone_secs) ||
	    (span_find(word, ':') == word.n && word.n >= 3 && word.n <= 5))
		word = last_word(line);
	if (!time_of_day(word, &c) || !number(last_word(line), 31, &c.day) ||
	    c.day == 0 || !name_of(last_word(line), months, 12, &c.month) ||
	    !name_of(last_word(line), days, 7, &weekday))
		return false;
	c.month++;
	out->wall = civil_wall(&c) - out->zone_secs;
	return true;
}

bool
mbox_from_line(struct span line, struct datetime *out)
{
	line = without_end(line);
	if (!span_starts(line, SPAN("From ")))
		return false;
	line = span_from(line, 5);
	return date_at_end(&line, out);
}

/* Where the message ends that begins at `at`, the empty line behind it too. */
static size_t
end_of(struct span file, size_t at)
{
	bool empty = false;
	struct datetime date;

	at += line_at(span_from(file, at)).n;
	while (at < file.n) {
		struct span line = line_at(span_from(file, at));

		if (empty && mbox_from_line(line, &date))
			return at;
		empty = without_end(line).n == 0;
		at += line.n;
	}
	return file.n;
}

static const struct {
	unsigned char letter;
	unsigned flag;
} letters[] = {
	{ 'R', FLAG_SEEN },
	{ 'A', FLAG_ANSWERED },
	{ 'F', FLAG_FLAGGED },
	{ 'D', FLAG_DELETED },
	{ 'T', FLAG_DRAFT },
};

static void
take_letters(struct span value, struct mbox_message *m)
{
	for (size_t i = 0; i < value.n; i++)
		for (size_t j = 0; j < COUNT(letters); j++)
			if (letters[j].letter == value.p[i])
				m->flags |= letters[j].flag;
}

static struct span
first_word(struct span *s)
{
	size_t n;
	struct span word;

	*s = span_trim(*s);
	n = span_find(*s, ' ');
	word = span_head(*s, n);
	*s = span_from(*s, n);
	return word;
}

static void
take_keywords(struct span value, struct mbox_message *m)
{
	struct span word;

	while ((word = first_word(&value)).n > 0)
		if (flag_is_keyword(word))
			pack_span(&m->keywords, word);
}

static uint32_t
uid_of(struct span s)
{
	uint64_t v;

	return span_u64(s, UINT32_MAX - 1, &v) ? (uint32_t)v : 0;
}

enum field { FIELD_OTHER, FIELD_OURS, FIELD_PSEUDO };

/* Takes what the fields of a mailbox say. */
static enum field
take_field(struct span line, struct mbox_reader *r, struct mbox_message *m)
{
	size_t n = span_find(line, ':');
	struct span name = span_head(line, n);
	struct span value = span_trim(without_end(span_from(line, n + 1)));
	bool pseudo = span_eq_nocase(name, SPAN("X-IMAP"));

	if (span_eq_nocase(name, SPAN("Status")) ||
	    span_eq_nocase(name, SPAN("X-Status"))) {
		take_letters(value, m);
	} else if (span_eq_nocase(name, SPAN("X-Keywords"))) {
		take_keywords(value, m);
	} else if (span_eq_nocase(name, SPAN("X-UID"))) {
		m->uid = uid_of(value);
	} else if (pseudo || span_eq_nocase(name, SPAN("X-IMAPbase"))) {
		r->uidvalidity = uid_of(first_word(&value));
		r->uidnext = uid_of(first_word(&value)) + 1;
		return pseudo ? FIELD_PSEUDO : FIELD_OURS;
	} else {
		return FIELD_OTHER;
	}
	return FIELD_OURS;
}

/* The header, up to its empty line; false for what mail programs put first
 * to remember something. */
static bool
take_header(struct span *rest, struct mbox_reader *r, struct mbox_message *m)
{
	bool real = true;
	bool ours = false;

	while (rest->n > 0) {
		struct span line = line_at(*rest);

		if (without_end(line).n == 0)
			break;
		if (line.p[0] != ' ' && line.p[0] != '\t') {
			enum field f = take_field(line, r, m);

			ours = f != FIELD_OTHER;
			real = real && f != FIELD_PSEUDO;
		}
		if (!ours)
			buf_add(&m->text, line);
		*rest = span_from(*rest, line.n);
	}
	return real;
}

/* ">>From " loses a ">". */
static bool
is_quoted(struct span line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '>')
		n++;
	return n > 0 && span_starts(span_from(line, n), SPAN("From "));
}

static void
take_text(struct span rest, struct mbox_message *m)
{
	while (rest.n > 0) {
		struct span line = line_at(rest);

		buf_add(&m->text, span_from(line, is_quoted(line)));
		rest = span_from(rest, line.n);
	}
}

/* Without the empty line that stands before the next message. */
static struct span
trim_end(struct span s)
{
	if (s.n >= 2 && s.p[s.n - 1] == '\n' && s.p[s.n - 2] == '\n')
		s.n--;
	else if (s.n >= 3 && span_eq(span_from(s, s.n - 3), SPAN("\n\r\n")))
		s.n -= 2;
	return s;
}

enum status
mbox_open(struct span file, struct mbox_reader *out)
{
	struct datetime date;
	size_t at = 0;

	while (at < file.n && without_end(line_at(span_from(file, at))).n == 0)
		at += line_at(span_from(file, at)).n;
	if (at < file.n && !mbox_from_line(line_at(span_from(file, at)), &date))
		return ST_BAD;
	*out = (struct mbox_reader){ .file = file, .at = at };
	return ST_OK;
}

bool
mbox_next(struct mbox_reader *r, struct mbox_message *m)
{
	while (r->at < r->file.n) {
		size_t end = end_of(r->file, r->at);
		struct span rest;

		buf_reset(&m->keywords);
		buf_reset(&m->text);
		m->flags = 0;
		m->uid = 0;
		m->raw = trim_end(span_of(r->file.p + r->at, end - r->at));
		r->at = end;
		(void)mbox_from_line(line_at(m->raw), &m->date);
		rest = span_from(m->raw, line_at(m->raw).n);
		if (!take_header(&rest, r, m))
			continue;
		take_text(rest, m);
		return true;
	}
	return false;
}

static void
write_flags(struct buf *out, const struct mbox_facts *f)
{
	struct span keywords = f->keywords;
	struct unpack u = unpack_over(keywords);

	buf_printf(out, "Status: %sO\n",
	    (f->flags & FLAG_SEEN) != 0 ? "R" : "");
	if ((f->flags & FLAGS_SYSTEM & ~FLAG_SEEN) != 0) {
		BUF_LIT(out, "X-Status: ");
		for (size_t i = 1; i < COUNT(letters); i++)
			if ((f->flags & letters[i].flag) != 0)
				buf_byte(out, letters[i].letter);
		buf_byte(out, '\n');
	}
	if (keywords.n > 0) {
		BUF_LIT(out, "X-Keywords:");
		while (u.rest.n > 0) {
			buf_byte(out, ' ');
			buf_add(out, unpack_span(&u));
		}
		buf_byte(out, '\n');
	}
}

/* The sender must be one word. */
static void
write_from(struct buf *out, const struct mbox_facts *f)
{
	struct civil c = civil_of(f->date.wall);
	struct span sender = f->sender;

	for (size_t i = 0; i < sender.n; i++)
		if (sender.p[i] <= 0x20 || sender.p[i] == 0x7f)
			sender.n = 0;
	if (sender.n == 0)
		sender = SPAN("MAILER-DAEMON");
	buf_printf(out, "From %.*s %s %s %2d %02d:%02d:%02d %04d\n",
	    SPAN_ARG(sender), days[c.weekday], months[c.month - 1], c.day,
	    c.hour, c.minute, c.second, c.year);
}

void
mbox_write(struct buf *out, const struct mbox_facts *f, struct span text)
{
	bool header = true;

	write_from(out, f);
	if (f->uidvalidity != 0)
		buf_printf(out, "X-IMAPbase: %010" PRIu32 " %010" PRIu32 "\n",
		    f->uidvalidity, f->uidnext - 1);
	buf_printf(out, "X-UID: %" PRIu32 "\n", f->uid);
	write_flags(out, f);
	while (text.n > 0) {
		struct span line = line_at(text);

		header = header && without_end(line).n > 0;
		if (!header &&
		    (is_quoted(line) || span_starts(line, SPAN("From "))))
			buf_byte(out, '>');
		buf_add(out, line);
		text = span_from(text, line.n);
	}
	if (out->p[out->n - 1] != '\n')
		buf_byte(out, '\n');
	buf_byte(out, '\n');
}
