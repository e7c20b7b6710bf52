#include "mime/subject.h"

#include "base/limits.h"
#include "mime/charset.h"

/* A subject on its way to its base. */
struct subject {
	struct span s;
	bool is_reply;
};

static size_t
blanks(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

/* subj-blob: "[" *BLOBCHAR "]" *WSP.  0 if s doesn't begin with one. */
static size_t
blob(struct span s)
{
	size_t n = 1;

	if (s.n == 0 || s.p[0] != '[')
		return 0;
	while (n < s.n && s.p[n] != '[' && s.p[n] != ']')
		n++;
	if (n == s.n || s.p[n] == '[')
		return 0;
	n++;
	return n + blanks(span_from(s, n));
}

/* subj-refwd: ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" */
static size_t
refwd(struct span s)
{
	size_t n;

	if (span_starts_nocase(s, SPAN("fwd")))
		n = 3;
	else if (span_starts_nocase(s, SPAN("re")) ||
		 span_starts_nocase(s, SPAN("fw")))
		n = 2;
	else
		return 0;
	n += blanks(span_from(s, n));
	n += blob(span_from(s, n));
	return n < s.n && s.p[n] == ':' ? n + 1 : 0;
}

/* subj-leader without its WSP: *subj-blob subj-refwd */
static size_t
leader(struct span s)
{
	size_t n = 0;
	size_t one;

	while ((one = blob(span_from(s, n))) > 0)
		n += one;
	one = refwd(span_from(s, n));
	return one > 0 ? n + one : 0;
}

/* Step 2. */
static void
strip_trailers(struct subject *sj)
{
	static const struct span fwd = SPAN_INIT("(fwd)");
	struct span end;

	for (;;) {
		while (sj->s.n > 0 && sj->s.p[sj->s.n - 1] == ' ')
			sj->s.n--;
		end = span_from(sj->s, MAX(sj->s.n, fwd.n) - fwd.n);
		if (!span_eq_nocase(end, fwd))
			return;
		sj->s.n -= fwd.n;
		sj->is_reply = true;
	}
}

/* Steps 3 to 5. */
static void
strip_leaders(struct subject *sj)
{
	size_t n;

	for (;;) {
		sj->s = span_from(sj->s, blanks(sj->s));
		n = leader(sj->s);
		if (n > 0) {
			sj->is_reply = true;
		} else {
			n = blob(sj->s);
			if (n == 0 || n == sj->s.n)
				return; /* the last blob is the base */
		}
		sj->s = span_from(sj->s, n);
	}
}

/* Step 6. */
static bool
unwrap(struct subject *sj)
{
	static const struct span header = SPAN_INIT("[fwd:");

	if (!span_starts_nocase(sj->s, header) || sj->s.p[sj->s.n - 1] != ']')
		return false;
	sj->s = span_of(sj->s.p + header.n, sj->s.n - header.n - 1);
	sj->is_reply = true;
	return true;
}

/* Step 1, for what is decoded already: blanks become one space. */
static void
collapse(struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->n; i++)
		if (text->p[i] != ' ' || (n > 0 && text->p[n - 1] != ' '))
			text->p[n++] = text->p[i];
	text->n = n;
}

struct span
base_subject(struct arena *a, struct span value, bool *is_reply)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct subject sj = { 0 };

	mime_header_text(span_head(value, LIMIT_SORT_TEXT), &text);
	collapse(&text);
	sj.s = buf_span(&text);
	do {
		strip_trailers(&sj);
		strip_leaders(&sj);
	} while (unwrap(&sj));

	*is_reply = sj.is_reply;
	return arena_dup(a, utf8_head(sj.s, LIMIT_SORT_KEY));
}
