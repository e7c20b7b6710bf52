#include "load/mail.h"

#include "base/base64.h"
#include "base/clock.h"
#include "load/thread.h"

#define FIRST_WALL    1577836800 /* 2020-01-01 */
#define MINUTES_EACH  15         /* between two messages */
#define PEOPLE        400
#define RARE_EVERY    10000
#define COMMON_EVERY  100
#define SUBJECT_EVERY 50 /* threads */

bool
mail_has_rare(uint32_t n)
{
	return n % RARE_EVERY == 17;
}

bool
mail_has_common(uint32_t n)
{
	return n % COMMON_EVERY == 3; /* never a rare one */
}

/* --- Threads -------------------------------------------------------------- */

static bool
parent_of(uint32_t n, uint32_t *out)
{
	uint64_t rng = rng_stream(n, DRAW_PARENT);

	if (n == 0 || rng_below(&rng, 100) >= 55)
		return false;
	*out = n - 1 - rng_below(&rng, MIN(n, 300U));
	return true;
}

struct thread
thread_of(uint32_t n)
{
	struct thread t = { .root = n };
	uint64_t rng;

	for (uint32_t at = n; parent_of(at, &at); t.root = at)
		if (t.depth < THREAD_ANCESTORS)
			t.up[t.depth++] = at;
	rng = rng_stream(t.root, DRAW_VOICE);
	t.voice = voice_draw(&rng, &t.transfer);
	return t;
}

static bool
is_planted(uint64_t *rng)
{
	return rng_below(rng, SUBJECT_EVERY) == 0;
}

bool
mail_has_subject(uint32_t n)
{
	struct thread t = thread_of(n);
	uint64_t rng = rng_stream(t.root, DRAW_SUBJECT);

	return is_planted(&rng);
}

/* --- Header --------------------------------------------------------------- */

static int64_t
wall_of(uint32_t n)
{
	uint64_t rng = rng_stream(n, DRAW_DATE);

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

/* Some write more than others: a product of fractions picks low numbers. */
static uint32_t
draw_person(uint64_t *rng)
{
	uint32_t much = rng_below(rng, PEOPLE);

	return much * rng_below(rng, PEOPLE) / PEOPLE;
}

static void
add_domain(struct buf *out, uint32_t who)
{
	struct span name = words_get(110 + who % 37);

	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < 0x80)
			buf_byte(out, name.p[i]);
	BUF_LIT(out, ".example");
}

static void
add_person(struct buf *out, uint32_t who)
{
	if (who % 10 == 0) {
		BUF_LIT(out, "=?UTF-8?Q?J=C3=BCrgen_");
		words_add_capital(out, 301 + who * 20);
		BUF_LIT(out, "?=");
	} else {
		buf_byte(out, '"');
		words_add_capital(out, 151 + who * 20);
		buf_byte(out, ' ');
		words_add_capital(out, 1007 + who * 20);
		buf_byte(out, '"');
	}
	BUF_LIT(out, " <");
	buf_add(out, words_get(151 + who * 20));
	buf_printf(out, ".%u@", who);
	add_domain(out, who);
	buf_byte(out, '>');
}

static void
add_id(struct buf *out, uint32_t n)
{
	uint64_t rng = rng_stream(n, DRAW_NOISE);

	buf_printf(out, "<%016llx.%u@mail.example>",
	    (unsigned long long)rng_next(&rng), n);
}

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 0x80 || s.p[i] == 033)
			return false;
	return true;
}

/* An encoded word (RFC 2047) for each that needs it, its space within. */
static void
add_subject_word(struct buf *out, const struct voice *v, uint32_t rank,
    bool is_first)
{
	static struct buf raw;

	buf_reset(&raw);
	if (!is_first)
		buf_byte(&raw, ' ');
	voice_add(&raw, v, rank);
	if (is_ascii(buf_span(&raw))) {
		buf_add(out, buf_span(&raw));
		return;
	}
	buf_printf(out, "%s=?%s?B?", is_first ? "" : "\r\n ", v->charset);
	base64_encode(out, buf_span(&raw));
	BUF_LIT(out, "?=");
}

static void
add_subject(struct buf *out, const struct thread *t)
{
	uint64_t rng = rng_stream(t->root, DRAW_SUBJECT);
	bool planted = is_planted(&rng);
	uint32_t words = 2 + rng_below(&rng, 6);

	buf_str(out, t->depth > 0 ? "Subject: Re: " : "Subject: ");
	for (uint32_t i = 0; i < words; i++)
		add_subject_word(out, t->voice, words_draw(&rng), i == 0);
	if (planted)
		BUF_LIT(out, " " WORD_SUBJECT);
	BUF_LIT(out, "\r\n");
}

static void
add_references(struct buf *out, const struct thread *t)
{
	if (t->depth == 0)
		return;
	BUF_LIT(out, "In-Reply-To: ");
	add_id(out, t->up[0]);
	BUF_LIT(out, "\r\nReferences:");
	for (uint32_t i = t->depth; i > 0; i--) {
		buf_str(out, i == t->depth ? " " : "\r\n ");
		add_id(out, t->up[i - 1]);
	}
	BUF_LIT(out, "\r\n");
}

static void
add_received(struct buf *out, uint32_t n, uint64_t *rng)
{
	uint32_t host = rng_below(rng, 250);

	buf_printf(out,
	    "Received: from mx%u.example (mx%u.example [192.0.2.%u])\r\n"
	    "\tby mail.example with ESMTPS id %08x;\r\n\t",
	    host, host, host, (unsigned)rng_next(rng));
	add_date(out, n);
	BUF_LIT(out, "\r\n");
}

/* What the servers on the way put in front. */
static void
add_trace(struct buf *out, uint32_t n, uint32_t sender, uint64_t *rng)
{
	BUF_LIT(out, "Return-Path: <bounce@");
	add_domain(out, sender);
	BUF_LIT(out, ">\r\n");
	for (uint32_t i = 1 + rng_below(rng, 2); i > 0; i--)
		add_received(out, n, rng);
	BUF_LIT(out, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;"
		     "\r\n\td=");
	add_domain(out, sender);
	BUF_LIT(out, "; s=mail; h=from:to:subject:date:message-id;\r\n\tbh=");
	noise_add(out, rng, 43);
	BUF_LIT(out, "=;\r\n\tb=");
	for (uint32_t i = 0; i < 5; i++) {
		noise_add(out, rng, 68);
		buf_str(out, i < 4 ? "\r\n\t " : "==\r\n");
	}
}

static void
add_header(struct buf *out, uint32_t n, const struct thread *t, bool small)
{
	uint64_t rng = rng_stream(n, DRAW_PEOPLE);
	uint32_t sender = draw_person(&rng);
	uint32_t more = small ? 0 : rng_below(&rng, 5);

	if (small)
		add_received(out, n, &rng);
	else
		add_trace(out, n, sender, &rng);
	BUF_LIT(out, "Message-ID: ");
	add_id(out, n);
	BUF_LIT(out, "\r\nDate: ");
	add_date(out, n);
	BUF_LIT(out, "\r\nFrom: ");
	add_person(out, sender);
	BUF_LIT(out, "\r\nTo: ");
	add_person(out, draw_person(&rng));
	for (uint32_t i = 0; i < more; i++) {
		buf_str(out, i == 1 ? "\r\nCc: " : ",\r\n ");
		add_person(out, draw_person(&rng));
	}
	BUF_LIT(out, "\r\n");
	add_references(out, t);
	add_subject(out, t);
	if (!small)
		buf_printf(out, "User-Agent: Pigeon/%u.%u\r\n", 60 + n % 9,
		    n % 5);
}

static size_t
draw_size(uint32_t n)
{
	static const uint16_t sizes[] = { 250, 400, 600, 800, 1100, 1500, 2200,
		3400, 7000, 14000 };
	uint64_t rng = rng_stream(n, DRAW_SIZE);
	uint32_t s = sizes[rng_below(&rng, COUNT(sizes))];

	if (rng_below(&rng, 700) == 0)
		s = 200000;
	return s + rng_below(&rng, s / 2);
}

void
mail_add(struct buf *out, uint32_t n, size_t size)
{
	struct thread t = thread_of(n);
	bool small = size > 0 && size < MAIL_SMALL;
	size_t start = out->n;
	size_t header;

	add_header(out, n, &t, small);
	header = out->n - start;
	if (size == 0)
		size = draw_size(n) + header;
	body_add(out, n, &t, size > header ? size - header : 0);
}

void
mail_add_flags(struct buf *out, uint32_t n)
{
	uint64_t rng = rng_stream(n, DRAW_FLAGS);
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
