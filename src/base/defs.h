#ifndef BASE_DEFS_H
#define BASE_DEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, v) __attribute__((format(printf, f, v), nonnull(f)))
#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define NORETURN     __attribute__((noreturn))

#undef MIN /* of <sys/param.h>, which some libraries drag in */
#undef MAX
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Moves a pointer out of a CLEANUP variable, leaving NULL behind. */
#define TAKE(p) \
	__extension__({ \
		__typeof__(p) taken_ = (p); \
		(p) = NULL; \
		taken_; \
	})

#endif
