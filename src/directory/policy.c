#include "directory/policy.h"

#include <zxcvbn.h>

#include "base/limits.h"
#include "directory/name.h"

/* The guesses that zxcvbn's scores 1 to 4 begin with, in bits. */
static const double score_bits[] = { 9.97, 19.93, 26.58, 33.22 };

/* zxcvbn looks at the first bytes only; more would cost it seconds. */
#define LOOKED_AT 100

static unsigned
score_of(double bits)
{
	unsigned score = 0;

	while (score < COUNT(score_bits) && bits >= score_bits[score])
		score++;
	return score;
}

static uint64_t
characters(struct span s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80; /* not a later byte of UTF-8 */
	return n;
}

/* As SASL's mechanisms send it; PLAIN and SCRAM prepare it first. */
static bool
can_be_sent(struct span password)
{
	char prepared[LIMIT_PASSWORD_PREPARED + 1];
	size_t n = 0;
	enum status st = name_prepare_password(password, prepared, &n);

	explicit_bzero(prepared, n);
	return st == ST_OK;
}

static const char *
weakness(ZxcTypeMatch_t type)
{
	if (((unsigned)type & MULTIPLE_MATCH) != 0)
		return "a repetition";
	switch ((unsigned)type) {
	case DICTIONARY_MATCH:
		return "a word or name that is tried first";
	case DICT_LEET_MATCH:
		return "a common word with letters swapped for signs";
	case USER_MATCH:
	case USER_LEET_MATCH:
		return "the account's own name";
	case REPEATS_MATCH:
		return "a repetition";
	case SEQUENCE_MATCH:
		return "a sequence like abc or 6543";
	case SPATIAL_MATCH:
		return "a row of keys";
	case DATE_MATCH:
	case YEAR_MATCH:
		return "a date";
	default:
		return NULL;
	}
}

/* What the longest part that zxcvbn recognised is, or NULL. */
static const char *
main_weakness(const ZxcMatch_t *parts)
{
	const char *found = NULL;
	int length = 0;

	for (; parts != NULL; parts = parts->Next) {
		const char *w = weakness(parts->Type);

		if (w != NULL && parts->Length > length) {
			found = w;
			length = parts->Length;
		}
	}
	return found;
}

/* What is worth little in a password for this account. */
static void
name_words(const char *name, const char *domain, const char *words[])
{
	size_t n = 0;

	if (name[0] != '\0')
		words[n++] = name;
	if (domain[0] != '\0')
		words[n++] = domain;
	words[n++] = "newel";
	words[n++] = "imap";
	words[n] = NULL;
}

static enum status
check_strength(const struct policy *p, struct span name, struct span password,
    struct buf *why)
{
	char text[LOOKED_AT + 1] = "", user[LIMIT_USER_NAME + 1] = "";
	char domain[LIMIT_USER_NAME + 1] = "";
	size_t at = span_find(name, '@');
	const char *words[5], *w;
	ZxcMatch_t *parts = NULL;
	unsigned score;

	(void)span_copy(text, LOOKED_AT, password);
	(void)span_copy(user, LIMIT_USER_NAME, span_head(name, at));
	(void)span_copy(domain, LIMIT_USER_NAME, span_from(name, at + 1));
	name_words(user, domain, words);

	score = score_of(ZxcvbnMatch(text, words, &parts));
	w = main_weakness(parts);
	ZxcvbnFreeInfo(parts);
	explicit_bzero(text, sizeof(text));
	if (score >= p->strength)
		return ST_OK;
	buf_printf(why,
	    "too easy to guess (strength %u of 4, at least %u is asked for)",
	    score, (unsigned)p->strength);
	if (w != NULL)
		buf_printf(why, ": it is mostly %s", w);
	BUF_LIT(why, "; take three or four words that don't belong together");
	return ST_DENIED;
}

enum status
policy_check(const struct policy *p, struct span name, struct span password,
    struct buf *why)
{
	if (password.n > LIMIT_PASSWORD) {
		buf_printf(why, "longer than %d bytes", LIMIT_PASSWORD);
		return ST_DENIED;
	}
	if (password.n > 0 && !can_be_sent(password)) {
		BUF_LIT(why, "has control characters, or isn't UTF-8");
		return ST_DENIED;
	}
	if (characters(password) < p->length) {
		buf_printf(why, "shorter than %u characters",
		    (unsigned)p->length);
		return ST_DENIED;
	}
	return check_strength(p, name, password, why);
}
