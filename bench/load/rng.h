#ifndef LOAD_RNG_H
#define LOAD_RNG_H

#include "base/defs.h"

/* A small generator of numbers (splitmix64): the same on every machine. */
static inline uint64_t
rng_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 to n - 1. */
static inline uint32_t
rng_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((rng_next(state) >> 32) * n) >> 32);
}

/* A stream of its own for each thing that is drawn for message n. */
static inline uint64_t
rng_stream(uint32_t n, uint32_t what)
{
	uint64_t state = (uint64_t)what << 32 | n;

	rng_next(&state);
	return state;
}

#endif
