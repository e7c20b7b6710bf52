#include "engine/match.h"

#include "mime/collate.h"

/* Text is searched so much at a time, or as much as the needle is long. */
#define BLOCK 8192

static bool
is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The length that a character with this first octet has in UTF-8, or 1. */
static size_t
character_length(unsigned char c)
{
	if (c < 0xc2 || c > 0xf4)
		return 1;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* How many octets at the end are a character that goes on behind it. */
static size_t
unfinished(struct span text)
{
	for (size_t k = 1; k <= 3 && k <= text.n; k++) {
		unsigned char c = text.p[text.n - k];

		if (!is_continuation(c))
			return character_length(c) > k ? k : 0;
	}
	return 0;
}

void
match_init(struct match *m, struct span needle)
{
	*m = (struct match){ .needle = needle };
	match_start(m);
}

void
match_clear(struct match *m)
{
	buf_clear(&m->window);
}

void
match_start(struct match *m)
{
	buf_reset(&m->window);
	m->tail_n = 0;
	m->found = m->needle.n == 0;
}

/* Looks at text of whole characters behind what is in the window. */
static void
look(struct match *m, struct span text)
{
	size_t keep = m->needle.n - 1;

	collate_key(&m->window, text);
	m->found = m->window.n > keep && memmem(m->window.p, m->window.n,
					     m->needle.p, m->needle.n) != NULL;
	if (m->window.n > keep)
		buf_drop(&m->window, m->window.n - keep);
}

/* Takes octets of piece until the character in the tail is whole. */
static struct span
finish_tail(struct match *m, struct span piece)
{
	while (m->tail_n > 0 && piece.n > 0 && !m->found) {
		size_t done;

		m->tail[m->tail_n++] = piece.p[0];
		piece = span_from(piece, 1);
		done = m->tail_n - unfinished(span_of(m->tail, m->tail_n));
		if (done == 0)
			continue;
		look(m, span_of(m->tail, done));
		m->tail_n -= done;
		memmove(m->tail, m->tail + done, m->tail_n);
	}
	return piece;
}

bool
match_add(struct match *m, struct span piece)
{
	size_t block = MAX(m->needle.n, (size_t)BLOCK);

	piece = finish_tail(m, piece);
	while (piece.n > 0 && !m->found) {
		struct span text = span_head(piece, block);
		size_t rest = unfinished(text);
		size_t n = text.n - rest;

		look(m, span_head(text, n));
		piece = span_from(piece, n);
		if (piece.n > rest)
			continue;
		memcpy(m->tail, piece.p, rest);
		m->tail_n = rest;
		piece.n = 0;
	}
	return m->found;
}

bool
match_end(struct match *m)
{
	if (!m->found && m->tail_n > 0)
		look(m, span_of(m->tail, m->tail_n));
	m->tail_n = 0;
	return m->found;
}

bool
match_text(struct match *m, struct span text)
{
	match_start(m);
	return match_add(m, text) || match_end(m);
}
