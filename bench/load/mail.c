#include "load/mail.h"

#include "base/clock.h"

#define FIRST_WALL   1577836800 /* 2020-01-01 */
#define MINUTES_EACH 15         /* between two messages */
#define WORDS        1024
#define ANCESTORS    12
#define LINE_WIDTH   72
#define RARE_EVERY   10000

uint64_t
rng_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t
rng_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((rng_next(state) >> 32) * n) >> 32);
}

/* A stream of its own for each thing that is drawn for message n. */
static uint64_t
stream(uint32_t n, uint32_t what)
{
	uint64_t state = (uint64_t)what << 32 | n;

	rng_next(&state);
	return state;
}

enum {
	DRAW_PARENT = 1,
	DRAW_SUBJECT,
	DRAW_PEOPLE,
	DRAW_BODY,
	DRAW_FLAGS,
	DRAW_SIZE,
	DRAW_DATE
};

/* --- Words ---------------------------------------------------------------- */

static struct span
word(uint32_t i)
{
	static const char *const syllables[] = { "ba", "cor", "del", "en", "fa",
		"gor", "hi", "ja", "kel", "lo", "mar", "ne", "or", "pa", "quin",
		"re", "sta", "ti", "ul", "ver", "wa", "xe", "yo", "za", "brin",
		"cla", "dro", "fle", "gri", "pla", "stro", "tri" };
	static struct buf words[WORDS];
	struct buf *w = &words[i % WORDS];
	uint64_t rng = stream(i % WORDS, DRAW_BODY);

	if (w->n == 0)
		for (uint32_t k = 1 + rng_below(&rng, 4); k > 0; k--)
			buf_str(w,
			    syllables[rng_below(&rng, COUNT(syllables))]);
	return buf_span(w);
}

/* Few words are most of a text: the square of a fraction picks low ones. */
static struct span
common_word(uint64_t *rng)
{
	uint64_t r = rng_next(rng);

	return word((uint32_t)(((r & 1023) * ((r >> 10) & 1023)) >> 10));
}

static void
add_words(struct buf *out, uint64_t *rng, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i > 0)
			buf_byte(out, ' ');
		buf_add(out, common_word(rng));
	}
}

/* --- Header --------------------------------------------------------------- */

/* More than half of all mail answers one of the last few hundred. */
static bool
parent_of(uint32_t n, uint32_t *out)
{
	uint64_t rng = stream(n, DRAW_PARENT);

	if (n == 0 || rng_below(&rng, 100) >= 55)
		return false;
	*out = n - 1 - rng_below(&rng, MIN(n, 300U));
	return true;
}

static int64_t
wall_of(uint32_t n)
{
	uint64_t rng = stream(n, DRAW_DATE);

	return FIRST_WALL + (int64_t)n * MINUTES_EACH * 60 +
	       rng_below(&rng, MINUTES_EACH * 120);
}

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static void
add_date(struct buf *out, uint32_t n)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	struct civil c = civil_of(wall_of(n));

	buf_printf(out, "%s, %d %s %d %02d:%02d:%02d +0000", days[c.weekday],
	    c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

void
mail_add_date(struct buf *out, uint32_t n)
{
	struct civil c = civil_of(wall_of(n));

	buf_printf(out, "\"%2d-%s-%d %02d:%02d:%02d +0000\"", c.day,
	    months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

static void
add_person(struct buf *out, uint64_t *rng)
{
	uint32_t who = rng_below(rng, 400);

	if (who % 10 == 0)
		buf_str(out, "=?UTF-8?Q?J=C3=BCrgen_");
	else
		buf_byte(out, '"');
	buf_add(out, word(who));
	if (who % 10 != 0)
		buf_byte(out, ' ');
	else
		buf_byte(out, '_');
	buf_add(out, word(who * 7 + 3));
	buf_str(out, who % 10 == 0 ? "?=" : "\"");
	buf_printf(out, " <%.*s.%u@%.*s.example>", SPAN_ARG(word(who)), who,
	    SPAN_ARG(word(who % 37)));
}

static void
add_id(struct buf *out, uint32_t n)
{
	uint64_t rng = stream(n, DRAW_PEOPLE);

	buf_printf(out, "<%08llx.%u@mail.example>",
	    (unsigned long long)(rng_next(&rng) >> 32), n);
}

/* In-Reply-To, References and Subject of message n. */
static void
add_thread(struct buf *out, uint32_t n)
{
	uint32_t chain[ANCESTORS];
	uint32_t up = 0;
	uint32_t root = n;
	uint64_t rng;

	for (uint32_t at = n; parent_of(at, &at); root = at)
		if (up < ANCESTORS)
			chain[up++] = at;
	if (up > 0) {
		buf_str(out, "In-Reply-To: ");
		add_id(out, chain[0]);
		buf_str(out, "\r\nReferences:");
		for (uint32_t i = up; i > 0; i--) {
			buf_str(out, i == up ? " " : "\r\n ");
			add_id(out, chain[i - 1]);
		}
		buf_str(out, "\r\n");
	}
	rng = stream(root, DRAW_SUBJECT);
	buf_str(out, up > 0 ? "Subject: Re: " : "Subject: ");
	if (rng_below(&rng, 12) == 0)
		buf_str(out, "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?= ");
	add_words(out, &rng, 2 + rng_below(&rng, 6));
	buf_str(out, "\r\n");
}

static void
add_header(struct buf *out, uint32_t n)
{
	uint64_t rng = stream(n, DRAW_PEOPLE);
	uint32_t more = rng_below(&rng, 5);

	buf_printf(out,
	    "Received: from mx%u.example (mx%u.example [192.0.2.%u])\r\n"
	    "\tby mail.example with ESMTPS id %08x;\r\n\t",
	    n % 7, n % 7, n % 250, n);
	add_date(out, n);
	buf_str(out, "\r\nMessage-ID: ");
	add_id(out, n);
	buf_str(out, "\r\nDate: ");
	add_date(out, n);
	buf_str(out, "\r\nFrom: ");
	add_person(out, &rng);
	buf_str(out, "\r\nTo: ");
	add_person(out, &rng);
	for (uint32_t i = 0; i < more; i++) {
		buf_str(out, i == 1 ? "\r\nCc: " : ",\r\n ");
		add_person(out, &rng);
	}
	buf_str(out, "\r\n");
	add_thread(out, n);
	buf_str(out, "User-Agent: newel-load\r\nMIME-Version: 1.0\r\n");
}

/* --- Body ----------------------------------------------------------------- */

static void
add_text(struct buf *out, uint64_t *rng, size_t bytes, const char *line_end)
{
	size_t end = out->n + bytes;
	size_t line = out->n;

	while (out->n < end) {
		buf_add(out, common_word(rng));
		if (out->n - line < LINE_WIDTH) {
			buf_byte(out, ' ');
		} else {
			buf_str(out, line_end);
			line = out->n;
		}
	}
	buf_str(out, "\r\n");
}

static void
add_base64(struct buf *out, uint64_t *rng, size_t bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t lines = bytes / 78 + 1;

	for (size_t i = 0; i < lines; i++) {
		unsigned char *p = buf_room(out, 76);

		for (size_t k = 0; k < 76; k++)
			p[k] = (unsigned char)alphabet[rng_next(rng) & 63];
		buf_added(out, 76);
		buf_str(out, "\r\n");
	}
}

static void
add_part(struct buf *out, const char *type)
{
	buf_printf(out, "--=_part\r\nContent-Type: %s\r\n\r\n", type);
}

static void
add_body(struct buf *out, uint64_t *rng, size_t bytes)
{
	uint32_t kind = rng_below(rng, 100);

	if (kind < 60) {
		buf_str(out, "Content-Type: text/plain; charset=utf-8\r\n\r\n");
		add_text(out, rng, bytes, "\r\n");
	} else if (kind < 85) {
		buf_str(out, "Content-Type: multipart/alternative;"
			     " boundary=\"=_part\"\r\n\r\n");
		add_part(out, "text/plain; charset=utf-8");
		add_text(out, rng, bytes / 3, "\r\n");
		add_part(out, "text/html; charset=utf-8");
		buf_str(out, "<html><body><p>");
		add_text(out, rng, bytes / 2, "</p>\r\n<p>");
		buf_str(out, "</p></body></html>\r\n--=_part--\r\n");
	} else {
		buf_str(out, "Content-Type: multipart/mixed;"
			     " boundary=\"=_part\"\r\n\r\n");
		add_part(out, "text/plain; charset=utf-8");
		add_text(out, rng, bytes / 4, "\r\n");
		add_part(out, "application/pdf; name=\"report.pdf\"\r\n"
			      "Content-Disposition: attachment;"
			      " filename=\"report.pdf\"\r\n"
			      "Content-Transfer-Encoding: base64");
		add_base64(out, rng, bytes / 2);
		buf_str(out, "--=_part--\r\n");
	}
}

static size_t
draw_size(uint32_t n)
{
	static const uint16_t sizes[] = { 400, 700, 1000, 1400, 1900, 2600,
		3500, 5000, 8000, 18000 };
	uint64_t rng = stream(n, DRAW_SIZE);
	uint32_t s = sizes[rng_below(&rng, COUNT(sizes))];

	return s + rng_below(&rng, s / 2);
}

void
mail_add(struct buf *out, uint32_t n, size_t size)
{
	uint64_t rng = stream(n, DRAW_BODY);
	size_t start = out->n;
	size_t header;

	add_header(out, n);
	header = out->n - start;
	if (size == 0)
		size = draw_size(n) + header;
	add_body(out, &rng, size > header + 200 ? size - header : 200);
	if (n % RARE_EVERY == 0)
		buf_printf(out, "quetzalcoatlus %u\r\n", n);
}

void
mail_add_flags(struct buf *out, uint32_t n)
{
	uint64_t rng = stream(n, DRAW_FLAGS);
	uint32_t r = rng_below(&rng, 100);

	buf_byte(out, '(');
	if (r < 80)
		buf_str(out, "\\Seen");
	if (r < 10)
		buf_str(out, " \\Answered");
	if (r % 20 == 0)
		buf_str(out, r < 80 ? " \\Flagged" : "\\Flagged");
	buf_byte(out, ')');
}

void
mail_add_append(struct buf *out, uint32_t n, size_t size)
{
	static struct buf mail;

	buf_reset(&mail);
	mail_add(&mail, n, size);
	buf_byte(out, ' ');
	mail_add_flags(out, n);
	buf_byte(out, ' ');
	mail_add_date(out, n);
	buf_printf(out, " {%zu+}\r\n", mail.n);
	buf_add(out, buf_span(&mail));
}
