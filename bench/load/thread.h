#ifndef LOAD_THREAD_H
#define LOAD_THREAD_H

#include "load/text.h"

/*
 * What the made-up messages have to do with each other: more than half of all
 * answer one of the last few hundred.
 */
#define THREAD_ANCESTORS 12 /* named in References */

struct thread {
	uint32_t up[THREAD_ANCESTORS]; /* the parent first */
	uint32_t depth;                /* of them, 0 in a new thread */
	uint32_t root;
	const struct voice *voice;
	enum transfer transfer;
};

struct thread thread_of(uint32_t n);

/* The streams of numbers that a message is drawn from. */
enum draw {
	DRAW_PARENT = 1,
	DRAW_VOICE,
	DRAW_SUBJECT,
	DRAW_PEOPLE,
	DRAW_BODY,
	DRAW_KIND,
	DRAW_FLAGS,
	DRAW_SIZE,
	DRAW_DATE,
	DRAW_NOISE
};

/* n characters of base64 that mean nothing. */
void noise_add(struct buf *out, uint64_t *rng, size_t n);

/*
 * Adds the MIME fields and the body of message n, of about so many bytes,
 * which include the encoding of its parts.
 */
void body_add(struct buf *out, uint32_t n, const struct thread *t,
    size_t bytes);

#endif
