#ifndef LOAD_TEXT_H
#define LOAD_TEXT_H

#include "load/words.h"

/* What a text is written in: most are UTF-8 and the Latin script. */
struct voice {
	const char *charset;
	enum {
		VOICE_LATIN,
		VOICE_LATIN_1, /* ISO 8859-1 */
		VOICE_CYRILLIC,
		VOICE_KOI8,
		VOICE_CP1251,
		VOICE_GREEK,
		VOICE_GREEK_7, /* ISO 8859-7 */
		VOICE_HAN,
		VOICE_JIS /* ISO-2022-JP */
	} script;
};

enum transfer { TRANSFER_8BIT, TRANSFER_QUOTED, TRANSFER_BASE64 };

/* Draws both, as they come together in mail. */
const struct voice *voice_draw(uint64_t *rng, enum transfer *out_transfer);

/* Adds a word as the voice writes it. */
void voice_add(struct buf *out, const struct voice *v, uint32_t rank);

struct text {
	const struct voice *voice;
	const char *planted; /* a word to put in, as it is, or NULL */
	uint64_t rng;        /* the same one makes the same text */
	size_t bytes;        /* about how many */
	bool html;
};

/* Adds sentences in paragraphs, in the voice's charset, with CRLF. */
void text_add(struct buf *out, const struct text *t);

/* The beginning of a text as an answer quotes it. */
void text_add_quoted(struct buf *out, const struct text *t);

/* Adds s as a body part has it; s ends with CRLF and so does the result. */
void transfer_add(struct buf *out, enum transfer how, struct span s);

/* The header field for it, without CRLF. */
const char *transfer_field(enum transfer how);

#endif
