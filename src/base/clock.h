#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/defs.h"

/* Monotonic milliseconds and microseconds, for intervals. */
int64_t clock_now_ms(void);
int64_t clock_now_us(void);

/* Seconds since 1970 by the wall, for what a person or a message reads. */
int64_t clock_wall(void);

/* A moment with the zone that it was written in. */
struct datetime {
	int64_t wall;      /* seconds since 1970, UTC */
	int32_t zone_secs; /* east of UTC */
};

struct civil {
	int year; /* may be any the 64 bits hold */
	int month;
	int day; /* both from 1 */
	int hour;
	int minute;
	int second;
	int weekday; /* 0 is Sunday */
};

/* The proleptic Gregorian calendar, without leap seconds or time zones. */
struct civil civil_of(int64_t wall);
int64_t civil_wall(const struct civil *c); /* weekday is ignored */

/* The number of days since 1970-01-01. */
int64_t civil_days(int year, int month, int day);

#endif
