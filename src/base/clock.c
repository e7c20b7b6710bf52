#include "base/clock.h"

#include <time.h>

#define DAY_SECS  86400
#define ERA_DAYS  146097 /* 400 years */
#define EPOCH_ERA 719468 /* days from 0000-03-01 to 1970-01-01 */

int64_t
clock_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_wall(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/*
 * Years are counted from March, so that the leap day is the last of its
 * year; eras are the 400 years after which the calendar repeats.
 */
int64_t
civil_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t in_era = y - era * 400;
	int64_t in_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 +
	       in_year - EPOCH_ERA;
}

int64_t
civil_wall(const struct civil *c)
{
	return civil_days(c->year, c->month, c->day) * DAY_SECS +
	       c->hour * INT64_C(3600) + c->minute * INT64_C(60) + c->second;
}

struct civil
civil_of(int64_t wall)
{
	int64_t days = floor_div(wall, DAY_SECS);
	int64_t secs = wall - days * DAY_SECS;
	int64_t shifted = days + EPOCH_ERA;
	int64_t era = floor_div(shifted, ERA_DAYS);
	int64_t in_era = shifted - era * ERA_DAYS;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 -
			   in_era / (ERA_DAYS - 1)) /
	               365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t march = (5 * in_year + 2) / 153;

	return (struct civil){
		.year = (int)(year + era * 400 + (march >= 10 ? 1 : 0)),
		.month = (int)(march < 10 ? march + 3 : march - 9),
		.day = (int)(in_year - (153 * march + 2) / 5 + 1),
		.hour = (int)(secs / 3600),
		.minute = (int)(secs / 60 % 60),
		.second = (int)(secs % 60),
		.weekday = (int)(((days % 7) + 11) % 7),
	};
}
